"""News for partners: an organisation's list of what changed, and who is called about it."""
