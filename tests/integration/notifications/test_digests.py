"""Digests on a real database and a real mail server: one email for many clocks, once."""

from datetime import datetime, timedelta
from email.message import Message
from typing import Any
from uuid import UUID

import pytest

from chassis.errors import Unavailable
from contracts.codes import RestrictedBecause
from contracts.events import (
    ClockMet,
    ClockWarned,
    InformationRequested,
    Rag,
    ReferralErased,
    ReferralRestricted,
)
from services.notifications.alerts import AlertAddresses
from services.notifications.channels.smtp import SmtpChannel
from services.notifications.digests.mornings import Mornings
from services.notifications.digests.people import People, PersonWriter
from services.notifications.digests.sending import Digests
from services.notifications.digests.weeks import Weeks, WeekWriter
from services.notifications.digests.writing import Writer
from services.notifications.reads import AskedPerson, DueClock, SummarisedReferral, Summary, Wanted
from services.notifications.rendering.pen import Pen
from services.notifications.rendering.templates import Templates
from tests.clocks import SetClock
from tests.integration.notifications.hub import CONVERSATION, Hub
from tests.integration.notifications.relay import TestRelay

BECAUSE = next(iter(RestrictedBecause))
HUB = "hub@warwickshire.example"
STATES = "SELECT state, reason FROM digest ORDER BY made_at, digest_id"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DUTY", "OUT_OF_HOURS", "MANAGER", "TEAMS"):
        monkeypatch.delenv(f"FRONTDOOR_ALERT_{name}", raising=False)


def digests(hub: Hub, channel: SmtpChannel) -> Digests:
    pen = Pen(hub.packs, Templates(), "no-reply@frontdoor.example")
    writer = Writer(pen, "https://frontdoor.example", AlertAddresses())
    weeks = WeekWriter(pen, hub.words)
    people = PersonWriter(pen, hub.words, "https://frontdoor.example")
    return Digests(hub.kernel.service, channel, writer, weeks, people, CONVERSATION)


def clock_of(hub: Hub, due_at: datetime, rag: Rag = Rag.AMBER) -> dict[str, Any]:
    return {
        "clock_id": hub.ids(),
        "name": "hub_enquiry",
        "due_at": due_at,
        "started_at": hub.clock(),
        "calendar_version": "1",
        "explanation": "",
        "rag": rag,
    }


async def warned(hub: Hub, referral_id: UUID, rag: Rag = Rag.AMBER) -> dict[str, Any]:
    said = clock_of(hub, hub.clock() + timedelta(hours=2), rag)
    await hub.told("allocation", referral_id, ClockWarned(**said, tell=("practitioner",)))
    return said


async def states(hub: Hub) -> list[tuple[str, str | None]]:
    async with hub.database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(STATES)]


def text_of(mail: Message) -> str:
    (part, *_) = [one for one in mail.walk() if one.get_content_type() == "text/plain"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


async def test_a_quarter_of_an_hour_of_warnings_is_one_email_without_what_was_done_meanwhile(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    referrals = [await hub.submitted() for _ in range(5)]
    clocks = [await warned(hub, one) for one in referrals]
    done, gone, secret = referrals[1], referrals[2], referrals[3]
    await hub.told("allocation", done, ClockMet(**clocks[1], met_at=clock()))
    await hub.told("intake", gone, ReferralErased(erased_at=clock(), reason="retention"))
    await hub.told(
        "intake",
        secret,
        ReferralRestricted(because=BECAUSE, roles=("manager",), restricted_at=clock()),
    )
    sender = digests(hub, channel)
    await sender.step()
    assert relay.box.taken == []

    clock.forward(timedelta(minutes=15))
    await sender.step()
    await digests(hub, channel).step()

    (mail,) = relay.box.taken
    assert mail["To"] == HUB
    assert mail["Subject"] == "2 time limits to look at"
    said = text_of(mail)
    assert said.count("WAR-") == 2
    assert "WAR-000000-K, Amber: Hub's enquiries" in said
    assert f"https://frontdoor.example/referrals/{referrals[0]}" in said
    assert await states(hub) == [("sent", None)]


async def test_a_red_does_not_wait_and_nothing_is_said_of_what_was_accepted(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    sender = digests(hub, channel)
    await warned(hub, await hub.submitted(), Rag.RED)
    await sender.step()
    assert [mail["Subject"] for mail in relay.box.taken] == ["1 time limit to look at"]

    referral_id = await hub.submitted()
    said = await warned(hub, referral_id, Rag.RED)
    await relay.stop()
    assert not await sender.step()
    await hub.told("allocation", referral_id, ClockMet(**said, met_at=clock()))
    await relay.start()
    await sender.step()
    assert len(relay.box.taken) == 1
    assert await states(hub) == [("sent", None), ("cancelled", "nothing_left")]


async def test_a_digest_that_was_cut_goes_again_under_the_same_id_and_not_for_ever(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    await warned(hub, await hub.submitted(), Rag.RED)
    relay.box.manner = lambda _: "accept_then_drop"
    sender = digests(hub, channel)
    for _ in range(5):
        await sender.step()
        clock.forward(timedelta(seconds=31))
    assert list(relay.box.ids.values()) == [3]
    assert [state for state, _ in await states(hub)] == ["failed"]


async def test_each_team_has_its_list_of_the_day_once_when_the_hub_opens(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    referral_id = await hub.submitted()

    def due(team: str | None, hours: int) -> DueClock:
        return DueClock(
            clock_id=hub.ids(),
            referral_id=referral_id,
            name="statutory_decision",
            due_at=clock() + timedelta(hours=hours),
            rag=Rag.GREEN,
            team=team,
        )

    clock.now = datetime.fromisoformat("2026-03-06T07:00:00+00:00")
    hub.words.due = [due(None, -20), due("assessment", 4), due("gone", 200)]
    mornings = Mornings(hub.kernel.service, hub.words)
    assert await mornings.step() == 0
    clock.now = datetime.fromisoformat("2026-03-06T09:00:00+00:00")
    made = await mornings.step()
    assert made == len(hub.packs.authorities)
    assert await mornings.step() == 0

    await digests(hub, channel).step()
    # No mailbox is known for the assessment team: the hub's own has both.
    assert sorted(mail["To"] for mail in relay.box.taken) == [HUB, HUB]
    subjects = sorted(mail["Subject"] for mail in relay.box.taken)
    assert subjects == [
        "1 time limit for Friday 6 March 2026",
        "1 time limit for Friday 6 March 2026, 1 overdue",
    ]


async def test_leads_get_one_summary_a_week_when_the_hub_opens(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    referral_id, request_id = await hub.submitted(), hub.ids()
    waits = SummarisedReferral(
        referral_id=referral_id, reference="WAR-000000-K", stage="received", received_at=clock()
    )
    school, other = (
        Summary(
            organisation_id=hub.ids(),
            name="Testwood Academy",
            address=f"{name}@testwood.school.example",
            referrals=(waits,),
        )
        for name in ("leads", "other")
    )
    hub.words.summed = [school, other]
    due_at = datetime.fromisoformat("2026-03-10T12:00:00+00:00")
    hub.words.asked = {
        request_id: Wanted(
            request_id=request_id, token="x", due_at=due_at, link_until=due_at, wanted=True
        )
    }
    await hub.told(
        "triage",
        referral_id,
        InformationRequested(request_id=request_id, of="referrer", by=due_at, by_link=True),
    )
    weeks = [Weeks(hub.kernel.service, hub.words) for _ in range(2)]
    # A Friday, then Monday before and after the opening, read by two processes.
    assert await weeks[0].step() == 0
    clock.now = datetime.fromisoformat("2026-03-09T08:00:00+00:00")
    assert await weeks[0].step() == 0
    clock.now = datetime.fromisoformat("2026-03-09T08:31:00+00:00")
    hub.words.away = True
    with pytest.raises(Unavailable):
        await weeks[0].step()
    hub.words.away = False
    assert await weeks[0].step() == 2
    assert await weeks[1].step() == 0

    hub.words.summed = [school]
    sender = digests(hub, channel)
    await sender.step()
    (mail,) = relay.box.taken
    assert mail["To"] == "leads@testwood.school.example"
    assert mail["Subject"] == "Your referrals, week of Monday 9 March 2026"
    said = " ".join(text_of(mail).split())
    assert "Waiting for our decision: 1" in said
    assert "WE NEED AN ANSWER FROM YOU by 12pm on Tuesday 10 March 2026" in said
    assert sorted(await states(hub)) == [("cancelled", "nothing_left"), ("sent", None)]
    clock.forward(timedelta(hours=26))
    assert await weeks[1].step() == 0


async def test_whoever_is_asked_hears_of_it_once_and_not_of_what_they_have_answered(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    ann, bo, signs_in_otherwise = hub.ids(), hub.ids(), hub.ids()
    hub.words.accounts = {ann: "ann@school.example", bo: "bo@health.example"}
    hub.words.people = [
        AskedPerson(thing_id=hub.ids(), staff_id=who, what=what)
        for who, what in ((ann, "lead"), (ann, "do"), (bo, "do"), (signs_in_otherwise, "lead"))
    ]
    clock.now = datetime.fromisoformat("2026-03-09T06:00:00+00:00")
    people = [People(hub.kernel.service, hub.words) for _ in range(2)]
    assert await people[0].step() == 0, "the hub is closed"
    clock.now = datetime.fromisoformat("2026-03-09T10:00:00+00:00")
    assert [await one.step() for one in people] == [2, 0]
    hub.words.people = [one for one in hub.words.people if one.staff_id != bo]
    sender = digests(hub, channel)
    await sender.step()
    (mail,) = relay.box.taken
    assert (mail["To"], mail["Subject"]) == ("ann@school.example", "You are asked to help a family")
    said = " ".join(text_of(mail).split())
    assert "asked to lead for: 1" in said
    assert "asked to do for a family: 1" in said
    assert "https://frontdoor.example/my-work" in said
    hub.words.people.append(AskedPerson(thing_id=hub.ids(), staff_id=ann, what="do"))
    assert await people[1].step() == 1


async def test_a_summary_that_could_not_go_waits_until_the_hub_opens_again(
    hub: Hub, relay: TestRelay, channel: SmtpChannel, clock: SetClock
) -> None:
    school = Summary(
        organisation_id=hub.ids(), name="T", address="leads@school.example", referrals=()
    )
    hub.words.summed = [school]
    clock.now = datetime.fromisoformat("2026-03-09T16:00:00+00:00")
    await Weeks(hub.kernel.service, hub.words).step()
    clock.now = datetime.fromisoformat("2026-03-09T19:00:00+00:00")
    sender = digests(hub, channel)
    await sender.step()
    assert relay.box.taken == []
    assert await states(hub) == [("queued", None)]
    clock.now = datetime.fromisoformat("2026-03-10T09:00:00+00:00")
    await sender.step()
    assert len(relay.box.taken) == 1
