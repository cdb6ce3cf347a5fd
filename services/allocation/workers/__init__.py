"""Who may be asked to take work on: workers, their teams and places, absences, and the duty rota."""
