"""The packs that are shipped, read once for all tests of a process."""

from policy.loading import load_packs

SHIPPED = load_packs()
