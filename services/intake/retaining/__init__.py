"""How long referrals are kept, what holds them, and destroying them by two people."""
