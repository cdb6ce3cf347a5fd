"""What somebody who came by the pages may know of their referral. Pure.

The same table as for messages (design, 10): the public, the family and anyone who may be a party hear
that it was received and read. Whoever typed a form said who they are, and nobody checked it: the
link on their screen therefore tells no reasons. A link that was emailed to a domain which the pack
trusts tells what the email told.
"""

from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from pydantic_core import from_json

from contracts.codes import AGENCY_TYPES
from policy.pack import Pack
from services.intake.domain import Case, Stage
from services.intake.telling import RECEIVED, TOLD_LITTLE

READ = "It has been read by a person. Ring us if you have more to tell us, or to ask more."
DECIDED = (
    "A practitioner has read it and decided what happens next. The decision goes to the email "
    "address on the form, where we know that it belongs to your organisation. Otherwise ring us."
)
CLOSED = "It is closed. Ring us if you have more to tell us."


class Shown(StrEnum):
    """How much somebody is shown."""

    FULL = "full"
    BRIEF = "brief"
    PUBLIC = "public"


def what_to_show(
    case: Case, form: str | None, pack: Pack, *, emailed: bool, restricted: bool
) -> Shown:
    """How much of `case` a link tells. `form` is what was written, as JSON; None once erased."""
    if case.source_agency in TOLD_LITTLE or case.source_agency not in AGENCY_TYPES:
        return Shown.PUBLIC
    email = ((from_json(form) if form else {}).get("referrer") or {}).get("email") or ""
    domain = email.rpartition("@")[2].casefold()
    trusted = any(fnmatchcase(domain, pattern.casefold()) for pattern in pack.trusted_domains)
    return Shown.FULL if emailed and trusted and not restricted else Shown.BRIEF


def standing(case: Case, shown: Shown, pack: Pack) -> Mapping[str, Any]:
    """Where a referral stands, without reasons."""
    if case.decided_at is not None:
        happens = READ if shown is Shown.PUBLIC else DECIDED
    else:
        happens = CLOSED if case.stage is Stage.WITHDRAWN else RECEIVED
    return {
        "shown": shown,
        "referral_id": case.referral_id,
        "reference": case.reference,
        "authority": case.authority,
        "received_at": case.received_at,
        "read": case.decided_at is not None,
        "what_happens_next": happens,
        "hub": pack.messages.hub_name,
        "telephone": pack.messages.phone,
    }
