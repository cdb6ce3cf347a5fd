"""Discussions that were held, and what a family says of help: written down as it was said."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any, Final

from contracts import codes
from policy.publishing import words as published
from policy.working_time import LONDON
from services.console.recording.shapes import (
    Entry,
    Group,
    Sent,
    Subject,
    Values,
    always,
    kept,
    missing,
    names_of,
)
from services.console.referring.shapes import YES_NO, Field, Kind, options

RECORDING: Final = frozenset({"practitioner", "manager"})
HEARING: Final = frozenset({"practitioner", "manager", "duty"})
ATTENDED: Final = 12
"""How many people a discussion's form has room for."""
SHOWN: Final = 4
KINDS: Final = (
    ("hub", "Hub discussion"),
    ("strategy", "Strategy discussion: social care, police and health at the least"),
    ("domestic_abuse_triage", "Domestic abuse triage: social care and police at the least"),
)
ENQUIRIES: Final = (
    ("none", "No enquiry under section 47"),
    ("single", "An enquiry, by social care alone"),
    ("joint", "An enquiry, together with the police"),
)
_WHEN: Final = (
    Field("kind", Kind.CHOICE, "What was held", ("kind",), options=KINDS),
    Field("held_on", Kind.DAY, "On which day", ("held_at",)),
    Field("held_time", Kind.LINE, "At what time it began", (), width="5", hint="24-hour clock, such as 14:30."),
)  # fmt: skip
_SHARED: Final = Field("shared", Kind.WORDS, "What was shared", ("shared",), hint="By whom, and what it was.")  # fmt: skip
_AFTER: Final = (
    Field("safety_plan", Kind.WORDS, "What keeps the children safe meanwhile", ("safety_plan",), hint="A strategy discussion needs it."),
    Field("next_on", Kind.DAY, "When it is talked about again (optional)", ("next_on",)),
)  # fmt: skip
_ABUSE: Final = (
    Field("safe_contact", Kind.WORDS, "How the parent who is harmed is reached safely", ("safe_contact",), hint="Or that it was asked, and nobody knows."),
    Field("marac", Kind.YES_NO, "Does it go to the MARAC?", ("marac",), options=YES_NO),
)  # fmt: skip


def _attender(place: int) -> tuple[Field, ...]:
    number = place + 1
    return (
        Field(f"agency-{place}", Kind.LIST, f"Agency {number}", (), options=options(codes.ATTENDERS)),
        Field(f"name-{place}", Kind.LINE, f"Name {number} (optional)", ()),
        Field(f"role-{place}", Kind.LINE, f"Role {number} (optional)", ()),
    )  # fmt: skip


def _when(subject: Subject) -> tuple[Field, ...]:
    """What was held and when; which agencies belong to it here is said beside its kind."""
    attend = subject.pack.discussions.attend if subject.pack else {}
    kind, *rest = _WHEN
    here = {
        code.value: f", and here {published.listed([published.agency(one) for one in agencies])}"
        for code, agencies in attend.items()
        if agencies
    }
    kinds = tuple((code, title + here.get(code, "")) for code, title in KINDS)
    return (replace(kind, options=kinds), *rest)


def _discussion_groups(subject: Subject) -> tuple[Group, ...]:
    there = [one for place in range(SHOWN) for one in _attender(place)]
    more = [one for place in range(SHOWN, ATTENDED) for one in _attender(place)]
    children = tuple(
        one
        for place, child in enumerate(subject.people)
        for one in (
            Field(f"agreed-{place}", Kind.WORDS, f"Agreed for {child.called}", (), hint="In a sentence or more."),
            Field(f"enquiry-{place}", Kind.CHOICE, f"Enquiry for {child.called}", (), options=ENQUIRIES, hint="A strategy discussion decides on it."),
        )
    )  # fmt: skip
    return (
        Group(_when(subject)),
        Group(tuple(there), "Who took part", row=3),
        Group(tuple(more), "More who took part", folded=True, row=3),
        Group((_SHARED, *children, *_AFTER), "What was said and agreed"),
        Group(_ABUSE, "Domestic abuse triage only", folded=True),
    )


def _discussion(values: Values, subject: Subject) -> Sent:
    errors = missing(
        values,
        {
            "kind": "Choose what was held",
            "held_on": "Say on which day it was held",
            "held_time": "Say at what time it began",
            "shared": "Say what was shared, in a sentence or more",
        },
    )
    body: dict[str, Any] = kept(
        values, "kind", "shared", "safety_plan", "next_on", "safe_contact", "marac"
    )
    try:
        body["held_at"] = moment(values, "held_on", "held_time")
    except ValueError as wrong:
        errors["held_time"] = str(wrong)
    names = {"/held_at": "held_on", "/attended": "agency-0", "/children": "agreed-0"}
    body["attended"] = []
    for place in range(ATTENDED):
        one = {part: values.get(f"{part}-{place}") for part in ("agency", "name", "role")}
        if not any(one.values()):
            continue
        if not one["agency"]:
            errors[f"agency-{place}"] = "Choose the agency of whoever took part"
        here = len(body["attended"])
        names |= {f"/attended/{here}/{part}": f"{part}-{place}" for part in one}
        body["attended"].append({part: said for part, said in one.items() if said})
    body["children"] = []
    for place, child in enumerate(subject.people):
        agreed, enquiry = values.get(f"agreed-{place}"), values.get(f"enquiry-{place}")
        if not agreed:
            errors[f"agreed-{place}"] = f"Say what was agreed for {child.called}"
        names |= {
            f"/children/{place}/{part}": f"{field}-{place}"
            for part, field in (
                ("agreed", "agreed"),
                ("enquiry", "enquiry"),
                ("child_id", "agreed"),
            )
        }
        made = enquiry if enquiry in ("single", "joint") else None
        body["children"].append(
            {"child_id": child.child_id, "agreed": agreed or "", "enquiry": made}
        )
    return Sent(body, errors, names)


def moment(values: Values, day_field: str, time_field: str) -> str | None:
    """Day and time in England, as ISO 8601 with the offset; None until both are there. Raises
    ValueError."""
    day, at = values.get(day_field), values.get(time_field)
    if not day or not at:
        return None
    try:
        hour, minute = at.replace(".", ":").split(":")
        clock_face = time(int(hour), int(minute))
    except ValueError:
        raise ValueError("Write the time with hours and minutes, such as 14:30") from None
    return datetime.combine(datetime.fromisoformat(day), clock_face, LONDON).isoformat()


SAID: Final = (
    ("given", "They agree"),
    ("refused", "They do not agree"),
    ("withdrawn", "They had agreed, and take it back"),
)


_AGREEMENT: Final = (
    Field("status", Kind.CHOICE, "What the family says", ("status",), options=SAID),
    Field("who", Kind.CHOICE, "Who said so", ("who",), options=options(codes.AGREED_BY)),
    Field("given_by", Kind.LINE, "Their name, or who they are to the child", ("given_by",)),
    Field("given_on", Kind.DAY, "When they said so", ("given_on",)),
    Field("scope", Kind.SEVERAL, "What it is about", ("scope",), options=options(codes.AGREEMENT_SCOPES), hint="Who agrees, agrees to something."),
    Field("covers", Kind.WORDS, "What it covers in particular (optional)", ("covers",)),
    Field("evidence", Kind.WORDS, "How it was said (optional)", ("evidence",), hint="By telephone, on a visit, in writing."),
    Field("young_persons_own", Kind.LIST, "Does the young person agree? (optional)", ("young_persons_own",), options=options(codes.ANSWERS)),
)  # fmt: skip
_INFORMED: Final = (
    Field("parents_informed", Kind.YES_NO, "Do the parents know of the referral? (optional)", ("parents_informed",), options=YES_NO),
    Field("reason_not_informed", Kind.LIST, "If not, why", ("reason_not_informed",), options=options(codes.REASONS_NOT_INFORMED)),
)  # fmt: skip


AGREED: Final = (Group(_AGREEMENT), Group(_INFORMED, "The parents"))
_WANTED: Final = {
    "status": "Choose what the family says",
    "who": "Choose who said so",
    "given_by": "Say who it was",
    "given_on": "Say when they said so",
}


def agreed(values: Values, _subject: Subject | None = None) -> Sent:
    """What the family says of help, as intake takes it."""
    names = [one.name for group in AGREED for one in group.fields]
    return Sent(kept(values, *names), missing(values, _WANTED), names_of(_AGREEMENT + _INFORMED))


DISCUSSION = Entry(
    title="Record a discussion",
    button="Record the discussion",
    done="The discussion is recorded, and its clocks started and stopped at the time when it was held.",
    roles=RECORDING,
    qualified=True,
    path="/v1/triage/referrals/{referral_id}/discussions",
    help="A record is never changed: what was left out, or put wrongly, is said in another.",
    groups=_discussion_groups,
    sent=_discussion,
)
AGREEMENT = Entry(
    title="What the family says of help",
    button="Record what they say",
    done="What the family says is recorded. It closes nothing: whoever decides sees it.",
    roles=HEARING,
    path="/v1/intake/referrals/{referral_id}/agreement",
    help="Agreement is to help, and is no basis for sharing: it can be taken back at any time.",
    groups=always(*AGREED),
    sent=agreed,
)
