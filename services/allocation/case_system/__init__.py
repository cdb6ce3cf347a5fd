"""What the council's case system takes over, and the dates that it tells back."""
