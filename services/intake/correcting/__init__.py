"""Correcting who somebody is, or where they live: what a form says wrongly."""
