"""Triage: rates referrals, and records what people decide."""
