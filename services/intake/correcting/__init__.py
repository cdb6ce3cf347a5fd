"""Correcting who a child is: a name, a birth date or a number that was written down wrongly."""
