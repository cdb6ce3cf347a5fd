"""Asking agencies and the referrer, and what becomes of it. Pure.

Practice rules 12 and 13: the rating comes first, and asking holds nothing up; where it is not Red
and the parents do not know that others are asked, a manager asks, with a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.change import Change, Ids
from chassis.errors import DomainError, FieldError, Forbidden, InvalidInput, NotFound
from contracts.codes import Handling
from contracts.events import (
    InformationReceived,
    InformationRequested,
    InformationWithdrawn,
    NarrativeSignal,
    Rag,
    TextReading,
)
from policy.clocks import clocks_for, falls_due
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import due
from services.triage.checks.request import REFERRER, By, Request, RequestState
from services.triage.domain.case import Case, Person, Status, known
from services.triage.domain.suggesting import again, rated
from services.triage.written import Written

ASKED = "triage.information_requested"
AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a practitioner asks. `need` says why it is needed, `shared` what the agency is told
    about the family so that it can look: nothing else of the referral reaches it."""

    person: Person | None
    of: str
    by: By
    basis: str
    need: str
    shared: str
    parents_told: bool
    not_told_because: str | None
    organisation_id: UUID | None
    address: str | None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `signals` and `texts` are what the reader made of it; `person` is the
    practitioner who wrote down what was said on the telephone."""

    information: str
    nothing_known: bool
    handling: Handling
    conditions: str | None
    answered_by: str
    signals: tuple[NarrativeSignal, ...] = ()
    texts: tuple[TextReading, ...] = ()
    person: Person | None = None


def ask(
    state: Case | None, command: Ask, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Ask an agency or the referrer. Its clock runs by the colour of the moment. Raises
    DomainError where this agency has an open request already, or the referral is closed."""
    case = known(state)
    if case.status is Status.WITHDRAWN:
        raise DomainError("referral_closed", "This referral was withdrawn and is closed.")
    if command.of != REFERRER:
        _parents(case, command)
    for one in case.requests:
        same = (one.of, one.organisation_id, one.about) == (
            command.of, command.organisation_id, command.about,
        )  # fmt: skip
        if same and one.state is RequestState.OPEN:
            raise DomainError("already_asked", "They were asked, and have not answered yet.")
    pack = policy.version(case.authority, case.facts.pack_version)
    tag, due_at = clock_of(pack, command.of, case.rag, now)
    open_for = pack.checks.link_for
    request = Request(
        request_id=ids(),
        of=command.of,
        by=command.by,
        state=RequestState.OPEN,
        asked_at=now,
        asked_by=command.person.staff_id if command.person else None,
        rag=case.rag,
        basis=command.basis,
        parents_told=command.parents_told,
        not_told_because=command.not_told_because,
        due_at=due_at,
        link_until=due(
            max(now, due_at or now), open_for.amount, open_for.unit, open_for.count,
            calendar=pack.calendar,
        ).due_at,
        organisation_id=command.organisation_id,
        about=command.about,
    )  # fmt: skip
    words = {"need": command.need, "shared": command.shared, "address": command.address or ""}
    changed = replace(
        case,
        requests=(*case.requests, request),
        written=(*case.written, *_written(request, words)),
        updated_at=now,
    )
    event = InformationRequested(
        request_id=request.request_id,
        of=tag,
        by=due_at,
        agency=None if command.of == REFERRER else command.of,
        by_link=command.by is By.LINK,
        organisation_id=command.organisation_id,
    )
    return Change(changed, (event,)), {"request_id": request.request_id, "due_at": due_at}


def reply(
    state: Case | None,
    request_id: UUID,
    said: Reply,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep an answer, once. What the rules find in it may raise the suggestion, never lower it.
    Raises DomainError where it was answered or taken back before."""
    del ids
    case = known(state)
    request = still_open(case, request_id)
    answered = replace(
        request,
        state=RequestState.ANSWERED,
        ended_at=now,
        nothing_known=said.nothing_known,
        handling=said.handling,
        recorded_by=said.person.staff_id if said.person else None,
    )
    words = {
        "information": said.information,
        "conditions": said.conditions or "",
        "answered_by": said.answered_by,
    }
    facts = case.facts.model_copy(
        update={
            "signals": (*case.facts.signals, *said.signals),
            "texts": (*case.facts.texts, *said.texts),
        }
    )
    # Whoever decides must have seen it: the version rises.
    changed = again(case, facts, policy, now)
    changed = replace(
        changed,
        requests=_with(case, answered),
        written=(*case.written, *_written(answered, words)),
    )
    pack = policy.version(case.authority, case.facts.pack_version)
    tag, _ = clock_of(pack, request.of, request.rag, request.asked_at)
    events = (InformationReceived(request_id=request_id, of=tag), rated(changed, case))
    return Change(changed, events), {"request_id": request_id, "state": answered.state}


def withdraw(
    state: Case | None,
    request_id: UUID,
    reason: str,
    policy: PackSet,
    ids: Ids,
    now: datetime,
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Take a request back. Its link and its clock end. Raises as `reply` does."""
    del ids
    case = known(state)
    request = still_open(case, request_id)
    ended = replace(request, state=RequestState.WITHDRAWN, ended_at=now)
    changed = replace(
        case,
        requests=_with(case, ended),
        written=(*case.written, *_written(ended, {"reason": reason})),
        updated_at=now,
    )
    pack = policy.version(case.authority, case.facts.pack_version)
    tag, _ = clock_of(pack, request.of, request.rag, request.asked_at)
    event = InformationWithdrawn(
        request_id=request_id, of=tag, organisation_id=request.organisation_id
    )
    return Change(changed, (event,)), {"request_id": request_id, "state": ended.state}


def still_open(case: Case, request_id: UUID) -> Request:
    """The request, where it can be answered. Raises NotFound, DomainError."""
    request = next((one for one in case.requests if one.request_id == request_id), None)
    if request is None:
        raise NotFound("request_not_found", "There is no such request.")
    if request.state is RequestState.ANSWERED:
        raise DomainError(
            "already_answered", "This request was answered before. The first answer stands."
        )
    if request.state is RequestState.WITHDRAWN:
        raise DomainError("request_withdrawn", "The hub has taken this request back.")
    return request


def _parents(case: Case, command: Ask) -> None:
    """Practice rule 13."""
    if command.parents_told or case.rag is Rag.RED:
        return
    if command.person is None or "manager" not in command.person.roles:
        raise Forbidden(
            "manager_needed",
            "Where it is not Red and the parents do not know, a manager asks an agency.",
        )
    if command.not_told_because is None:
        raise InvalidInput(
            "reason_needed",
            "Say why the parents are not told.",
            errors=(FieldError("/not_told_because", "Choose a reason."),),
        )


def clock_of(pack: Pack, of: str, rag: Rag, at: datetime) -> tuple[str, datetime | None]:
    """The tag by which clocks know who was asked, and when the answer is due: an agency's own
    clock where the pack has one, otherwise that of agencies."""
    tags = (of,) if of == REFERRER else (of, AGENCY)
    for tag in tags:
        rules = clocks_for(f"{ASKED}:{tag}", rag, None, pack.clocks)
        if rules:
            return tag, min(falls_due(rule, at, rag, pack.calendar) for rule in rules)
    return tags[-1], None


def _with(case: Case, changed: Request) -> tuple[Request, ...]:
    return tuple(changed if one.request_id == changed.request_id else one for one in case.requests)


def _written(request: Request, words: Mapping[str, str]) -> tuple[Written, ...]:
    return tuple(
        Written(request.request_id, f"request/{kind}", text) for kind, text in words.items() if text
    )
