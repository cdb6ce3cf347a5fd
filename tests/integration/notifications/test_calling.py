"""Partners' systems are called back: once for each thing, whatever their servers do, and none has to
wait for another's."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.events import PartnerNews, PartnerStatusChanged, ReferralErased
from services.notifications.callbacks.calling import Caller, Limits
from services.notifications.callbacks.domain import NEWS, Callback
from services.notifications.callbacks.signing import new_secret
from services.notifications.callbacks.store import CallbackStore
from services.notifications.channels.port import Delivery, Letter, NotTaken
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.news import store as news
from services.notifications.news.listing import Listing
from tests.clocks import SetClock
from tests.integration.notifications.endpoint import Endpoint
from tests.integration.notifications.hub import Hub

# What became of every call, for a test to look at.
CALLS = """
SELECT call.news, call.state, call.attempt, call.reason FROM call JOIN callback USING (callback_id)
 WHERE url LIKE '%' || $1 ORDER BY call.queued_at, call_id
"""
CALLBACKS = "SELECT enabled, callback.reason, failing_since FROM callback ORDER BY created_at"


@dataclass
class Office:
    """A hub that calls back, and an endpoint to be called."""

    hub: Hub
    endpoint: Endpoint
    store: CallbackStore
    channel: WebhookChannel
    caller: Caller
    listing: Listing
    organisation_id: UUID

    async def subscribed(
        self, path: str = "/hook", about: tuple[str, ...] = NEWS, secret: str | None = None
    ) -> tuple[Callback, str]:
        one = Callback(
            callback_id=self.hub.ids(),
            organisation_id=self.organisation_id,
            client_id="testwood",
            url=f"{self.endpoint.url}{path}",
            news=about,
            version=1,
            created_at=self.hub.clock(),
        )
        made = secret or new_secret()
        async with self.hub.database.transaction() as connection:
            assert await self.store.add(connection, one, made)
        return one, made

    async def happened(self, *what: PartnerNews, referral_id: UUID | None = None) -> UUID:
        """News of a referral of the organisation."""
        if referral_id is None:
            referral_id = self.hub.ids()
            submitted = self.hub.received(referral_id)
            await self.hub.told(
                "intake",
                referral_id,
                submitted.model_copy(update={"organisation_id": self.organisation_id}),
            )
        for one in what:
            await self.hub.told(
                "intake",
                referral_id,
                PartnerStatusChanged(
                    organisation_id=self.organisation_id,
                    news=one,
                    stage="decided",
                    changed_at=self.hub.clock(),
                ),
            )
        await self.listing.step()
        return referral_id

    async def called(self) -> int:
        """Make every call that is due now."""
        begun = await self.caller.step()
        await self.caller.settle()
        return begun

    async def calls(self, path: str = "/hook") -> list[tuple[object, ...]]:
        async with self.hub.database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(CALLS, path)]

    async def callbacks(self) -> list[tuple[object, ...]]:
        async with self.hub.database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(CALLBACKS)]


@pytest.fixture
async def office(hub: Hub) -> AsyncIterator[Office]:
    endpoint = Endpoint()
    await endpoint.start()
    store = CallbackStore(hub.vault)
    channel = WebhookChannel(80, 2.0, lambda _: False, lambda _: True)
    limits = Limits(lease=timedelta(seconds=20), chance=lambda: 0.0, shutdown_seconds=0.2)
    yield Office(
        hub,
        endpoint,
        store,
        channel,
        Caller(hub.kernel, store, channel, "https://frontdoor.example", limits),
        Listing(hub.kernel),
        hub.ids(),
    )
    await channel.close()
    await endpoint.stop()


async def test_a_call_is_signed_thin_and_made_once(office: Office) -> None:
    _, secret = await office.subscribed()
    referral_id = await office.happened(PartnerNews.DECIDED)
    assert await office.called() == 2
    assert await office.called() == 0

    received, decided = sorted(
        office.endpoint.taken, key=lambda one: str(one.body["data"]["news"]), reverse=True
    )
    assert decided.signed_with(secret)
    assert not decided.signed_with(new_secret())
    assert decided.body == {
        "type": "uk.frontdoor.partner.status_changed.v1",
        "timestamp": decided.body["timestamp"],
        "data": {
            "referral_id": str(referral_id),
            "news": "decided",
            "stage": "decided",
            "href": f"https://frontdoor.example/v1/referrals/{referral_id}",
        },
    }
    assert received.body["data"]["stage"] == "received"
    assert received.headers["webhook-id"] != decided.headers["webhook-id"]


async def test_only_what_was_asked_for_is_told_and_only_to_its_organisation(
    office: Office,
) -> None:
    await office.subscribed("/decisions", (PartnerNews.DECIDED,))
    await office.happened(PartnerNews.DECIDED, PartnerNews.WITHDRAWN)
    mine, office.organisation_id = office.organisation_id, office.hub.ids()
    await office.happened(PartnerNews.DECIDED)
    office.organisation_id = mine
    await office.called()
    assert [one.body["data"]["news"] for one in office.endpoint.taken] == ["decided"]


async def test_what_is_refused_is_tried_again_later_under_the_same_id(
    office: Office, clock: SetClock
) -> None:
    await office.subscribed(about=(PartnerNews.DECIDED,))
    office.endpoint.manner = lambda _: "fail"
    await office.happened(PartnerNews.DECIDED)
    assert await office.called() == 1
    assert await office.calls() == [("decided", "queued", 1, "http_500")]
    assert (await office.callbacks())[0][2] is not None
    assert await office.called() == 0

    office.endpoint.manner = lambda _: "take"
    clock.forward(timedelta(seconds=5))
    assert await office.called() == 1
    assert await office.calls() == [("decided", "taken", 2, None)]
    assert await office.callbacks() == [(True, None, None)]


async def test_after_three_days_a_call_has_failed_and_can_be_replayed(
    office: Office, clock: SetClock
) -> None:
    one, _ = await office.subscribed(about=(PartnerNews.DECIDED,))
    office.endpoint.manner = lambda _: "drop"
    began = clock()
    await office.happened(PartnerNews.DECIDED)
    for _ in range(30):
        await office.called()
        clock.forward(timedelta(hours=8))
    ((_, state, _, reason),) = await office.calls()
    assert (state, reason) == ("failed", "broken_off")

    office.endpoint.manner = lambda _: "take"
    async with office.hub.database.transaction() as connection:
        again = await office.store.replay_since(connection, one.callback_id, began, clock())
    assert again == 1
    await office.called()
    assert await office.calls() == [("decided", "taken", 1, None)]


async def test_410_switches_a_call_back_off(office: Office) -> None:
    await office.subscribed()
    office.endpoint.manner = lambda _: "gone"
    await office.happened()
    await office.called()
    assert [(on, why) for on, why, _ in await office.callbacks()] == [(False, "gone")]

    await office.happened(PartnerNews.DECIDED)
    assert await office.called() == 0
    assert {state for _, state, _, _ in await office.calls()} == {"failed"}


async def test_for_a_day_both_secrets_hold(office: Office, clock: SetClock) -> None:
    one, old = await office.subscribed(about=(PartnerNews.DECIDED,))
    new = new_secret()
    async with office.hub.database.transaction() as connection:
        await office.store.rotate(connection, one.callback_id, new, clock())
    referral_id = await office.happened(PartnerNews.DECIDED)
    await office.called()
    clock.forward(timedelta(hours=25))
    await office.happened(PartnerNews.DECIDED, referral_id=referral_id)
    await office.called()

    first, second = office.endpoint.taken
    assert first.signed_with(old)
    assert first.signed_with(new)
    assert second.signed_with(new)
    assert not second.signed_with(old)


async def test_a_caller_that_died_leaves_its_calls_to_others(
    office: Office, clock: SetClock
) -> None:
    await office.subscribed(about=(PartnerNews.DECIDED,))
    await office.happened(PartnerNews.DECIDED)
    office.endpoint.manner = lambda _: "hang"
    await office.caller.step()
    limits = Limits(lease=timedelta(seconds=20), chance=lambda: 0.0)
    other = Caller(
        office.hub.kernel, office.store, office.channel, "https://frontdoor.example", limits
    )
    assert await other.step() == 0

    office.endpoint.manner = lambda _: "take"
    clock.forward(timedelta(seconds=21))
    assert await other.step() == 1
    await other.settle()
    await office.caller.settle()
    assert await office.calls() == [("decided", "taken", 2, None)]


@pytest.mark.parametrize("manner", ["hang", "fail", "drop"])
async def test_many_bad_endpoints_do_not_delay_a_good_one(office: Office, manner: str) -> None:
    """Sixty here; bench.callbacks does it with five hundred."""
    for place in range(60):
        await office.subscribed(f"/bad/{place}", (PartnerNews.DECIDED,))
    await office.subscribed("/good", (PartnerNews.DECIDED,))
    office.endpoint.manner = lambda path: manner if path.startswith("/bad") else "take"  # type: ignore[return-value]
    running = asyncio.create_task(office.caller.run())
    try:
        for count in (1, 2, 3):
            began = time.monotonic()
            await office.happened(PartnerNews.DECIDED)
            await office.endpoint.wait_for(count, "/good")
            # A second is the promise, and bench.callbacks holds it; here others share the machine.
            assert time.monotonic() - began < 3
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_first_call_of_each_is_made_before_the_second_of_any(office: Office) -> None:
    """Four things happened, and with all calls about them the lanes would be full."""
    for place in range(30):
        await office.subscribed(f"/bad/{place}")
    await office.subscribed("/good")
    office.endpoint.manner = lambda path: "hang" if path.startswith("/bad") else "take"
    await office.happened(*NEWS[:4])
    running = asyncio.create_task(office.caller.run())
    try:
        began = time.monotonic()
        await office.endpoint.wait_for(1, "/good")
        # Those that hang are given up after two seconds, and their lanes are free again.
        assert time.monotonic() - began < 2
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_ends_while_another_is_recorded_is_not_called_as_well_meanwhile(
    office: Office,
) -> None:
    """All fail. Those of /second end just before more calls are begun."""
    ends = {"first": asyncio.Event(), "second": asyncio.Event()}

    class Failing(WebhookChannel):
        async def hand_over(self, letter: Letter) -> Delivery:
            await ends[letter.recipient.rpartition("/")[2]].wait()
            return NotTaken("http_500", permanent=False)

    class Slow(CallbackStore):
        async def record(self, *args: Any) -> None:
            await super().record(*args)
            ends["second"].set()
            await asyncio.sleep(0)

    channel = Failing(80, 2.0, lambda _: False, lambda _: True)
    limits = Limits(lease=timedelta(seconds=20), chance=lambda: 0.0)
    caller = Caller(office.hub.kernel, Slow(office.hub.vault), channel, "https://x.example", limits)
    for path in ends:
        await office.subscribed(f"/{path}")
    await office.happened(*NEWS[:4])
    assert await caller.step() == 8
    await office.happened(*NEWS[:4])
    ends["first"].set()
    await asyncio.sleep(0)
    # One of /first, which fails as everybody knows by now.
    assert await caller.step() == 1
    await caller.settle()


async def test_the_list_has_every_change_in_order_and_forgets_the_erased(office: Office) -> None:
    first = await office.happened(PartnerNews.DECIDED)
    second = await office.happened(PartnerNews.WITHDRAWN)
    async with office.hub.database.connection() as connection:
        listed = await news.page(connection, office.organisation_id, 0, NEWS, 10)
        rest = await news.page(connection, office.organisation_id, listed[1]["place"], NEWS, 10)
    assert [(one["referral_id"], one["news"]) for one in listed] == [
        (first, "received"),
        (first, "decided"),
        (second, "received"),
        (second, "withdrawn"),
    ]
    assert rest == listed[2:]

    await office.subscribed()
    erased = ReferralErased(erased_at=office.hub.clock(), reason="retention_ended")
    await office.hub.told("intake", first, erased)
    async with office.hub.database.connection() as connection:
        left = await news.page(connection, office.organisation_id, 0, NEWS, 10)
    assert left == listed[2:]


async def test_nothing_is_told_of_a_restricted_referral(office: Office) -> None:
    referral_id = office.hub.ids()
    submitted = office.hub.received(referral_id).model_copy(
        update={"organisation_id": office.organisation_id, "restricted": True}
    )
    await office.hub.told("intake", referral_id, submitted)
    await office.happened(PartnerNews.DECIDED, referral_id=referral_id)
    async with office.hub.database.connection() as connection:
        assert await news.page(connection, office.organisation_id, 0, NEWS, 10) == []
