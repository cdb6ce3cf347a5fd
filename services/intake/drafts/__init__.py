"""Referrals that are begun and not sent yet: saved, come back to, handed over, forgotten in time."""
