"""How soon referrers hear: counted when somebody asks, from what was sent."""
