"""Subject access: what is held about a person, put together, considered and released by two people."""
