"""Who may post and who may sign in: organisations, their clients, staff, and the tokens they get."""
