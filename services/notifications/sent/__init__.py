"""What was sent about some referrals, for copies of what is held."""
