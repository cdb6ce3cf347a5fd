"""What those who sent referrals may see of them."""
