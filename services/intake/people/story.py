"""The family's story as staff read it: who of a referral was met before, and in which referrals.
Pure: what was read comes in, what is shown goes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.events import Outcome
from policy.matching import MatchingSection, State
from services.intake.domain import Case, Stage
from services.intake.incidents.incident import said_of
from services.intake.people.matches import Match, Role, is_later
from services.intake.people.records import Record, shown

# Decided so, the hub does no more: the referral counts as closed from then on.
CLOSING = frozenset({Outcome.NO_FURTHER_ACTION, Outcome.INFORMATION_AND_ADVICE})


@dataclass(frozen=True, slots=True)
class Story:
    """All that was read about one referral. `others` are the referrals of its matches, `people`
    everybody on it and on them; `searching`: the look-up is still to come."""

    case: Case
    others: Mapping[UUID, Case]
    people: Sequence[Record]
    searching: bool


def matches_of(case: Case, others: Iterable[Case]) -> list[Match]:
    """The matches of a referral, those kept by later referrals too, seen from this one."""
    turned = [
        turn(match, other)
        for other in others
        for match in other.matches
        if match.other_referral_id == case.referral_id
    ]
    return [*case.matches, *turned]


def turn(match: Match, keeper: Case) -> Match:
    """A match that `keeper` keeps, as the referral that it is about sees it."""
    return replace(
        match,
        person_id=match.other_person_id,
        other_referral_id=keeper.referral_id,
        other_person_id=match.person_id,
        other_received_at=keeper.received_at,
    )


def told(story: Story, matching: MatchingSection) -> Mapping[str, Any]:
    """The story as JSON."""
    case = story.case
    own = [one for one in story.people if one.referral_id == case.referral_id]
    records = {one.person_id: one for one in story.people}
    by_person: dict[UUID, list[Match]] = {}
    for match in matches_of(case, story.others.values()):
        if match.other_referral_id in story.others:
            by_person.setdefault(match.person_id, []).append(match)
    children = [one for one in own if one.role is not Role.ADULT]
    adults = [one for one in own if one.role is Role.ADULT]
    earlier, later = _related(story, by_person, matching)
    return {
        "id": case.referral_id,
        "reference": case.reference,
        "authority": case.authority,
        "received_at": case.received_at,
        "look_up": "running" if story.searching else "done",
        "children": [
            {"child_id": one.person_id, **_person(one, by_person, records, story)}
            for one in children
        ],
        "adults": [
            {"person_id": one.person_id, **_person(one, by_person, records, story)}
            for one in adults
        ],
        "earlier": earlier,
        "later": later,
        "repeat_within_12_months": any(one["repeat"] for one in earlier),
        "recently_closed": any(one["recently_closed"] for one in earlier),
        "same_incident": any(one["same_incident"] for one in (*earlier, *later)),
    }


def _person(
    record: Record,
    by_person: Mapping[UUID, list[Match]],
    records: Mapping[UUID, Record],
    story: Story,
) -> Mapping[str, Any]:
    matches = sorted(
        by_person.get(record.person_id, ()),
        key=lambda match: (match.state is not State.LINKED, -(match.score or 1.0)),
    )
    return {
        "person": shown(record.person),
        "matches": [_match(match, records.get(match.other_person_id), story) for match in matches],
    }


def _match(match: Match, other: Record | None, story: Story) -> Mapping[str, Any]:
    return {
        "referral_id": match.other_referral_id,
        "reference": story.others[match.other_referral_id].reference,
        "child_id": match.other_person_id,
        "received_at": match.other_received_at,
        "state": match.state,
        # An identical number with an agreeing name or birth date leaves no doubt worth a figure.
        "score": 1.0 if match.score is None else match.score,
        "reasons": match.reasons or (f"{match.how}_same",),
        "how": match.how,
        "said_by": match.said_by,
        "said_at": match.said_at,
        "because": match.because,
        "person": shown(other.person) if other else None,
    }


def _related(
    story: Story, by_person: Mapping[UUID, list[Match]], matching: MatchingSection
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The referrals that share somebody with this one, the newest first: earlier and later."""
    through: dict[UUID, list[Match]] = {}
    for matches in by_person.values():
        for match in matches:
            if match.state is not State.NOT_SAME:
                through.setdefault(match.other_referral_id, []).append(match)
    case = story.case
    others = sorted((story.others[one] for one in through), key=_order, reverse=True)
    earlier = [one for one in others if is_later(_order(case), _order(one))]
    later = [one for one in others if not is_later(_order(case), _order(one))]
    return (
        [_other(case, one, through[one.referral_id], matching) for one in earlier],
        [_other(case, one, through[one.referral_id], matching) for one in later],
    )


def _order(case: Case) -> tuple[datetime, UUID]:
    return case.received_at, case.referral_id


def _other(
    case: Case, other: Case, matches: Sequence[Match], matching: MatchingSection
) -> Mapping[str, Any]:
    children = [match for match in matches if match.role is not Role.ADULT]
    linked = [match for match in children if match.state is State.LINKED]
    incident = _incident(case, other, children, matching)
    closed_at = closed(other)
    return {
        "referral_id": other.referral_id,
        "reference": other.reference,
        "received_at": other.received_at,
        "source_agency": other.source_agency,
        "through": sorted(
            {"child" if match.role is not Role.ADULT else "adult" for match in matches}
        ),
        "state": State.LINKED if linked else State.CANDIDATE,
        "stage": other.stage,
        "open": closed_at is None,
        "closed_at": closed_at,
        "decision": _decision(other),
        "worker": (
            {"kind": other.allocated_to, "assignee": other.assignee} if other.allocated_to else None
        ),
        "repeat": bool(linked)
        and within(case.received_at, other.received_at, matching.repeat_days),
        "recently_closed": closed_at is not None
        and within(case.received_at, closed_at, matching.recent_days),
        "same_incident": incident is not None and incident["state"] != State.NOT_SAME,
        "incident": incident,
    }


def by_another(case: Case, other: Case) -> bool:
    """Whether another agency sent the other. Many who write by the web form, or ring, share one
    organisation here and are told apart by their kind; a call and its written form are one."""
    joined = {one.call.written_referral_id for one in (case, other) if one.call}
    return joined.isdisjoint((case.referral_id, other.referral_id)) and (
        (case.organisation_id, case.source_agency) != (other.organisation_id, other.source_agency)
    )


def _incident(
    case: Case, other: Case, children: Sequence[Match], matching: MatchingSection
) -> Mapping[str, Any] | None:
    """Whether another agency tells of the same incident: as it was said, or a question; None where
    there is none to ask."""
    said = said_of(case.incidents, other.referral_id)
    if said is not None:
        return {
            "state": said.state,
            "how": said.how,
            "said_by": said.said_by,
            "said_at": said.said_at,
        }
    near = within(case.received_at, other.received_at, matching.incident_days)
    if not children or not near or not by_another(case, other):
        return None
    return {"state": State.CANDIDATE, "how": "matched", "said_by": None, "said_at": None}


def closed(case: Case) -> datetime | None:
    """When the hub was done with a referral; None while it is open."""
    if case.closed_at:
        return case.closed_at
    if case.stage is Stage.WITHDRAWN:
        return case.updated_at
    if case.decided_at and {child.outcome for child in case.outcomes} <= CLOSING:
        return case.decided_at
    return None


def _decision(case: Case) -> Mapping[str, Any] | None:
    if case.decided_at is None:
        return None
    return {
        "id": case.decision_id,
        "decided_at": case.decided_at,
        "rag": case.rag,
        "outcomes": [
            {"child_id": child.child_id, "rag": child.rag, "outcome": child.outcome}
            for child in case.outcomes
        ],
    }


def within(one: datetime, other: datetime, days: int) -> bool:
    return abs(one - other) <= timedelta(days=days)
