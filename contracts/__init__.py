"""What services say to each other and to partners: events, the referral form, code sets."""
