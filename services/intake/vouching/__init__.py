"""Tokens of a partner's own identity provider, changed for ours (record 53)."""
