"""Asking workers of a team to take its work: by rule, or by hand, until somebody does."""
