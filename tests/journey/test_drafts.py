"""Drafts: saved, come back to, handed over, submitted once, forgotten in time."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from services.intake.accounts.store import Client, add_client
from tests.journey.forms import form
from tests.journey.living import Living, Partner, read, tidying


async def begin(home: Living, who: Partner, **said: Any) -> dict[str, Any]:
    answer = await home.http.post(
        "/v1/drafts",
        json={"authority": "warwickshire", **said},
        headers={"Idempotency-Key": str(uuid4()), **who.headers},
    )
    assert answer.status_code == 201, answer.text
    return read(answer)


async def submit(home: Living, who: Partner, draft: str, key: str | None = None) -> httpx2.Response:
    return await home.http.post(
        f"/v1/drafts/{draft}/submission",
        headers={"Idempotency-Key": key or str(uuid4()), **who.headers},
    )


async def test_a_draft_is_saved_come_back_to_and_sent(home: Living) -> None:
    school = await home.partner()
    draft = await begin(home, school, narrative="He comes to school hungry.")
    assert draft["can_be_sent"] is False
    assert {"/children"} <= {one["pointer"] for one in draft["needed"]}
    path = f"/v1/drafts/{draft['id']}"
    came_back = await home.http.get(path, headers=dict(school.headers))
    assert came_back.json()["form"]["narrative"] == "He comes to school hungry."

    put = await home.http.put(
        path, json=form(), headers={**school.headers, "If-Match": came_back.headers["ETag"]}
    )
    assert put.json()["can_be_sent"] is True
    key = str(uuid4())
    sent = await submit(home, school, draft["id"], key)
    assert sent.status_code == 201, sent.text
    assert sent.json()["id"] == draft["id"]
    again = await submit(home, school, draft["id"], key)
    assert (again.status_code, again.json()) == (201, sent.json())
    assert (await home.http.get(path, headers=dict(school.headers))).status_code == 404
    await home.rated(sent.json()["id"], home.staff())
    assert [one["type"] for one in home.events(draft["id"])].count(
        "uk.frontdoor.referral.submitted.v1"
    ) == 1


async def test_a_draft_submitted_twice_at_once_is_one_referral(home: Living) -> None:
    school = await home.partner()
    draft = await begin(home, school, **form())
    answers = await asyncio.gather(*(submit(home, school, draft["id"]) for _ in range(4)))
    statuses = sorted(one.status_code for one in answers)
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 404, 409}
    assert home.query("SELECT count(*) FROM intake.referral") == [(1,)]


async def test_what_is_refused_stays_a_draft(home: Living) -> None:
    school = await home.partner()
    draft = await begin(home, school, going_well="He likes school.")
    assert (await submit(home, school, draft["id"])).status_code == 422
    path = f"/v1/drafts/{draft['id']}"
    put = await home.http.put(path, json=form(), headers={**school.headers, "If-Match": '"1"'})
    assert put.status_code == 200, put.text
    assert (await submit(home, school, draft["id"])).status_code == 201


async def test_nobodys_change_is_lost(home: Living, school: Partner) -> None:
    draft = await begin(home, school)
    path = f"/v1/drafts/{draft['id']}"
    body = {"authority": "warwickshire", "narrative": "One."}

    async def put(**headers: str) -> int:
        answer = await home.http.put(path, json=body, headers={**school.headers, **headers})
        return answer.status_code

    assert await put() == 428
    assert await put(**{"If-Match": '"1"'}) == 200
    assert await put(**{"If-Match": '"1"'}) == 412


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"nothing", 400), (b"[]", 400), (b"{}", 422), (b'{"authority": "nowhere"}', 422)],
)
async def test_what_is_no_draft_is_refused(
    home: Living, school: Partner, body: bytes, status: int
) -> None:
    answer = await home.http.post(
        "/v1/drafts",
        content=body,
        headers={"Idempotency-Key": str(uuid4()), **school.headers},
    )
    assert answer.status_code == status


async def test_a_draft_is_handed_over_within_the_organisation(home: Living) -> None:
    school = await home.partner()
    draft = await begin(home, school)
    path = f"/v1/drafts/{draft['id']}/handover"
    headers = {**school.headers, "If-Match": '"1"'}
    await home.partner("mockshire-police", agency="police")
    away = {"to": "A colleague", "client_id": "mockshire-police"}
    assert (await home.http.post(path, json=away, headers=headers)).status_code == 422

    (organisation,) = home.query(
        "SELECT organisation_id FROM intake.client WHERE client_id = 'testwood-academy'"
    )[0]
    async with home.house.databases["intake"].transaction() as connection:
        await add_client(
            connection,
            Client("testwood-office", organisation, b"", ("referral.create",)),
            home.clock(),
        )
    within = {"to": "The office", "client_id": "testwood-office"}
    given = await home.http.post(path, json=within, headers=headers)
    assert given.json()["held_by"] == "The office"
    own = await home.http.get(f"/v1/drafts/{draft['id']}", headers=dict(school.headers))
    assert own.status_code == 404


async def test_what_is_thrown_away_or_forgotten_cannot_be_read_again(home: Living) -> None:
    school = await home.partner()
    thrown, forgotten, kept = [await begin(home, school, narrative="Story.") for _ in range(3)]
    answer = await home.http.delete(f"/v1/drafts/{thrown['id']}", headers=dict(school.headers))
    assert answer.status_code == 204
    home.clock.forward(timedelta(days=20))
    home.databases.execute(
        f"UPDATE intake.draft SET expires_at = expires_at + interval '20 days' "
        f"WHERE draft_id = '{kept['id']}'"
    )
    home.clock.forward(timedelta(days=11))
    tidy = tidying(home)
    await tidy.step()
    left = home.query("SELECT draft_id FROM intake.draft")
    assert [str(one) for (one,) in left] == [kept["id"]]
    gone = home.query(
        "SELECT count(*) FROM intake.vault_key WHERE wrapped IS NULL AND referral_id = ANY (%s)",
        [thrown["id"], forgotten["id"]],
    )
    assert gone == [(2,)]


async def test_no_word_of_a_draft_travels_or_stands_open(home: Living) -> None:
    school = await home.partner()
    await begin(home, school, narrative="Zebedee comes to school hungry.")
    assert home.query("SELECT count(*) FROM event_stream.event_log") == [(0,)]
    ((content,),) = home.query("SELECT content FROM intake.draft")
    assert b"Zebedee" not in content


async def test_another_organisation_sees_no_draft(home: Living) -> None:
    school = await home.partner()
    draft = await begin(home, school)
    other = await home.partner("mockshire-police", agency="police")
    path = f"/v1/drafts/{draft['id']}"
    assert (await home.http.get(path, headers=dict(other.headers))).status_code == 404
    assert (await home.http.delete(path, headers=dict(other.headers))).status_code == 404
    assert (await submit(home, other, draft["id"])).status_code == 404
    listed = await home.http.get("/v1/drafts", headers=dict(other.headers))
    assert listed.json()["items"] == []
