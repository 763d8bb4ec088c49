"""A scripted model: the APIs of three providers on loopback, with a script where the model would be."""
