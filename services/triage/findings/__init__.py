"""What the reader found in a referral's texts, and what people say of it."""
