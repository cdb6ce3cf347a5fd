"""Panels: their meetings, agendas, attendance, outcomes and actions, and a calendar feed."""
