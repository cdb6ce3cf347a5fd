"""What the hub takes down itself: calls, and emails with a form (practice rule 20)."""
