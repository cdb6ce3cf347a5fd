"""Calling partners' systems back: who wants to be called about what, and what became of each call."""
