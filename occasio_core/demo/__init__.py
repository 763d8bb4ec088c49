"""A governed run that anybody can watch: a scripted agent and a scripted model around the real gate, log and seal."""
