"""Invented messages of every kind, to try an authority's own templates with before they are used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from contracts.codes import GlassBrokenBecause
from contracts.events import ContinuedBecause, Outcome, Rag
from policy.pack import Pack
from services.notifications.domain import Audience, Case, Kind, Message, State
from services.notifications.reads import Action, Clause, DecidedChild, Decision, Referral, Wanted
from services.notifications.rendering.titles import Detail
from services.notifications.rendering.view import STATUTORY, Said, view

WRITTEN = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
REFERRAL_ID, DECISION_ID, MESSAGE_ID = UUID(int=1), UUID(int=2), UUID(int=3)
CHILDREN = (UUID(int=11), UUID(int=12))
RATIONALE = "Morning care has become unreliable <since> Easter & early help was tried."
ACTION = "A worker rings the mother to arrange a first visit"
SERVICE = "Get in touch with Talking Place (Mock Trust). Telephone 01632 960333."
NO_CLAUSE = "The guidance says nothing of a home between two moves"
HELPED = "https://frontdoor.example/helped/1"
TRUSTED, OTHER = "lead@testwood.school.example", "somebody@post.example"

_DETAILS: Mapping[Kind, Mapping[str, str]] = {
    Kind.RERATING: {"previous": Rag.GREEN, "rag": Rag.AMBER},
    Kind.ALLOCATION: {"assignee_kind": "lead_professional", "assignee": "0199"},
    Kind.PANEL_OUTCOME: {"panel": "", "meeting_on": "2026-03-04", "outcome": "support_agreed"},
    Kind.DELAY: {"clock": STATUTORY, "due_at": WRITTEN.isoformat(), "manager": "yes"},
    Kind.CONTINUATION: {"reason": ContinuedBecause.TO_BE_DECIDED},
    Kind.INFORMATION_WANTED: {"due_at": WRITTEN.isoformat()},
    Kind.INFORMATION_REMINDER: {"due_at": WRITTEN.isoformat()},
    Kind.WRITTEN_WANTED: {"due_at": WRITTEN.isoformat()},
    Kind.DISAGREEMENT: {"said": "raised", "stage": "1", "due_at": WRITTEN.isoformat()},
    Kind.URGENT_ALERT: {"urgency": "immediate", "by": "rules"},
    Kind.BREACH_ALERT: {"clock": STATUTORY, "clock_id": "0198", "due_at": WRITTEN.isoformat()},
    Kind.ESCALATION: {
        "clock": STATUTORY,
        "clock_id": "0198",
        "due_at": WRITTEN.isoformat(),
        "step": "2",
        "person": "duty manager",
        "by": "text_message",
    },
    Kind.ALLEGATION_ALERT: {"person": "designated officer"},
    Kind.OPEN_CASE_ALERT: {"as_of": WRITTEN.isoformat()},
    Kind.GLASS_ALERT: {
        "because": GlassBrokenBecause.CHILD_IN_DANGER,
        "opened_at": WRITTEN.isoformat(),
        "until": WRITTEN.isoformat(),
    },
}
_STAFF = {
    Kind.URGENT_ALERT: Audience.DUTY,
    Kind.BREACH_ALERT: Audience.MANAGER,
    Kind.GLASS_ALERT: Audience.MANAGER,
    Kind.OPEN_CASE_ALERT: Audience.DUTY,
    Kind.ALLEGATION_ALERT: Audience.MANAGER,
    Kind.ESCALATION: Audience.DUTY,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What one template is given. `needed` are the words that the message must have."""

    kind: str
    name: str
    values: Mapping[str, object]
    needed: tuple[str, ...]


def samples(pack: Pack) -> Iterator[Sample]:
    """Each kind of message of a pack's authority, to each audience that gets it."""
    for kind in Kind:
        for detail in Detail:
            if kind in _STAFF and detail is not Detail.FULL:
                continue
            yield _sample(pack, kind, detail, _decision(pack))
    unguided = _decision(pack).model_copy(update={"clauses": (), "no_clause_because": NO_CLAUSE})
    yield _sample(pack, Kind.DECISION, Detail.FULL, unguided)


def _sample(pack: Pack, kind: Kind, detail: Detail, decision: Decision) -> Sample:
    case = Case(
        referral_id=REFERRAL_ID,
        authority=pack.authority,
        reference=f"{pack.prefix}-000123-K",
        received_at=WRITTEN,
        pack_version=pack.version,
        source_agency="member_of_public" if detail is Detail.PUBLIC else "school",
        children=CHILDREN,
        decided=True,
    )
    message = Message(
        message_id=MESSAGE_ID,
        kind=kind,
        audience=_STAFF.get(kind, Audience.REFERRER),
        cause=DECISION_ID,
        state=State.SENDING,
        queued_at=WRITTEN,
        due_at=WRITTEN,
        about=DECISION_ID,
        details=_DETAILS.get(kind, {}),
    )
    referral = Referral(
        referral_id=REFERRAL_ID,
        reference=case.reference,
        referrer_email=TRUSTED if detail is Detail.FULL else OTHER,
        organisation="Testwood Academy",
        received_at=WRITTEN,
        authority=pack.authority,
        trusted=detail is Detail.FULL,
    )
    said = Said(
        pack=pack,
        contacts=pack,
        referral=referral,
        decision=decision,
        link="https://frontdoor.example/referrals/1",
        form="https://frontdoor.example/refer",
        helped=HELPED,
        wanted=Wanted(
            request_id=MESSAGE_ID, token=str(MESSAGE_ID), link_until=WRITTEN, wanted=True
        ),
    )
    needed = [case.reference]
    if kind not in _STAFF:
        needed.append(pack.messages.phone)
    if detail is Detail.FULL and kind in (Kind.DECISION, Kind.RERATING):
        needed += [one.id for one in decision.clauses] + [RATIONALE.partition(" <")[0]]
        needed += [decision.no_clause_because] if decision.no_clause_because else []
    if detail is Detail.FULL and kind is Kind.DECISION:
        needed.append(ACTION)
    if detail is Detail.FULL and kind is Kind.HELP_ASKED_AFTER:
        needed.append(SERVICE)
    values = view(case, replace(message), said, WRITTEN)
    return Sample(kind, f"{kind} to {_TO[detail]}", values, tuple(needed))


def _decision(pack: Pack) -> Decision:
    clauses = list(pack.clauses.values())[:2]
    return Decision(
        decision_id=DECISION_ID,
        referral_id=REFERRAL_ID,
        rag=Rag.AMBER,
        level=3,
        children=(
            DecidedChild(
                child_id=CHILDREN[0], rag=Rag.AMBER, outcome=Outcome.CHILD_AND_FAMILY_ASSESSMENT
            ),
            DecidedChild(
                child_id=CHILDREN[1], rag=Rag.GREEN, outcome=Outcome.EARLY_HELP_ASSESSMENT
            ),
        ),
        rationale=RATIONALE,
        clauses=tuple(Clause(id=one.id, title=one.title, version=pack.version) for one in clauses),
        actions=(
            Action(action=ACTION, owner="Assessment team", by=date(2026, 3, 9)),
            Action(action="Keep the breakfast club going", owner="Testwood Academy"),
            Action(
                action=SERVICE, owner="The family, with whoever referred", service_id=MESSAGE_ID
            ),
        ),
        decided_at=WRITTEN,
    )


_TO = {
    Detail.FULL: "a trusted referrer",
    Detail.BRIEF: "another referrer",
    Detail.PUBLIC: "a member of the public",
}
