"""What a decider saw, for whoever looks at the decision later."""
