"""The health of the house as its page shows it: what is wrong first, in words, then the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.console import words
from services.console.times import span

SERVICES = ("intake", "triage", "allocation", "notifications", "console")

LATE_SECONDS = 60
WAITING_SECONDS = 3600
LOOK_UP_SECONDS = 300
UNSEALED = 5_000
"""When something is worth a sentence: as the alerts of deploy have it."""


@dataclass(frozen=True, slots=True)
class State:
    """One service: whether it answers, what is wrong, and its figures as label and value."""

    name: str
    away: bool
    troubles: tuple[str, ...]
    figures: tuple[tuple[str, str], ...] = ()


def state(name: str, told: Mapping[str, Any] | None) -> State:
    """What a service says of itself; None where it does not answer."""
    title = words.sentence(name)
    if told is None:
        return State(title, True, ("It does not answer.",))
    return State(title, False, tuple(_troubles(told)), tuple(_figures(told)))


def finding(states: Sequence[State]) -> str:
    """The whole in a sentence."""
    away = [one.name for one in states if one.away]
    ill = [one.name for one in states if one.troubles and not one.away]
    said = [f"{', '.join(away)} {'does' if len(away) == 1 else 'do'} not answer."] if away else []
    said += [f"Look at {', '.join(ill)}."] if ill else []
    return " ".join(said) or "Everything is there and keeps up."


def _troubles(told: Mapping[str, Any]) -> list[str]:
    found = []
    if told["lag_events"] is None:
        found.append("The event stream cannot be reached.")
    elif told["lag_seconds"] > LATE_SECONDS:
        found.append(f"It is {_span(told['lag_seconds'])} behind.")
    if told["parked_referrals"]:
        number = words.count(told["parked_referrals"], "referral waits", "referrals wait")
        found.append(f"{number} behind an event that could not be processed.")
    if told.get("oldest_due_clock_seconds", 0) > LATE_SECONDS:
        found.append(f"A clock has been due for {_span(told['oldest_due_clock_seconds'])}.")
    if told.get("unfired_referrals"):
        number = words.count(told["unfired_referrals"], "referral has", "referrals have")
        found.append(f"{number} a clock that could not be fired.")
    if told.get("oldest_message_seconds", 0) > WAITING_SECONDS:
        found.append(f"A message has waited for {_span(told['oldest_message_seconds'])}.")
    if told.get("oldest_look_up_seconds", 0) > LOOK_UP_SECONDS:
        found.append(
            "The people of a new referral have waited to be looked up for "
            f"{_span(told['oldest_look_up_seconds'])}."
        )
    if told.get("look_ups_given_up"):
        number = words.count(told["look_ups_given_up"], "referral", "referrals")
        found.append(f"The people of {number} could not be looked up: ask by hand who they are.")
    if told["unsealed_entries"] > UNSEALED:
        found.append("The audit trail is not being sealed.")
    return found


def _figures(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    lag = told["lag_events"]
    rows = [
        ("Events waiting", "not known" if lag is None else f"{lag:,}"),
        ("Referrals not processed", f"{told['parked_referrals']:,}"),
        ("Audit entries to seal", f"{told['unsealed_entries']:,}"),
    ]
    if "oldest_due_clock_seconds" in told:
        late = told["oldest_due_clock_seconds"]
        rows.append(("Oldest due clock", _span(late) if late else "none is due"))
    if "messages_waiting" in told:
        waiting = told["messages_waiting"]
        since = f", the first for {_span(told['oldest_message_seconds'])}" if waiting else ""
        rows.append(("Messages not sent", f"{waiting:,}{since}"))
    if "look_ups_waiting" in told:
        rows.append(("Referrals to look up", f"{told['look_ups_waiting']:,}"))
    return rows


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds)) if seconds >= 60 else f"{seconds:.0f} seconds"
