"""Benchmarks and load: scripts that print one JSON line for each subject they measure."""
