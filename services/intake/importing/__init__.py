"""Files of referrals: notifications by the thousand, and what an earlier system held."""
