"""A letter about a decision, in plain words, for the hub to print and give to the family."""
