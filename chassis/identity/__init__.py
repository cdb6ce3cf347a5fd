"""Who is calling, and what they may do."""

from chassis.identity.callers import REFERRER_ROLES, ROLES, SOCIAL_WORKER, Caller
from chassis.identity.dependencies import partner, person_or_partner, service, staff
from chassis.identity.guesses import Guesses, TooManyGuesses
from chassis.identity.oauth import (
    AssertionRequest,
    ClientRequest,
    OAuthRefusal,
    PersonRequest,
    read_token_request,
)
from chassis.identity.published import FetchingVerifier, Publisher
from chassis.identity.scopes import SCOPES
from chassis.identity.tokens import (
    SigningKey,
    Verifier,
    issue,
    only,
    outsiders,
    service_token,
)

__all__ = [
    "REFERRER_ROLES",
    "ROLES",
    "SCOPES",
    "SOCIAL_WORKER",
    "AssertionRequest",
    "Caller",
    "ClientRequest",
    "FetchingVerifier",
    "Guesses",
    "OAuthRefusal",
    "PersonRequest",
    "Publisher",
    "SigningKey",
    "TooManyGuesses",
    "Verifier",
    "issue",
    "only",
    "outsiders",
    "partner",
    "person_or_partner",
    "read_token_request",
    "service",
    "service_token",
    "staff",
]
