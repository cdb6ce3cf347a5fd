"""Who may see a referral: set with a reason, and opened with a reason."""
