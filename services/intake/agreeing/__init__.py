"""What a family says of help, and of having been told, after a referral was sent."""
