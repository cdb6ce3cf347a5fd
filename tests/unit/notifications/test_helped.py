"""Whether the help that a decision named happened: who is asked, when, and how it is counted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.events import ChildDecision, Outcome, Rag, TriageDecided
from policy.helping import published, summed
from services.notifications.domain import Audience, Case, Kind, State
from services.notifications.domain.following import NoLongerTrue, record
from services.notifications.helped.domain import to_be_asked
from services.notifications.rendering import Email
from services.notifications.rendering.view import clock_title
from tests.unit.notifications.letters import (
    AUTHORITY,
    DECISION_ID,
    NOW,
    POINTED,
    case,
    decision,
    fixed,
    message,
    referral,
    renderer,
)
from tests.unit.notifications.test_domain import NOW as THURSDAY
from tests.unit.notifications.test_domain import Story, decided

NAMED = decision(actions=(POINTED,))


def asked(of: Case, says: Any = (NAMED,), **who: Any) -> bool:
    return to_be_asked(of, DECISION_ID, says, referral(**who), fixed(), NOW)


def outcomes(*those: Outcome) -> TriageDecided:
    children = tuple(
        ChildDecision(child_id=UUID(int=place), rag=Rag.GREEN, outcome=outcome)
        for place, outcome in enumerate(those, 5)
    )
    return decided().model_copy(update={"children": children})


@pytest.mark.parametrize(
    ("those", "agency", "noted"),
    [
        ((Outcome.INFORMATION_AND_ADVICE,), "school", 1),
        ((Outcome.SINGLE_AGENCY_SUPPORT, Outcome.NO_FURTHER_ACTION), "school", 1),
        ((Outcome.INFORMATION_AND_ADVICE, Outcome.EARLY_HELP_ASSESSMENT), "school", 0),
        ((Outcome.INFORMATION_AND_ADVICE,), "family_member", 0),
    ],
)
def test_only_what_no_team_takes_on_is_asked_after(
    those: tuple[Outcome, ...], agency: str, noted: int
) -> None:
    story = Story(agency, packs=fixed()).tell(outcomes(*those))
    assert story.case is not None
    assert len(story.case.helps) == noted


def test_the_packs_period_is_counted_in_working_days() -> None:
    story = Story(packs=fixed()).tell(outcomes(Outcome.INFORMATION_AND_ADVICE))
    assert story.case is not None
    (one,) = story.case.helps
    # A day later Good Friday and Easter Monday would have moved it on.
    assert one.ask_at.date() == THURSDAY.date() + timedelta(days=28)


def test_who_was_told_what_was_named_is_asked() -> None:
    assert asked(case())


def later(**changed: Any) -> Any:
    return decision(decision_id=UUID(int=77), decided_at=NOW + timedelta(days=3), **changed)


@pytest.mark.parametrize(
    ("of", "says", "who"),
    [
        (case(), (NAMED, later(actions=(POINTED,))), {}),
        (case(), (decision(),), {}),
        (case(), (), {}),
        (case(restricted=True), (NAMED,), {}),
        (case(erased=True), (NAMED,), {}),
        (case(source_agency="family_member"), (NAMED,), {}),
        (case(messages=(message(Kind.ALLOCATION),)), (NAMED,), {}),
        (case(messages=(message(Kind.OPEN_CASE_ALERT),)), (NAMED,), {}),
        (case(), (NAMED,), {"referrer_email": "someone@webmail.example"}),
        (case(), (NAMED,), {"write_safely": False}),
    ],
    ids=[
        "decided or rated anew", "no service", "not to be told", "restricted", "erased", "public",
        "taken on", "open", "not trusted", "not safe",
    ],
)  # fmt: skip
def test_nobody_else_is(of: Case, says: Any, who: dict[str, Any]) -> None:
    assert not asked(of, says, **who)


def test_another_referrals_decision_changes_nothing() -> None:
    assert asked(case(), (NAMED, later().model_copy(update={"referral_id": UUID(int=9)})))


def test_what_is_no_longer_true_is_not_sent_and_nobody_has_to_telephone() -> None:
    waiting = message(Kind.HELP_ASKED_AFTER)
    assert waiting.claim is not None
    change = record(
        case(messages=(waiting,)), waiting.message_id, waiting.claim, NoLongerTrue(), NOW
    )
    (after,) = change.state.messages
    assert (after.state, after.claim, change.events) == (State.CANCELLED, None, ())


def test_the_email_has_the_link_only_for_whoever_reads_what_was_named() -> None:
    asking = replace(renderer(fixed()), helped_token=lambda message_id: f"token-{message_id.int}")
    told = message(Kind.HELP_ASKED_AFTER)
    assert told.audience is Audience.REFERRER
    for address, full in (("dsl@testwood.school.example", True), ("a@webmail.example", False)):
        email = asking.email(case(), told, referral(referrer_email=address), NAMED, NOW)
        assert isinstance(email, Email)
        for part in (email.text, email.html):
            assert ("https://frontdoor.example/helped/token-99" in part) is full
            assert ("Talking Place" in part) is full


def test_the_line_for_the_team_says_to_look_again() -> None:
    assert "Look again" in clock_title(fixed().packs[AUTHORITY][0], "help_did_not_begin")


def test_counts_by_answer_and_without_small_numbers_where_published() -> None:
    rows = [
        {"authority": "walsall", "answer": "it_happened", "count": 9},
        {"authority": AUTHORITY, "answer": "no_room", "count": 2},
        {"authority": AUTHORITY, "answer": "it_happened", "count": 30},
    ]
    walsall, ours = summed(rows)
    assert (ours.total, ours.answers) == (32, {"it_happened": 30, "no_room": 2})
    assert published([walsall]) == [walsall]
    (hidden,) = published([ours])
    assert (hidden.total, hidden.answers) == (None, {"it_happened": 30, "no_room": None})
