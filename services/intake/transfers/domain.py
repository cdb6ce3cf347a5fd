"""What goes along when a referral goes to another authority of the installation. Pure.

The receiving authority gets a referral of its own: the same form, with what was written later behind
the history. It is rated there by that authority's pack, like any other. Who refers is the authority
that gives it away; whoever referred to that one was told by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from chassis.change import Change, Ids
from contracts.codes import AGENCY_TYPES, AgencyGroup
from contracts.events import ReferralTransferred
from contracts.form import MAX_TEXT
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import LONDON
from services.intake.attachments.domain import attach
from services.intake.attachments.file import File
from services.intake.domain import Case, known

AGENCY: Final = "another_authority"
TOLD_LATER: Final = frozenset({"information"})
"""Kinds of words that came after the form and belong to the story."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A referral goes to another authority."""

    to: str


def form_for(
    form: Mapping[str, Any],
    later: Sequence[Mapping[str, Any]],
    case: Case,
    giving: Pack,
    to: str,
    work: str,
) -> Mapping[str, Any]:
    """The form as the receiving authority gets it, with what the giving one did (`work`). Children
    get new ids there. Whoever referred in their job stands among the agencies; a member of the
    public is not named on."""
    messages = giving.messages
    mail = messages.alerts.manager if messages.alerts else None
    found = {name: value for name, value in form.items() if name != "set_aside"}
    referrer = {
        "name": messages.hub_name,
        "organisation": messages.hub_name,
        "agency": AGENCY,
        "phone": messages.phone,
        "email": mail,
    }
    return {
        **found,
        "authority": to,
        "your_reference": case.reference,
        "referrer": referrer,
        "immediate_danger": False,
        "telephoned": None,
        "declaration": None,
        "children": [_unknown(one) for one in form.get("children", ())],
        "household": [_unknown(one) for one in form.get("household", ())],
        "agencies_involved": [*(form.get("agencies_involved") or ()), *_first(form)],
        "history": _joined(form.get("history"), *_told(later)),
        "work_already_tried": _joined(form.get("work_already_tried"), work),
    }


def keep(
    file: File, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep a file that came along."""
    return attach(state, file, policy, ids, now)


def transferred(
    command: Transfer, state: Case | None, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Say that another authority has it. Raises NotFound."""
    del policy, ids
    case = known(state)
    changed = replace(case, updated_at=now)
    event = ReferralTransferred(to_authority=command.to, state="accepted")
    return Change(changed, (event,)), {"referral_id": case.referral_id}


def _unknown(person: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in person.items() if name != "child_id"}


def _first(form: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Who referred first, as one of the agencies."""
    first = form.get("referrer") or {}
    known_as = AGENCY_TYPES.get(first.get("agency") or "")
    if known_as is None or known_as.group is AgencyGroup.INDIVIDUAL or form.get("anonymous_source"):
        return
    yield {
        "agency": known_as.code,
        "name": first.get("name"),
        "role": first.get("role"),
        "contact": first.get("phone") or first.get("email"),
    }


def _told(later: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in later:
        if one["kind"] in TOLD_LATER:
            yield f"Told on {_day(one['received_at'])}: {one['content']}"


def _joined(*texts: str | None) -> str | None:
    return "\n\n".join(text for text in texts if text)[:MAX_TEXT] or None


def _day(at: datetime) -> str:
    day = at.astimezone(LONDON).date()
    return f"{day.day} {day:%B %Y}"
