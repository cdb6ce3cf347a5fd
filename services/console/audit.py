"""Searching the audit trails of all services: what was asked, and how an entry is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.console import words
from services.console.forms import Typed
from services.console.times import LONDON, stamp

SHOWN = 200
DAYS = 30
LONGEST_DAYS = 366
OFFERED = tuple(
    words.sentence(action)
    for action in (
        "agreement_recorded", "audit_searched", "bundle_read", "case_opened", "consultation_opened",
        "countersigned", "decided", "decision_read", "erased", "figures_read", "file_opened", "form_read",
        "identity_corrected", "information_requested", "list_read", "matches_parted", "message_read",
        "names_read", "people_looked_up", "people_searched", "referral_received", "referral_transferred",
        "restriction_read", "signed_in", "story_read", "subject_access_opened", "transfer_read",
        "work_opened",
    )
)  # fmt: skip
"""Actions that are searched for most; any other can be typed as the trail shows it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. `since` and `until` are days in England, both included."""

    reference: str
    person: str
    action: str
    since: date
    until: date

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From the first moment to the one after the last, in UTC."""
        following = self.until + timedelta(days=1)
        begin, end = (
            datetime.combine(day, time(), LONDON).astimezone(UTC) for day in (self.since, following)
        )
        return begin, end


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail. `referral_id` is None for what is about no one referral."""

    at: datetime
    when: str
    who: str
    did: str
    service: str
    referral_id: str | None


def wanted(typed: Typed, today: date) -> tuple[Wanted, dict[str, str]]:
    """What was asked, and what is wrong with it by field."""
    errors: dict[str, str] = {}
    until = _day(typed, "until", today, errors)
    since = _day(typed, "since", until - timedelta(days=DAYS), errors)
    if not errors and since > until:
        errors["since"] = "The first day has to come before the last."
    if not errors and (until - since).days > LONGEST_DAYS:
        errors["since"] = "A search goes over a year at most."
    said = Wanted(
        typed.one("reference").strip(),
        typed.one("person").strip(),
        typed.one("action").strip(),
        since,
        until,
    )
    return said, errors


def people(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of the people and organisations who stand in some entries."""
    found = {one[name] for one in entries for name in ("actor_id", "on_behalf_of")}
    return sorted(one for one in found if one)


def shown(found: Iterable[tuple[str, Mapping[str, Any]]], names: Mapping[str, str]) -> list[Entry]:
    """Entries of all services in one order, the newest first."""
    entries = [
        Entry(
            at := datetime.fromisoformat(one["at"]),
            stamp(at),
            _who(one, names),
            words.sentence(one["action"]),
            words.sentence(service),
            one["referral_id"],
        )
        for service, one in found
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:SHOWN]


def _who(one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    behalf = one["on_behalf_of"]
    if behalf:
        return f"The house for {names.get(behalf, behalf)}"
    if one["actor_kind"] == "staff":
        return names.get(one["actor_id"], str(one["actor_id"]))
    if one["actor_kind"] == "partner":
        return names.get(one["actor_id"], f"Partner organisation {one['actor_id']}")
    return "The house"


def _day(typed: Typed, name: str, otherwise: date, errors: dict[str, str]) -> date:
    text = typed.one(name).strip()
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError:
        errors[name] = "Give a day."
        return otherwise
