"""What an organisation's safeguarding leads read each week of its referrals: states, no names."""
