"""Whether the help that a decision named happened: one question to whoever referred, weeks later."""
