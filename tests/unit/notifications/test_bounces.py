"""What comes back is read as mail servers write it, and nothing that is sent there does harm."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError, NotFound
from contracts.events import MessageBounced, MessageDelivered
from services.notifications.bounces.reading import Report, read
from services.notifications.domain import Case, State
from services.notifications.domain.following import Accepted, Refused, claim, record
from services.notifications.domain.returning import (
    arrived,
    given_back,
    returned,
    told_otherwise,
    untold,
)
from services.notifications.receipts.domain import End, end_of
from tests.unit.notifications.letters import fixed
from tests.unit.notifications.test_domain import LEASE, NOW, TOKEN, Story

OURS = UUID("0198c0de-0000-7000-8000-000000000001")
DOMAIN = "frontdoor.example"
BY = UUID(int=77)


def report(action: str = "failed", status: str = "5.1.1", *, whole: bool = False) -> bytes:
    """A notification as Postfix writes it, with the returned mail or its headers alone."""
    returned_part = "message/rfc822" if whole else "text/rfc822-headers"
    return f"""\
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: no-reply@frontdoor.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

--edge
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Thu, 5 Mar 2026 10:00:00 +0000

Final-Recipient: rfc822; lead@testwood.school.example
Action: {action}
Status: {status}
Remote-MTA: dns; mail.testwood.school.example
Diagnostic-Code: smtp; 550 {status} No such user

--edge
Content-Type: {returned_part}

From: Front door <no-reply@frontdoor.example>
Message-ID: <{OURS}@frontdoor.example>
Subject: Referral WAR-000123-K: decision

--edge--
""".encode()


@pytest.mark.parametrize("whole", [True, False])
def test_a_mail_that_came_back_is_known_by_its_id(whole: bool) -> None:
    assert read(report(whole=whole), DOMAIN) == Report(OURS, delivered=False, status="5.1.1")


def test_what_arrived_is_told_from_what_is_only_late() -> None:
    assert read(report("delivered", "2.0.0"), DOMAIN) == Report(
        OURS, delivered=True, status="2.0.0"
    )
    assert read(report("delayed", "4.4.1"), DOMAIN) is None
    assert read(report("failed", "nonsense"), DOMAIN) == Report(OURS, False, "unknown")


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"Subject: Out of office\n\nBack on Monday.",
        report().replace(b"frontdoor.example>", b"elsewhere.example>"),
        report().replace(b"Message-ID", b"X-Other"),
        report().replace(b"message/delivery-status", b"text/plain"),
        report().replace(b"Message-ID: <", b"Message-ID: <not-one-of-ours-"),
    ],
)
def test_any_other_mail_is_left_alone(mail: bytes) -> None:
    assert read(mail, DOMAIN) is None


@given(st.data())
def test_a_broken_mail_breaks_nothing(data: st.DataObject) -> None:
    whole = report(whole=data.draw(st.booleans()))
    cut = data.draw(st.integers(0, len(whole)))
    more = data.draw(st.binary(max_size=40))
    read(whole[:cut] + more + whole[cut + 3 :], DOMAIN)


def sent() -> Story:
    """A referral whose acknowledgement was sent."""
    story = Story(packs=fixed())
    assert story.case is not None
    wanted = [one.message_id for one in story.case.messages]
    claimed = claim(story.case, wanted, TOKEN, LEASE, NOW)
    assert claimed is not None
    story.case = record(claimed.state, wanted[0], TOKEN, Accepted("words"), NOW).state
    return story


def test_what_arrives_is_said_once() -> None:
    case = sent().case
    assert case is not None
    message_id = case.messages[0].message_id
    change = arrived(case, message_id, NOW)
    assert [type(event) for event in change.events] == [MessageDelivered]
    assert arrived(change.state, message_id, NOW).events == ()


def test_what_comes_back_has_failed_and_somebody_is_to_telephone() -> None:
    case = sent().case
    assert case is not None
    message_id = case.messages[0].message_id
    change = returned(case, message_id, "5.1.1", fixed(), NOW)
    (message,) = change.state.messages
    assert (message.state, message.reason) == (State.FAILED, "bounced_5.1.1")
    assert [type(event) for event in change.events] == [MessageBounced]
    (line,) = change.state.nudges
    assert (line.recipient, line.clock) == ("team:hub", "telephone")
    # The same notification again, or another server's, changes nothing.
    assert returned(change.state, message_id, "5.0.0", fixed(), NOW).events == ()

    later = NOW + timedelta(hours=1)
    told = told_otherwise(change.state, message_id, "by_telephone", BY, later).state
    assert (told.messages[0].told_how, told.messages[0].told_by) == ("by_telephone", BY)
    assert message_id in told.settled
    again = told_otherwise(told, message_id, "by_letter", UUID(int=78), later).state
    assert again.messages[0].told_how == "by_telephone"


def test_what_comes_back_for_now_goes_again_for_three_days() -> None:
    case = sent().case
    assert case is not None
    message_id = case.messages[0].message_id

    def back(case: Case, turn: int, after: timedelta) -> Case:
        at = NOW + after
        return given_back(case, message_id, turn, "temporary_failure", fixed(), at).state

    waiting = back(case, 0, timedelta(minutes=1))
    (message,) = waiting.messages
    assert (message.state, message.returns, message.reason) == (
        State.QUEUED, 1, "bounced_temporary_failure",
    )  # fmt: skip
    assert message.due_at == NOW + timedelta(minutes=31)
    assert waiting.nudges == ()

    again = replace(waiting, messages=(replace(message, state=State.SENT),))
    # What is said again of the first turn is no news.
    assert back(again, 0, timedelta(hours=1)) is again
    assert back(again, 1, timedelta(hours=1)).messages[0].due_at == NOW + timedelta(hours=2)
    for ended in (
        back(again, 1, timedelta(days=3)),
        back(replace(again, restricted=True), 1, timedelta(hours=1)),
    ):
        assert ended.messages[0].state is State.FAILED
        assert [line.clock for line in ended.nudges] == ["telephone"]


@pytest.mark.parametrize(
    ("reference", "status", "end"),
    [
        (str(BY), "delivered", End(BY)),
        (str(BY), "permanent-failure", End(BY, "permanent_failure")),
        (f"{BY}.2", "temporary-failure", End(BY, "temporary_failure", for_now=True, turn=2)),
        (str(BY), "technical-failure", End(BY, "technical_failure", for_now=True)),
        (str(BY), "sending", None),
        (str(BY), "a status of tomorrow", None),
        (f"{BY}.x", "delivered", None),
        ("a digest's", "delivered", None),
        (None, "delivered", None),
    ],
)
def test_what_notify_says_is_an_end_or_nothing(
    reference: str | None, status: str, end: End | None
) -> None:
    assert end_of(reference, status) == end


def test_only_what_did_not_go_can_be_told_otherwise() -> None:
    case = sent().case
    assert case is not None
    with pytest.raises(DomainError, match="message_not_undelivered"):
        told_otherwise(case, case.messages[0].message_id, "by_telephone", BY, NOW)
    with pytest.raises(NotFound):
        told_otherwise(case, UUID(int=1234), "by_telephone", BY, NOW)


def test_a_message_that_cannot_be_sent_at_all_is_to_be_telephoned_too() -> None:
    case = Story(packs=fixed()).case
    assert case is not None
    message_id = case.messages[0].message_id
    claimed = claim(case, [message_id], TOKEN, LEASE, NOW)
    assert claimed is not None
    change = record(claimed.state, message_id, TOKEN, Refused("no_address"), NOW)
    assert [one.clock for one in untold(claimed.state, change, fixed(), NOW).state.nudges] == [
        "telephone"
    ]
