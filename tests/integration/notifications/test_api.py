"""Staff see who was told what; nobody else does."""

import httpx2
import pytest

from chassis.http import create_app
from chassis.identity import Caller, SigningKey, Verifier
from chassis.identity.tokens import issue
from chassis.settings import Settings
from services.notifications import api
from services.notifications.bounces import api as undelivered
from services.notifications.channels.smtp import SmtpChannel
from services.notifications.measures import api as measures
from tests.clocks import SetClock
from tests.integration.notifications.hub import Hub

FIELDS = {
    "id", "referral_id", "kind", "channel", "audience", "state", "attempt", "reason",
    "queued_at", "sent_at", "delivered_at", "told_at", "told_how",
}  # fmt: skip


class Desk:
    """Calls the API as somebody."""

    def __init__(self, hub: Hub, clock: SetClock) -> None:
        self._key = SigningKey.derived(b"a secret of a test")
        self._clock = clock
        self._hub = hub
        app = create_app(
            "notifications",
            [
                undelivered.router(hub.kernel),
                measures.router(hub.kernel.service),
                api.router(hub.kernel, hub.store),
            ],
            settings=Settings(),
            verifier=Verifier(self._key.public(), clock),
        )
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://notifications.example"
        )

    async def get(
        self, path: str, *, role: str = "practitioner", authority: str = "warwickshire"
    ) -> httpx2.Response:
        return await self._send(path, self._staff(role, authority))

    async def post(
        self, path: str, body: dict[str, str], *, authority: str = "warwickshire"
    ) -> httpx2.Response:
        signed = self._signed(self._staff("practitioner", authority))
        return await self._client.post(path, json=body, headers=signed)

    def _staff(self, role: str, authority: str) -> Caller:
        return Caller(
            "staff",
            self._hub.ids(),
            "someone",
            authorities=frozenset({authority}),
            roles=frozenset({role}),
        )

    async def get_as_partner(self, path: str) -> httpx2.Response:
        caller = Caller("partner", self._hub.ids(), "client", scopes=frozenset({"referral.read"}))
        return await self._send(path, caller)

    async def get_unsigned(self, path: str) -> httpx2.Response:
        return await self._client.get(path)

    async def _send(self, path: str, caller: Caller) -> httpx2.Response:
        return await self._client.get(path, headers=self._signed(caller))

    def _signed(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Bearer {issue(self._key, caller, self._clock(), 3600)}"}


@pytest.fixture
def desk(hub: Hub, clock: SetClock) -> Desk:
    return Desk(hub, clock)


async def test_the_list_shows_what_was_told_without_words_or_addresses(
    hub: Hub, desk: Desk, channel: SmtpChannel
) -> None:
    referral_id = await hub.submitted()
    await hub.submitted()
    await hub.decided(referral_id)
    await hub.sender(channel).step()

    answer = await desk.get(f"/v1/messages?referral_id={referral_id}")

    assert answer.status_code == 200
    items = answer.json()["items"]
    assert [(item["kind"], item["state"]) for item in items] == [
        ("acknowledgement", "sent"),
        ("decision", "sent"),
    ]
    assert set(items[0]) == FIELDS
    assert "testwood" not in answer.text
    assert answer.json()["next"] is None


async def test_pages_follow_each_other_without_gap_or_repeat(hub: Hub, desk: Desk) -> None:
    for _ in range(5):
        await hub.submitted()
    found, cursor = [], ""
    while cursor is not None:
        page = (await desk.get(f"/v1/messages?limit=2{cursor}")).json()
        found += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next']}" if page["next"] else None
    assert len(found) == len(set(found)) == 5


async def test_other_authorities_partners_and_strangers_see_nothing(hub: Hub, desk: Desk) -> None:
    await hub.submitted()
    message_id = (await desk.get("/v1/messages")).json()["items"][0]["id"]

    elsewhere = await desk.get("/v1/messages", authority="walsall")
    assert elsewhere.json()["items"] == []
    one = f"/v1/messages/{message_id}"
    assert (await desk.get(one, authority="walsall")).status_code == 404
    for path in ("/v1/messages", one):
        assert (await desk.get_as_partner(path)).status_code == 403
        assert (await desk.get_unsigned(path)).status_code == 401
    assert (await desk.get(one, role="analyst")).status_code == 403


async def test_a_bad_cursor_is_refused(desk: Desk) -> None:
    answer = await desk.get("/v1/messages?cursor=nonsense")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


async def test_reading_what_was_sent_is_audited(hub: Hub, desk: Desk, channel: SmtpChannel) -> None:
    await hub.decided(await hub.submitted())
    await hub.sender(channel).step()
    items = (await desk.get("/v1/messages")).json()["items"]

    answer = await desk.get(f"/v1/messages/{items[1]['id']}")

    sent = answer.json()["sent"]
    assert sent["subject"] == "Referral WAR-000000-K: decision"
    assert "fits our guidance" in sent["text"]
    async with hub.database.connection() as connection:
        actions = await connection.fetch("SELECT action FROM audit_entry")
    assert [row["action"] for row in actions] == ["message_read"]


async def test_how_soon_referrers_hear_is_counted_by_agency(
    hub: Hub, clock: SetClock, channel: SmtpChannel
) -> None:
    await hub.decided(await hub.submitted())
    await hub.submitted(agency="health_visitor")
    await hub.sender(channel).step()
    desk = Desk(hub, clock)
    place = "/v1/messages/measures"
    found = (await desk.get(f"{place}?start=2026-03-01", role="analyst")).json()
    assert {
        (one["measure"], one["agency"], one["count"], one["total"]) for one in found["items"]
    } == {
        ("acknowledged_in_time", "school", 1, 1),
        ("acknowledged_in_time", "health_visitor", 1, 1),
        ("decided_in_time", "school", 1, 1),
        ("feedback_sent_in_time", "school", 1, 1),
        ("feedback_arrived", "school", 1, 1),
        ("status_opened", "school", 0, 1),
    }
    told = (await desk.get(f"{place}?start=2026-03-01&published=true", role="manager")).json()
    assert {one["count"] for one in told["items"]} == {None}
    elsewhere = await desk.get(f"{place}?start=2026-03-01", role="analyst", authority="walsall")
    assert elsewhere.json()["items"] == []
    assert (await desk.get(place)).status_code == 403
    wrong = await desk.get(f"{place}?start=2026-03-02&end=2026-03-01", role="analyst")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/end")
