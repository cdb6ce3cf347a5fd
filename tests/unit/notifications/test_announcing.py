"""News of disagreements and of requests for information: to whom, and what it says."""

from dataclasses import replace
from datetime import UTC, datetime
from json import loads
from uuid import UUID

import pytest

from contracts.codes import OF_STATUS, News
from contracts.compatibility import compare
from contracts.envelope import Event, EventData
from contracts.events import (
    DisagreementAnswered,
    InformationRequested,
    InformationWithdrawn,
    PartnerNews,
    PartnerStatusChanged,
)
from contracts.registry import type_of
from contracts.schemas import event_schema
from policy.loading import PackSet
from services.notifications.callbacks.domain import Call, CallState
from services.notifications.callbacks.signing import body_of
from services.notifications.domain import Case
from services.notifications.domain.case import Notice
from services.notifications.handlers import HANDLERS

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
REFERRAL, THEIRS, ABOUT = UUID(int=1), UUID(int=2), UUID(int=3)
CASE = Case(REFERRAL, "mockshire", "MOCK-1", NOW, "1", "school", ())
ANSWERED = DisagreementAnswered(
    disagreement_id=ABOUT, stage=1, outcome="upheld", organisation_id=THEIRS
)
WANTED = InformationRequested(request_id=ABOUT, of="police", organisation_id=THEIRS)
TAKEN_BACK = InformationWithdrawn(request_id=ABOUT, of="police", organisation_id=THEIRS)
EACH = [
    (ANSWERED, News.DISAGREEMENT_ANSWERED),
    (WANTED, News.INFORMATION_WANTED),
    (TAKEN_BACK, News.INFORMATION_WITHDRAWN),
]


def notices(said: EventData, case: Case = CASE) -> tuple[Notice, ...]:
    event = Event(
        id=UUID(int=9), source="/triage", type=type_of(type(said)).type, subject=REFERRAL, time=NOW,
        partitionkey=str(REFERRAL), sequence="0000000001", authority="mockshire",
        correlationid=UUID(int=8), data=said,
    )  # fmt: skip
    change = HANDLERS[type(said)](case, event, PackSet({}), lambda: UUID(int=7), NOW)
    return change.state.notices if change else ()


def call(news: str) -> Call:
    return Call(
        UUID(int=4), UUID(int=5), UUID(int=6), REFERRAL, news, None, NOW, CallState.QUEUED,
        0, NOW, NOW, NOW, about=ABOUT,
    )  # fmt: skip


@pytest.mark.parametrize(("said", "news"), EACH)
def test_the_organisation_that_the_event_names_hears_of_it(said: EventData, news: News) -> None:
    assert notices(said) == (Notice(UUID(int=7), THEIRS, news, None, NOW, ABOUT),)


@pytest.mark.parametrize(("said", "news"), EACH)
def test_nobody_hears_where_it_is_restricted_or_no_system_may_read_it(
    said: EventData, news: News
) -> None:
    assert notices(said, replace(CASE, restricted=True)) == ()
    assert notices(said, replace(CASE, erased=True)) == ()
    assert notices(said.model_copy(update={"organisation_id": None})) == ()


def test_whoever_is_asked_is_told_the_request_and_not_whose_referral() -> None:
    body = loads(body_of(call("information_wanted"), "http://hub.example/"))
    assert body["type"] == "uk.frontdoor.partner.information_wanted.v1"
    assert body["data"] == {
        "request_id": str(ABOUT),
        "news": "information_wanted",
        "href": f"http://hub.example/v1/information-requests/{ABOUT}",
    }


def test_whoever_disagreed_is_told_where_the_answer_is() -> None:
    body = loads(body_of(call("disagreement_answered"), "http://hub.example"))
    assert body["data"] == {
        "referral_id": str(REFERRAL),
        "disagreement_id": str(ABOUT),
        "news": "disagreement_answered",
        "href": f"http://hub.example/v1/disagreements?referral_id={REFERRAL}",
    }


def test_whoever_names_nothing_is_told_what_an_event_of_status_may_say_and_no_more() -> None:
    assert [*OF_STATUS, "ping"] == list(PartnerNews)


def test_the_gate_stops_that_event_from_saying_more() -> None:
    old = event_schema(type_of(PartnerStatusChanged))
    new = event_schema(type_of(PartnerStatusChanged))
    new["$defs"]["PartnerNews"]["enum"].append("information_wanted")
    (broken,) = compare(old, new)
    assert broken.detail == "the value information_wanted was added, which older readers refuse"
