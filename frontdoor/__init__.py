"""The command line and the single-machine edition."""
