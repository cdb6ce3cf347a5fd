"""Who of a referral was met before, as its page shows it: from the story that intake tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts import codes
from services.console import words
from services.console.people import Answer, Child, day
from services.console.reads import Opened
from services.console.times import stamp

REASONS: Mapping[str, str] = {
    "nhs_number_same": "same NHS number",
    "upn_same": "same UPN",
    "given_same": "same first name",
    "given_nickname": "another form of the first name",
    "given_similar": "first name spelt alike",
    "given_sounds": "first name sounds alike",
    "given_initial": "same initial",
    "family_same": "same family name",
    "family_part": "part of the family name",
    "family_similar": "family name spelt alike",
    "family_sounds": "family name sounds alike",
    "names_swapped": "first and family name swapped",
    "names_crossed": "a name in the other's place",
    "birth_same": "same birth date",
    "birth_swapped": "day and month swapped",
    "birth_digit": "birth date differs by a digit",
    "birth_near": "birth date is near",
    "birth_expected": "born about the expected date",
    "birth_not_expected": "not born about the expected date",
    "home_same": "same address",
    "home_postcode": "same postcode",
    "home_neighbour": "same postcode, another house",
    "home_line": "same street and number, another postcode",
    "home_near": "postcode is near",
    "sex_same": "same sex",
    "may_be_twins": "may be twins",
}
STATES = {"linked": "Same person", "candidate": "May be the same", "not_same": "Not the same"}
BECAUSE = {
    "family_says": "The family says so",
    "agency_says": "An agency says so",
    "number_checked": "The number was checked",
    "records_agree": "The records agree",
    "different_person": "It is somebody else",
    "twin_or_sibling": "It is a twin or a sibling",
    "wrong_number": "The number was wrong",
    "linked_by_mistake": "It was linked by mistake",
    "parted_by_mistake": "It was parted by mistake",
}

INCIDENTS = {
    "linked": "The same incident, told by another agency: each referrer gets their own answer",
    "candidate": "May be the same incident, told by another agency",
    "not_same": "Not the same incident, somebody says",
}

HOW_KNOWN = {code: title for code, title in BECAUSE.items() if not code.endswith("_by_mistake")}
UNDONE = {"linked": "linked_by_mistake", "not_same": "parted_by_mistake"}
"""Why somebody takes back that two records are one person, or are not."""


@dataclass(frozen=True, slots=True)
class Met:
    """A record that is, or may be, one of this referral's people. `score` is in hundredths;
    `undo` is the reason with which it is opened again, empty where nobody has said anything."""

    person_id: str
    name: str
    other_referral_id: str
    other_person_id: str
    other_name: str
    reference: str
    when: str
    state: str
    said: str
    score: int
    why: str
    because: str
    undo: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What other systems hold about one child, a line for each record; not `sure`: somebody has to
    look whether it is this child."""

    name: str
    sure: bool
    lines: tuple[str, ...]


KINDS = {
    "social_care": "Case with children's social care",
    "protection_plan": "Child protection plan",
    "looked_after": "Looked after",
    "legal_status": "Legal status",
    "early_help": "Early help",
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another referral of somebody on this one. `incident`: whether it tells of the same one, as
    it was said or as a question; empty where nobody has to ask. `decided` is its colour, where it
    may be told."""

    referral_id: str
    reference: str
    when: str
    notes: tuple[str, ...]
    incident: str = ""
    decided: str = ""

    @property
    def offered(self) -> bool:
        """Whether what was decided of it is a start for this one."""
        return self.incident == "linked" and bool(self.decided)


def met(opened: Opened) -> tuple[Met, ...]:
    """The matches of everybody on the referral."""
    return tuple(_met(opened.story.data))


def related(opened: Opened) -> tuple[Earlier, ...]:
    """The other referrals, later ones first."""
    told = opened.story.data
    return tuple(
        Earlier(
            one["referral_id"], one["reference"], _when(one),
            tuple(_notes(one, later=later)),
            (one.get("incident") or {}).get("state", ""),
            words.said(words.RAG, one["decision"]["rag"]) if one["decision"] else "",
        )
        for part, later in (("later", True), ("earlier", False))
        for one in told.get(part, ())
    )  # fmt: skip


def start(opened: Opened, people: Sequence[Child], like: str) -> dict[str, tuple[str, ...]]:
    """The ratings and outcomes of another referral that tells of the same incident, as a decision
    form has them: of each child that is one of its children too. No words of it: those were
    written to another referrer."""
    told = opened.story.data
    found: dict[str, tuple[str, ...]] = {}
    for one in (*told.get("later", ()), *told.get("earlier", ())):
        linked = (one.get("incident") or {}).get("state") == "linked"
        if one["referral_id"] != like or not linked or not one["decision"]:
            continue
        decided = {child["child_id"]: child for child in one["decision"]["outcomes"]}
        same = {
            child["child_id"]: match["child_id"]
            for child in told.get("children", ())
            for match in child["matches"]
            if match["referral_id"] == like and match["state"] == "linked"
        }
        for number, child in enumerate(people):
            outcome = decided.get(same.get(child.child_id))
            if outcome:
                found[f"rag-{number}"] = (outcome["rag"],)
                found[f"outcome-{number}"] = (outcome["outcome"],)
    return found


def elsewhere(opened: Opened) -> tuple[Elsewhere, ...]:
    """What other systems hold about the children."""
    told = opened.story.data
    names = {one["child_id"]: _name(one["person"]) for one in told.get("children", ())}
    return tuple(
        Elsewhere(
            names.get(one["child_id"], "A child of the household"),
            one["sure"],
            tuple(_record(fact) for fact in one["facts"]),
        )
        for one in told.get("elsewhere", {}).get("children", ())
    )


def asked_elsewhere(opened: Opened) -> str:
    """When the other systems were asked, and what it means that they say nothing."""
    told = opened.story.data.get("elsewhere", {})
    when = stamp(datetime.fromisoformat(told["as_of"])) if told.get("as_of") else ""
    match told.get("freshness"):
        case "fresh" if told["children"]:
            return f"As the council's case system held it at {when}."
        case "fresh":
            return (
                f"The council's case system held nothing at {when} under these children's numbers, or "
                "names with birth dates. It may know them under others."
            )
        case "stale":
            return (
                f"Not known: the council's case system was last asked at {when}, too long ago to go "
                "by. Look there."
            )
    return "Not known: the council's case system is not connected here. Look there."


def _record(fact: Answer) -> str:
    until = fact["until"]
    kind, since = words.said(KINDS, fact["kind"]), day(fact["since"])
    who = ", ".join(filter(None, (fact["worker"], fact["team"])))
    said = (
        f"{kind}: {fact['what']}" if fact["what"] else kind,
        f"from {since} to {day(until)}" if until else f"open since {since}",
        f"with {who}" if who else "",
    )
    return ", ".join(filter(None, said))


def _met(told: Answer) -> Iterator[Met]:
    for part, own in (("children", "child_id"), ("adults", "person_id")):
        for person in told.get(part, ()):
            for match in person["matches"]:
                yield Met(
                    person_id=person[own],
                    name=_name(person["person"]),
                    other_referral_id=match["referral_id"],
                    other_person_id=match["child_id"],
                    other_name=_name(match["person"] or {}),
                    reference=match["reference"],
                    when=_when(match),
                    state=match["state"],
                    said=words.said(STATES, match["state"]),
                    # A chance that rounds to certainty is none.
                    score=min(99, int(match["score"] * 100)),
                    why=", ".join(words.said(REASONS, one) for one in match["reasons"]),
                    because=words.said(BECAUSE, match["because"]),
                    undo=UNDONE.get(match["state"], ""),
                )


def _when(one: Answer) -> str:
    return stamp(datetime.fromisoformat(one["received_at"]))


def _name(person: Mapping[str, Any]) -> str:
    names = " ".join(str(person[one]) for one in ("given_name", "family_name") if person.get(one))
    born, due = person.get("date_of_birth"), person.get("expected_date_of_delivery")
    dates = f"born {day(born)}" if born else f"expected {day(due)}" if due else ""
    return ", ".join(one for one in (names, dates) if one) or "No name given"


def _notes(one: Answer, *, later: bool) -> Iterator[str]:
    if later:
        yield "Came after this one"
    agency = codes.AGENCY_TYPES.get(one["source_agency"])
    yield f"From {agency.title.lower()}" if agency else "From another source"
    decision = one["decision"]
    yield (
        "Not decided yet"
        if decision is None
        else f"Decided {words.said(words.RAG, decision['rag'])}"
    )
    if one["through"] == ["adult"]:
        yield "About another child, such as a sibling: only an adult is on both"
    if one["repeat"]:
        yield "Within twelve months"
    if one["recently_closed"]:
        yield "Closed lately"
    incident = (one.get("incident") or {}).get("state")
    if incident:
        yield INCIDENTS[incident]
    if one["state"] == "candidate":
        yield "Nobody has confirmed yet that these are the same people"
