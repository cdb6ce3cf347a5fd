"""The demonstration: invented people who refer, decide and answer, and a mailbox to read."""
