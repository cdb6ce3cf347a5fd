"""Five `frontdoor serve` processes with Kafka between them, as an operator runs them."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import psycopg
import pytest

from bench.fleet import Fleet, fleet
from bench.house import until
from bench.people import work
from bench.sink import Sink
from bench.starters import ByFork
from frontdoor.catalogue import SERVICES
from tests.fault.looking import HIDDEN
from tests.journey.distributed.spans import Kept, Spans, receiving

REFERRALS = 20
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
JOURNEY = {
    ("frontdoor-intake", "POST /v1/referrals", SERVER),
    ("frontdoor-triage", "process referral.submitted.v1", CONSUMER),
    ("frontdoor-allocation", "process triage.rated.v1", CONSUMER),
    ("frontdoor-notifications", "process referral.submitted.v1", CONSUMER),
    ("frontdoor-notifications", "send message", CLIENT),
    ("frontdoor-console", "process message.sent.v1", CONSUMER),
}
PUBLISHERS = {f"frontdoor-{name}" for name in SERVICES if name != "console"}


@pytest.fixture(scope="module")
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    await sink.start()
    yield sink
    await sink.stop()


@pytest.fixture(scope="module")
def spans() -> Iterator[Spans]:
    with receiving() as spans:
        yield spans


@pytest.fixture(scope="module")
async def running(kafka: str, sink: Sink, spans: Spans) -> AsyncIterator[Fleet]:
    with (
        pytest.MonkeyPatch.context() as environment,
        fleet(
            kafka=kafka,
            starter=ByFork(),
            smtp=sink.address,
            SMTP_SECONDS="2",
            LEASE_SECONDS="3",
            OTLP_ENDPOINT=spans.url,
        ) as one,
    ):
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        await one.install()
        await one.up()
        yield one


async def answered(fleet: Fleet, sink: Sink, referrals: set[str]) -> None:
    """Until each of these referrals had its acknowledgement and its decision sent."""
    async with fleet.people() as people:
        headers = {
            name: await people.person("manager", name)
            for name in ("warwickshire", "stockton-on-tees", "hartlepool", "walsall",
                         "bath-and-north-east-somerset")
        }  # fmt: skip

        async def told(referral_id: str) -> bool:
            kinds = set()
            for who in headers.values():
                page = await people.http.get(
                    "/v1/messages", params={"referral_id": referral_id}, headers=who
                )
                kinds |= {one["kind"] for one in page.json()["items"] if one["state"] == "sent"}
            return {"acknowledgement", "decision"} <= kinds

        for referral_id in sorted(referrals):
            await until(lambda one=referral_id: told(one), 30, f"{referral_id} answered")


@pytest.mark.timeout(420)
async def test_referrals_are_posted_decided_and_answered_while_every_service_is_killed(
    running: Fleet, sink: Sink
) -> None:
    async def kill(name: str) -> None:
        running.kill(name)
        running.start(name)
        await running.ready(name)

    trouble = {3 * place + 2: (lambda name=name: kill(name)) for place, name in enumerate(SERVICES)}
    async with running.people() as people:
        await work(people, REFERRALS, posters=4, deciders=2, at=trouble)
        assert len(people.told.posted) == len(people.told.decided) == REFERRALS
        await answered(running, sink, set(people.told.posted))
    assert running.kills == len(SERVICES)


@pytest.mark.timeout(300)
async def test_a_post_is_one_trace_through_all_services(running: Fleet, spans: Spans) -> None:
    async with running.people() as people:
        referral_id = await people.post(9_000)
        with psycopg.connect(running.owner_url("intake")) as connection:
            row = connection.execute(
                "SELECT body ->> 'traceparent' FROM event_stream.event_log"
                " WHERE referral_id = %s AND type = 'uk.frontdoor.referral.submitted.v1'",
                (referral_id,),
            ).fetchone()
        assert row
        trace = row[0].split("-")[1]

        async def whole() -> list[Kept]:
            found = spans.of(trace)
            ids = {one.id for one in found}
            said = {(one.service, one.name, one.kind) for one in found}
            first = {one.name for one in found if one.parent not in ids}
            sent = {one.service for one in spans.kept if trace in one.links}
            there = said >= JOURNEY and sent >= PUBLISHERS and first == {"POST /v1/referrals"}
            return found if there else []

        found = await until(whole, 30, "one trace from the post to the message")
    processed = [one.attributes for one in found if one.kind == CONSUMER]
    assert {one["messaging.system"] for one in processed} == {"kafka"}
    assert {one["messaging.operation.type"] for one in processed} == {"process"}
    groups = {one["messaging.consumer.group.name"] for one in processed}
    assert groups >= {"triage", "allocation", "notifications", "console"}
    assert all(one["messaging.kafka.offset"] >= 0 for one in processed)
    assert {one["messaging.destination.partition.id"] for one in processed} <= {"0", "1", "2", "3"}
    assert referral_id not in str(found)

    published = [one for one in spans.kept if trace in one.links and one.kind == PRODUCER]
    assert {one.service for one in published} == PUBLISHERS
    assert {one.attributes["messaging.operation.type"] for one in published} == {"send"}
    assert {one.attributes["messaging.destination.name"] for one in published} == {running.topic}


@pytest.mark.timeout(180)
async def test_each_service_tells_its_parts_apart(running: Fleet) -> None:
    async with httpx2.AsyncClient(timeout=10) as http:
        for url in (*running.urls.values(), *running.internal_urls.values()):
            assert (await http.get(f"{url}/livez")).json()["status"] == "ok"
            ready = await http.get(f"{url}/readyz")
            assert ready.status_code == 200
            checks = ready.json()["checks"]
            assert {name: checks[name]["ok"] for name in checks} == {
                "state": True, "database": True, "migrations": True, "broker": True,
            }  # fmt: skip
            assert "events_handled_total" in (await http.get(f"{url}/metrics")).text


@pytest.mark.timeout(180)
async def test_what_is_internal_is_at_another_port(running: Fleet) -> None:
    async with httpx2.AsyncClient(timeout=10) as http:
        for name, url in running.urls.items():
            assert (await http.get(f"{url}/internal/v1/{name}/keys")).status_code == 404
            assert (await http.get(f"{url}/internal/v1/{name}/parked")).status_code == 404
        for name, url in running.internal_urls.items():
            keys = (await http.get(f"{url}/internal/v1/{name}/keys")).json()["keys"]
            assert [key for key in keys if "d" in key] == []
            assert (await http.get(f"{url}/internal/v1/{name}/parked")).status_code == 401


@pytest.mark.timeout(180)
async def test_staff_sign_in_at_the_console(running: Fleet) -> None:
    async with running.people() as people:
        refused = await people.http.post(
            "/oauth/token",
            data={
                "grant_type": "password",
                "username": "manager.walsall",
                "password": people.password("manager.walsall"),
            },
        )
        assert refused.json()["error"] == "unsupported_grant_type"
        async with httpx2.AsyncClient(
            base_url=running.urls["console"], timeout=10, follow_redirects=True
        ) as browser:
            found = HIDDEN.search((await browser.get("/sign-in")).text)
            assert found
            answer = await browser.post(
                "/sign-in",
                data={
                    "form_key": found[1],
                    "username": "manager.walsall",
                    "password": people.password("manager.walsall"),
                    "next": "",
                    "target": "",
                },
            )
            assert answer.url.path == "/queue", answer.text


@pytest.mark.timeout(300)
async def test_an_operator_adds_accounts_and_asks_what_is_parked(running: Fleet) -> None:
    added = running.command(
        "intake", "partner", "add", "--client-id", "northwick-school",
        "--name", "Northwick School", "--agency", "school",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    elsewhere = running.command("triage", "user", "add", "--username", "somebody",
                                "--role", "manager", "--authority", "walsall")  # fmt: skip
    assert elsewhere.returncode == 1
    assert "--service intake" in elsewhere.stderr
    parked = running.command("triage", "dead-letters", "list")
    assert (parked.returncode, parked.stdout) == (0, "")
    trail = running.command("intake", "audit", "verify")
    assert trail.returncode == 0, trail.stdout


@pytest.mark.timeout(300)
async def test_asked_to_stop_each_ends_well(running: Fleet) -> None:
    running.ask_to_stop()
    codes = await running.stopped(within=30)
    assert codes == dict.fromkeys(SERVICES, 0)
    assert [name for name in SERVICES if "cut_off" in running.log(name)] == []


@pytest.mark.timeout(300)
async def test_a_restored_service_speaks_from_a_new_epoch(running: Fleet, sink: Sink) -> None:
    said = running.command("intake", "restored")
    assert (said.returncode, said.stdout) == (0, "intake/2\n"), said.stderr
    await running.up()
    async with running.people() as people:
        referral_id = await people.post(REFERRALS + 1)
        await people.decide(referral_id)
        await answered(running, sink, {referral_id})
