"""A witness: remembers the last checkpoint of each log it knows, and cosigns a later one only if it extends that."""
