"""What agencies are asked to do for a family, and what they say to it."""
