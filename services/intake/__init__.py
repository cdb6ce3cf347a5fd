"""Intake: receives referrals. Owns every name and narrative, and who may post."""
