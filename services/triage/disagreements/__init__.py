"""Professional disagreements with decisions, in stages, while the case goes on."""
