"""Who else a referral may be about: people looked up, matches, and the family's story."""
