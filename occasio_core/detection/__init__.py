"""Watching a log: what the rows of one run give away beside those of the others."""
