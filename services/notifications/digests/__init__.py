"""One email instead of twenty: what is due soon or overdue, for a team, duty or the manager."""
