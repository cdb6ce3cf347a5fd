"""The distributed edition's services, each on its own database, with a stand-in for the broker."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg

from chassis.identity import issue, service_token
from chassis.identity.callers import Caller
from chassis.ids import new_id
from frontdoor.distributed.service import own_key
from frontdoor.rebuilding import Plan, of_topic, rebuild
from services.intake.accounts.registering import add_staff
from tests.journey.distributed.region import Region
from tests.journey.forms import form
from tests.journey.living import bearer, decision, read
from tests.topic import TopicStream


async def posted(home: Region, who: dict[str, str]) -> str:
    answer = await home.http.post(
        "/v1/referrals", json=form(), headers={**who, "Idempotency-Key": str(uuid4())}
    )
    assert answer.status_code == 201, answer.text
    return str(read(answer)["id"])


async def decided(home: Region, referral_id: str) -> None:
    manager = home.staff()
    path = f"/v1/triage/referrals/{referral_id}"
    case = await home.until(path, manager, lambda case: case["suggestion"] and case)
    answer = await home.http.post(
        f"{path}/decision",
        json=decision(case),
        headers={**manager, "If-Match": f'"{case["version"]}"'},
    )
    assert answer.status_code == 201, answer.text


def sent(kind: str):
    return lambda page: [
        one for one in page["items"] if one["kind"] == kind and one["state"] == "sent"
    ]


async def test_a_referral_travels_through_five_processes(home: Region) -> None:
    school = await home.partner()
    referral_id = await posted(home, school)
    await decided(home, referral_id)
    manager = home.staff()
    messages = f"/v1/messages?referral_id={referral_id}"
    await home.until(messages, manager, sent("acknowledgement"))
    await home.until(messages, manager, sent("decision"))
    await home.until(
        f"/v1/allocations?referral_id={referral_id}", manager, lambda page: page["items"]
    )
    told = await home.until(
        f"/v1/referrals/{referral_id}", school, lambda told: told["decision"] and told
    )
    assert told["decision"]["rationale"]
    assert len([one for one in home.relay.box.taken if "decision" in str(one["Subject"]).lower()])


async def test_posts_are_answered_while_the_broker_is_away(home: Region) -> None:
    school = await home.partner()
    home.topic.away = True
    referral_id = await posted(home, school)
    ready = await home.http.get("http://intake/readyz")
    assert ready.status_code == 200
    assert read(ready)["checks"]["broker"]["ok"] is False
    home.topic.away = False
    await decided(home, referral_id)


async def test_a_service_may_speak_for_itself_only(home: Region) -> None:
    ours = own_key(home.rings["allocation"])
    manager = Caller(kind="staff", id=new_id(), name="m", authorities=frozenset({"warwickshire"}))
    now = home.clock()
    body = {"ids": [], "purpose": "test"}
    network = home.http
    for token, status in (
        (service_token(ours, "allocation", now), 200),
        (service_token(ours, "notifications", now), 401),
        (issue(ours, manager, now, 60), 401),
    ):
        # Intake may not have heard of everybody yet: it then asks to be asked again.
        async with asyncio.timeout(10):
            while True:
                answer = await home.services["console"]._http.post(
                    "http://intake/internal/v1/referrals:batch", json=body, headers=bearer(token)
                )
                if answer.status_code != 503:
                    break
                await asyncio.sleep(0.05)
        assert answer.status_code == status, answer.text
    outside = await network.post(
        "/internal/v1/referrals:batch",
        json=body,
        headers=bearer(service_token(ours, "allocation", now)),
    )
    assert outside.status_code == 404


async def test_staff_sign_in_at_the_console_and_nowhere_else(home: Region) -> None:
    async with home.services["intake"].database.transaction() as connection:
        await add_staff(
            connection,
            username="rowan.warwidge",
            password="sturdy-lantern-walks",
            roles=["practitioner"],
            qualifications=["social_worker"],
            authorities=["warwickshire"],
            ids=new_id,
            now=home.clock(),
        )
    asked = {"username": "rowan.warwidge", "password": "sturdy-lantern-walks"}
    refused = await home.http.post("/oauth/token", data={"grant_type": "password", **asked})
    assert (refused.status_code, read(refused)["error"]) == (400, "unsupported_grant_type")
    said = await home.services["console"]._reads.post("/internal/v1/sign-ins", json=asked)
    assert said.status_code == 200, said.text
    queue = await home.http.get("/v1/triage/referrals", headers=bearer(read(said)["access_token"]))
    assert queue.status_code == 200


async def test_the_console_is_rebuilt_from_the_topic_while_it_serves(home: Region) -> None:
    school, manager = await home.partner(), home.staff()
    referral_id = await posted(home, school)
    await decided(home, referral_id)
    await home.until(f"/v1/messages?referral_id={referral_id}", manager, sent("decision"))
    databases = home.databases["console"]

    def shown(owner: str, query: str) -> list[Any]:
        with psycopg.connect(owner) as connection:
            return [row[0] for row in connection.execute(query.encode()).fetchall()]

    def suggested() -> list[str | None]:
        return shown(
            databases.owner, "SELECT suggested FROM console.queue_row ORDER BY referral_id"
        )

    # What other tests of this file posted comes in its own time.
    (posts,) = shown(home.databases["intake"].owner, "SELECT count(*) FROM intake.referral")
    async with asyncio.timeout(20):
        while len(suggested()) < posts or None in suggested():
            await asyncio.sleep(0.05)
    right = suggested()
    databases.execute("UPDATE console.queue_row SET suggested = 'none'")
    stream = of_topic(TopicStream(home.topic, home.clock))
    plan = Plan(databases.owner, databases.urls["console"], home.packs, stream, home.clock)
    _, rows = await rebuild(plan, lambda progress: None)
    assert rows == posts
    assert suggested() == right

    # Its consumer goes on in the topic after what the rebuild has seen.
    await posted(home, school)
    async with asyncio.timeout(20):
        while len(suggested()) == posts:
            await asyncio.sleep(0.05)


async def test_the_watchdog_hears_of_what_another_process_parked(home: Region) -> None:
    school = await home.partner()
    referral_id = await posted(home, school)
    manager = home.staff()
    await home.until(f"/v1/triage/referrals/{referral_id}", manager, bool)
    home.databases["triage"].execute(
        "INSERT INTO triage.parked_event SELECT 'triage', referral_id, position, source, sequence,"
        " type, authority, time, body, 'test', NULL, time FROM event_stream.event_log"
        f" WHERE referral_id = '{referral_id}' LIMIT 1"
    )

    async def noted() -> list[tuple[str, str]]:
        async with home.services["console"].database.connection() as connection:
            rows = await connection.fetch("SELECT referral_id, reason FROM attention")
        return [(str(row["referral_id"]), row["reason"]) for row in rows]

    async with asyncio.timeout(20):
        while await noted() != [(referral_id, "parked")]:
            await asyncio.sleep(0.05)
    # Triage cannot be asked any more, by later tests either: what it parked stays on top.
    await home.stop("triage")
    home.network.refused.clear()
    async with asyncio.timeout(20):
        while home.network.refused["triage"] < 2:
            await asyncio.sleep(0.05)
    assert await noted() == [(referral_id, "parked")]
