"""The ways in which messages leave the house, behind one port."""
