"""A copy of what is held about a person: all of it, never by itself, and marked."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.journey.forms import child, form
from tests.journey.living import Living

GROUNDS = (
    "requester_authority",
    "serious_harm",
    "childs_interest",
    "referrers_identity",
    "police",
)


async def ask(home: Living, who: Mapping[str, str], path: str = "", **body: Any) -> httpx2.Response:
    return await home.http.post(
        f"/v1/intake/subject-access{path}", json=body or None, headers=dict(who)
    )


async def test_all_of_it_after_two_people_and_five_grounds(home: Living) -> None:
    school = await home.partner()
    police = await home.partner("mockshire-police", agency="police", email_domain="police.example")
    known = child(nhs_number="9990000476")
    first = await home.refer(school, form(children=[known]))
    second = await home.refer(
        police, form(children=[known, child(given_name="Elsie", date_of_birth="2019-01-02")])
    )
    manager, other = home.staff("manager"), home.staff("manager")
    case = await home.rated(first["id"], manager)
    assert (await home.decide(case, manager)).status_code == 201
    await home.sent(first["id"], "decision", manager)
    await home.settled()

    async def story() -> dict[str, Any]:
        answer = await home.http.get(f"/v1/referrals/{second['id']}/story", headers=manager)
        found: dict[str, Any] = answer.json()
        return found

    read = await home.until(story, lambda found: found["look_up"] == "done")
    subject = read["children"][0]["child_id"]
    wanted = {"referral_id": second["id"], "person_id": subject, "requester": "the_person"}
    assert (await ask(home, home.staff("practitioner"), **wanted)).status_code == 403
    opened = await ask(home, manager, **wanted)
    assert opened.status_code == 201, opened.text
    path = f"/{opened.json()['id']}"
    url = f"/v1/intake/subject-access{path}/bundle"

    assert (await home.http.get(url, headers=manager)).json()["code"] == "not_released"
    assert (await ask(home, other, f"{path}/release")).json()["code"] == "not_considered"
    some = dict.fromkeys(GROUNDS[:4], "nothing_against")
    left_out = await ask(home, manager, f"{path}/considerations", considered=some)
    assert left_out.json()["errors"][0]["pointer"] == "/considered/police"
    against = {**some, "police": "refuse"}
    await ask(home, manager, f"{path}/considerations", considered=against)
    assert (await ask(home, other, f"{path}/release")).json()["code"] == "refused"
    clear = {**some, "police": "nothing_against"}
    await ask(home, manager, f"{path}/considerations", considered=clear)
    alone = await ask(home, manager, f"{path}/release")
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    assert (await ask(home, other, f"{path}/release")).json()["state"] == "released"

    answer = await home.http.get(url, headers=other)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        bundle = json.loads(file.read("bundle.json"))
        page = file.read("bundle.html").decode()
    assert [one["referral_id"] for one in bundle["referrals"]] == [first["id"], second["id"]]
    earlier, later = bundle["referrals"]
    assert earlier["decisions"][0]["rationale"]
    assert {one["kind"] for one in earlier["messages"]} >= {"acknowledgement", "decision"}
    assert {one["action"] for one in earlier["audit"]} >= {"case_opened", "referral_received"}
    marked = {one["value"] for one in later["lines"] if one["redact"]}
    assert {"Elsie", "Kerry Testwood", "Hannah Testley"} <= marked
    assert "Callum" not in marked
    assert "<mark>Elsie</mark>" in page
    assert "<mark>Callum</mark>" not in page

    actions = [
        row[0]
        for row in home.query(
            "SELECT action FROM intake.audit_entry WHERE action LIKE 'subject_access%%'"
            " ORDER BY position"
        )
    ]
    assert actions[0] == "subject_access_opened"
    assert actions[-2:] == ["subject_access_released", "subject_access_fetched"]

    # What a manager may not see is not in their bundle either.
    put = await home.http.put(
        f"/v1/intake/referrals/{first['id']}/restriction",
        json={
            "because": "known_to_staff",
            "why": "Their neighbour works here.",
            "roles": ["practitioner"],
        },
        headers=manager,
    )
    assert put.status_code == 200, put.text
    less = await home.http.get(url, headers=other)
    assert less.headers["Frontdoor-Left-Out"] == "1"
    with zipfile.ZipFile(io.BytesIO(less.content)) as file:
        found = json.loads(file.read("bundle.json"))
    assert [one["referral_id"] for one in found["referrals"]] == [second["id"]]
