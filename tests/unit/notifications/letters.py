"""An invented referral, its decision, and a pack whose words tests can rely on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from contracts.events import Outcome, Rag
from policy.loading import PackSet, load_packs
from policy.pack import DisagreementStage, Messages
from policy.working_time import HoursSection
from services.notifications.domain import Audience, Case, Kind, Message, State
from services.notifications.reads import Action, Clause, DecidedChild, Decision, Referral
from services.notifications.rendering import Email, Renderer
from services.notifications.rendering.templates import Templates

AUTHORITY = "warwickshire"
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
# A Friday evening: the hub is closed.
RECEIVED = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 18, 6, tzinfo=UTC)
REFERRAL_ID, DECISION_ID, CAUSE = UUID(int=1), UUID(int=2), UUID(int=3)
POINTED = Action(
    action="Get in touch with Talking Place (Mock Trust), for ages 8 to 17. Telephone 01632 960333.",
    owner="The family, with whoever referred",
    service_id=UUID(int=31),
)
CHILDREN = (UUID(int=11), UUID(int=12), UUID(int=13))


@cache
def fixed() -> PackSet:
    """One pack whose words no other change of the pack's files can move."""
    # Loaded anew: a copy would take along the calendar that a used pack remembers.
    shipped = load_packs(authorities={AUTHORITY}).packs[AUTHORITY][0]
    pack = shipped.model_copy(
        update={
            "version": "2018.1",
            "guidance": "Thresholds guidance",
            "words": {
                "early_help_assessment": "early help single assessment",
                "lead_professional": "lead professional",
            },
            "hours": HoursSection.model_validate({"open": dict.fromkeys(WEEK, "08:30 to 17:00")}),
            "messages": Messages(
                hub_name="Sampleshire front door",
                phone="01632 960101",
                emergency_phone="01632 960102",
                opening_words="Monday to Friday 8.30am to 5pm",
                trusted_domains=("*.school.example",),
                disagreement=(
                    DisagreementStage(
                        stage=1,
                        title="Talk to the person who decided",
                        who="the practitioner who decided",
                        words="We answer within one working day.",
                    ),
                ),
                family_words="Thank you. A person has read what you told us.",
            ),
            "rating": shipped.rating.model_copy(
                update={
                    "level_names": {1: "Universal", 2: "Early", 3: "Targeted", 4: "Specialist"},
                    "rag_names": {
                        Rag.RED: "Red",
                        Rag.AMBER: "Amber",
                        Rag.GREEN: "Green",
                        Rag.NONE: "No service",
                    },
                    "rag_meanings": {
                        Rag.RED: "A child may be at risk of significant harm.",
                        Rag.AMBER: "A social worker looks into what help is needed.",
                        Rag.GREEN: "Early help, if the family agrees.",
                        Rag.NONE: "No new service.",
                    },
                }
            ),
        }
    )
    return PackSet({AUTHORITY: (pack,)})


def renderer(packs: PackSet, templates: Templates | None = None) -> Renderer:
    """A renderer with an address for every team."""
    return Renderer(
        packs,
        templates or _templates(),
        "no-reply@frontdoor.example",
        "https://frontdoor.example/",
        lambda _pack, audience, hub_open, _person: (
            f"{audience}{'' if hub_open else '.out-of-hours'}@council.example"
        ),
    )


@cache
def _templates() -> Templates:
    return Templates()


def case(**changed: Any) -> Case:
    """A decided referral about three children."""
    made = Case(
        referral_id=REFERRAL_ID,
        authority=AUTHORITY,
        reference="WAR-000123-K",
        received_at=RECEIVED,
        pack_version="2018.1",
        source_agency="school",
        children=CHILDREN,
        decided=True,
    )
    return replace(made, **changed)


DETAILS: Mapping[Kind, Mapping[str, str]] = {
    Kind.DECISION: {"pack_version": "2018.1"},
    Kind.RERATING: {"pack_version": "2018.1", "previous": "green", "rag": "amber"},
    Kind.ALLOCATION: {"assignee_kind": "lead_professional", "assignee": "0199"},
    Kind.PANEL_OUTCOME: {
        "panel": "panel_rugby",
        "meeting_on": "2026-11-19",
        "outcome": "lead_agreed",
    },
    Kind.DELAY: {
        "clock": "statutory_decision",
        "clock_id": "0198",
        "due_at": "2026-11-23T17:00:00+00:00",
        "manager": "yes",
    },
    Kind.WRITTEN_WANTED: {"due_at": "2026-11-21T18:05:00+00:00"},
    Kind.CONTINUATION: {"reason": "to_be_decided"},
    Kind.URGENT_ALERT: {"urgency": "immediate", "by": "rules"},
    Kind.BREACH_ALERT: {
        "clock": "statutory_decision",
        "clock_id": "0198",
        "due_at": "2026-11-23T17:00:00+00:00",
    },
    Kind.ESCALATION: {
        "clock": "accepted_by_person",
        "clock_id": "0198",
        "due_at": "2026-11-23T17:00:00+00:00",
        "step": "2",
        "person": "duty manager",
        "by": "text_message",
    },
    Kind.ALLEGATION_ALERT: {"person": "designated officer"},
    Kind.OPEN_CASE_ALERT: {"as_of": "2026-11-22T22:00:00+00:00"},
    Kind.GLASS_ALERT: {
        "because": "child_in_danger",
        "opened_at": "2026-11-23T16:00:00+00:00",
        "until": "2026-11-23T17:00:00+00:00",
    },
}
AUDIENCES = {
    Kind.URGENT_ALERT: Audience.DUTY,
    Kind.BREACH_ALERT: Audience.MANAGER,
    Kind.GLASS_ALERT: Audience.MANAGER,
    Kind.OPEN_CASE_ALERT: Audience.DUTY,
    Kind.ALLEGATION_ALERT: Audience.MANAGER,
    Kind.ESCALATION: Audience.DUTY,
}


def message(kind: Kind, **details: str) -> Message:
    """A message of a kind, as it is when it is sent."""
    return Message(
        message_id=UUID(int=99),
        kind=kind,
        audience=AUDIENCES.get(kind, Audience.REFERRER),
        cause=CAUSE,
        state=State.SENDING,
        queued_at=NOW,
        due_at=NOW,
        about=DECISION_ID,
        details={**DETAILS.get(kind, {}), **details},
        attempt=1,
        claim=UUID(int=98),
    )


def referral(**changed: Any) -> Referral:
    """Who referred."""
    made = Referral(
        referral_id=REFERRAL_ID,
        reference="WAR-000123-K",
        referrer_email="dsl@testwood.school.example",
        organisation="Testwood Academy",
        received_at=RECEIVED,
        authority=AUTHORITY,
    )
    return made.model_copy(update=changed)


def decision(**changed: Any) -> Decision:
    """Two children to be assessed, one to early help."""
    assessed = {"rag": Rag.AMBER, "outcome": Outcome.CHILD_AND_FAMILY_ASSESSMENT}
    made = Decision(
        decision_id=DECISION_ID,
        referral_id=REFERRAL_ID,
        rag=Rag.AMBER,
        level=3,
        children=(
            DecidedChild(
                child_id=CHILDREN[2], rag=Rag.GREEN, outcome=Outcome.EARLY_HELP_ASSESSMENT
            ),
            DecidedChild(child_id=CHILDREN[0], **assessed),
            DecidedChild(child_id=CHILDREN[1], **assessed),
        ),
        rationale=(
            "Thank you for setting out what has changed since Easter. The children's basic care "
            "is no longer reliable & early help has been tried.\n\nTaken together this meets our "
            "guidance for an assessment."
        ),
        clauses=(
            Clause(id="3.1", title="Basic care not reliable", version="2018.1"),
            Clause(id="3.7", title="A parent's mental ill health", version="2018.1"),
        ),
        actions=(
            Action(
                action="A social worker rings the mother and arranges a first visit",
                owner="Assessment team, north",
                by=date(2026, 11, 23),
            ),
            Action(
                action="Keep the breakfast arrangement going.",
                owner="Testwood Academy",
                by=date(2026, 11, 23),
            ),
            Action(action="Ask the GP for a review", owner="Social worker"),
        ),
        decided_at=NOW,
    )
    return made.model_copy(update=changed)


def written(
    packs: PackSet,
    kind: Kind,
    *,
    of: Case | None = None,
    to: Referral | None = None,
    says: Decision | None = None,
    **details: str,
) -> Email:
    """The email of a message that can be sent."""
    email = renderer(packs).email(
        of or case(), message(kind, **details), to or referral(), says or decision(), NOW
    )
    assert isinstance(email, Email), email
    return email
