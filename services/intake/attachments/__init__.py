"""Files beside a referral: told by their content, scanned, kept encrypted, never read by rules."""
