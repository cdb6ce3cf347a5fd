"""All SQL of the console: the projection, the pages that read it, sessions, attention."""
