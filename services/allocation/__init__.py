"""Allocation: who takes a referral on, and by when."""
