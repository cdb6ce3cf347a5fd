"""One incident that two agencies tell of: two referrals, linked, each answered by itself."""
