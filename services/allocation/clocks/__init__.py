"""Every clock of the house: started, stopped, moved and fired here."""
