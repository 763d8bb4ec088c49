"""A tester drives an agent through rounds, until something comes out or nothing more is thought of."""
