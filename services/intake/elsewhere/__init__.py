"""What other systems of the authority know of a child: open cases, plans, legal status (practice
rule 16)."""
