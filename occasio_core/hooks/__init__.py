"""The door of agents that ask a program before and after each step: their hooks."""
