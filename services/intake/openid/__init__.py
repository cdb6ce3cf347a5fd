"""Signing in at the council's own OpenID Connect provider (record 49)."""
