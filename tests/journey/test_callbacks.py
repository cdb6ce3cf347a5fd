"""A school's own system follows a referral: called back, signed; or by asking what changed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from policy.loading import PackSet
from tests.databases import Server
from tests.integration.notifications.endpoint import Endpoint
from tests.journey.living import Living, Partner, living, read


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    await endpoint.start()
    yield endpoint
    await endpoint.stop()


@pytest.fixture(scope="module")
async def wired(postgres: Server, packs: PackSet) -> AsyncIterator[Living]:
    with postgres.fresh() as databases:
        async with living(databases, packs, callback_networks=["127.0.0.0/8"]) as running:
            yield running


async def subscribed(home: Living, school: Partner, url: str, **about: Any) -> dict[str, Any]:
    answer = await home.http.post(
        "/v1/callbacks", json={"url": url, **about}, headers=dict(school.headers)
    )
    assert answer.status_code == 201, answer.text
    return read(answer)


async def test_a_schools_own_system_hears_of_the_decision_and_can_read_it(
    home: Living, endpoint: Endpoint
) -> None:
    school = await home.partner()
    manager = home.staff("manager")
    callback = await subscribed(home, school, f"{endpoint.url}/hook", news=["decided"])
    told = await home.refer(school)
    case = await home.rated(told["id"], manager)
    assert (await home.decide(case, manager)).status_code == 201

    (call,) = await endpoint.wait_for(1)
    assert call.signed_with(callback["secret"])
    assert call.body["data"]["referral_id"] == told["id"]
    assert call.body["data"]["href"] == f"http://house.example/v1/referrals/{told['id']}"
    # Whoever is called finds what they were called about.
    status = await home.http.get(call.body["data"]["href"], headers=dict(school.headers))
    assert read(status)["decision"]["rationale"]

    async def log() -> list[dict[str, Any]]:
        path = f"/v1/callbacks/{callback['id']}/calls"
        items: list[dict[str, Any]] = read(await home.http.get(path, headers=dict(school.headers)))[
            "items"
        ]
        return items

    (logged,) = await home.until(log, lambda items: items[0]["state"] == "taken")
    assert (logged["news"], logged["attempts"]) == ("decided", 1)


async def test_what_changed_is_listed_once_and_unchanged_is_304(home: Living) -> None:
    school = await home.partner()
    manager = home.staff("manager")
    told = await home.refer(school)
    case = await home.rated(told["id"], manager)
    assert (await home.decide(case, manager)).status_code == 201

    async def changes(cursor: str | None = None) -> dict[str, Any]:
        params = {"cursor": cursor} if cursor else {}
        answer = await home.http.get("/v1/changes", params=params, headers=dict(school.headers))
        return {**read(answer), "tag": answer.headers["etag"]}

    found = await home.until(changes, lambda page: len(page["items"]) >= 2)
    assert [one["news"] for one in found["items"][:2]] == ["received", "decided"]
    await home.settled()

    async def unlisted() -> list[tuple[int]]:
        return home.query("SELECT 1 FROM notifications.notice WHERE place IS NULL")

    await home.until(unlisted, lambda left: not left)
    found = await changes()
    last = found["items"][-1]["cursor"]
    assert (await changes(last))["items"] == []
    again = await home.http.get(
        "/v1/changes",
        params={"cursor": last},
        headers={**school.headers, "If-None-Match": (await changes(last))["tag"]},
    )
    assert again.status_code == 304
    assert again.content == b""


async def test_a_status_that_has_not_changed_is_304(home: Living) -> None:
    school = await home.partner()
    told = await home.refer(school)
    manager = home.staff("manager")
    case = await home.rated(told["id"], manager)
    await home.settled()
    here, headers = f"/v1/referrals/{told['id']}", dict(school.headers)
    tag = (await home.http.get(here, headers=headers)).headers["etag"]
    seen = {**headers, "If-None-Match": tag}
    assert (await home.http.get(here, headers=seen)).status_code == 304
    assert (await home.decide(case, manager)).status_code == 201
    await home.settled()
    changed = await home.http.get(here, headers=seen)
    assert (changed.status_code, read(changed)["status"]) != (200, "received")
    assert changed.headers["etag"] != tag


async def test_a_ping_is_made_at_once_and_the_log_says_why_one_failed(
    home: Living, endpoint: Endpoint
) -> None:
    school = await home.partner()
    callback = await subscribed(home, school, f"{endpoint.url}/hook")
    here = f"/v1/callbacks/{callback['id']}"
    headers = dict(school.headers)
    assert (await home.http.post(f"{here}/ping", headers=headers)).status_code == 202
    (call,) = await endpoint.wait_for(1)
    assert call.body["type"] == "uk.frontdoor.partner.ping.v1"

    endpoint.manner = lambda _: "redirect"
    assert (await home.http.post(f"{here}/ping", headers=headers)).status_code == 202

    async def log() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = read(await home.http.get(f"{here}/calls", headers=headers))[
            "items"
        ]
        return items

    newest, _ = await home.until(log, lambda items: items[0]["reason"] is not None)
    assert (newest["state"], newest["reason"]) == ("queued", "redirected")
    assert read(await home.http.get(here, headers=headers))["failing_since"]

    endpoint.manner = lambda _: "take"
    replayed = await home.http.post(
        f"{here}/replay", json={"call_id": newest["id"]}, headers=headers
    )
    assert replayed.status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://169.254.169.254/latest/meta-data"},
        {"url": "https://localhost.example/#x"},
        {"url": "https://user:secret@school.example/"},
        {"url": "https://school.example/", "news": ["suggested"]},
        {"url": "https://school.example/", "news": []},
        {"url": "gopher://school.example/"},
    ],
)
async def test_a_bad_call_back_is_refused_by_field(home: Living, body: dict[str, Any]) -> None:
    school = await home.partner()
    answer = await home.http.post("/v1/callbacks", json=body, headers=dict(school.headers))
    assert answer.status_code == 422
    pointer = read(answer)["errors"][0]["pointer"]
    assert pointer == "/url" or pointer.startswith("/news")


async def test_two_people_changing_one_call_back_do_not_undo_each_other(home: Living) -> None:
    school = await home.partner()
    url = "https://school.example/hook"
    callback = await subscribed(home, school, url)
    here = f"/v1/callbacks/{callback['id']}"
    body = {"url": url, "news": ["decided"]}
    seen = {**school.headers, "If-Match": '"1"'}
    first = await home.http.put(here, json=body, headers=seen)
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (await home.http.put(here, json=body, headers=seen)).status_code == 412
    second = await home.http.post("/v1/callbacks", json={"url": url}, headers=dict(school.headers))
    assert second.status_code == 409
    assert (await home.http.delete(here, headers=dict(school.headers))).status_code == 204
    assert (await home.http.get(here, headers=dict(school.headers))).status_code == 404


async def test_a_client_without_the_scope_changes_nothing(home: Living) -> None:
    school = await home.partner("reader", scopes=("referral.read",))
    answer = await home.http.post(
        "/v1/callbacks", json={"url": "https://school.example/"}, headers=dict(school.headers)
    )
    assert answer.status_code == 403
