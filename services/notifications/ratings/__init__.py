"""Whether a decision's message was useful: one question to whoever got it."""
