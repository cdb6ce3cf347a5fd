"""Referrals that go to another authority of the installation."""
