"""The scenarios, by what they attack."""
