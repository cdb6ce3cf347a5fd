"""Who may say what becomes of work."""

from chassis.identity import person_or_partner
from chassis.identity.scopes import CASE_LEAD

LEADS = person_or_partner(
    CASE_LEAD, "practitioner", "manager", "duty", "coordinator", "panel_chair", people=True
)
"""The hub's staff, and partners: their systems, and those of their people who sign in."""
