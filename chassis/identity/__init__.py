"""Who is calling, and what they may do."""

from chassis.identity.callers import ROLES, SOCIAL_WORKER, Caller
from chassis.identity.dependencies import partner, service, staff
from chassis.identity.tokens import SigningKey, Verifier, issue, service_token

__all__ = [
    "ROLES",
    "SOCIAL_WORKER",
    "Caller",
    "SigningKey",
    "Verifier",
    "issue",
    "partner",
    "service",
    "service_token",
    "staff",
]
