"""Connections to hosts that others name: partners, and their providers."""
