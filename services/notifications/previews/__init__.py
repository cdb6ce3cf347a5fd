"""The email that would tell a referrer of what nobody has recorded yet."""
