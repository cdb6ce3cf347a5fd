"""The link by which somebody comes back to a web form, by email where they ask for it (record 48)."""
