"""The doors through which an agent's traffic comes: sockets on one side, a run's gate on the other."""
