"""Asking a person about a call: what she is asked, where she finds it, and what her answer is worth."""
