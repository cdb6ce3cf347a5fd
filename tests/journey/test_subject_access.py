"""A copy of what is held about a person: all of it, never by itself, and marked."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.files import PDF
from tests.journey.forms import child, form
from tests.journey.living import Living
from tests.journey.test_attachments import attach
from tests.journey.test_checks import KNOWN, NEED
from tests.journey.test_checks import ask as ask_for
from tests.journey.test_discussions import SHARED, discussion

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


def unzipped(content: bytes) -> tuple[dict[str, Any], str, dict[str, bytes]]:
    """A bundle: for machines, as a page, and the files in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return (
            json.loads(file.read("bundle.json")),
            file.read("bundle.html").decode(),
            {name: file.read(name) for name in file.namelist() if name.startswith("files/")},
        )


async def copy_of(home: Living, referral_id: str, person_id: str) -> dict[str, Any]:
    """A copy of what is held about somebody, asked for, considered and released."""
    manager, other = home.staff("manager"), home.staff("manager")
    wanted = {"referral_id": referral_id, "person_id": person_id, "requester": "the_person"}
    request = await ask(home, manager, **wanted)
    assert request.status_code == 201, request.text
    path = f"/{request.json()['id']}"
    clear = dict.fromkeys(GROUNDS, "nothing_against")
    await ask(home, manager, f"{path}/considerations", considered=clear)
    assert (await ask(home, other, f"{path}/release")).status_code == 200
    url = f"/v1/intake/subject-access{path}/bundle"
    answer = await home.http.get(url, headers=other)
    assert answer.status_code == 200, answer.text
    return unzipped(answer.content)[0]


async def test_all_of_it_after_two_people_and_five_grounds(home: Living) -> None:
    school = await home.partner()
    police = await home.partner("mockshire-police", agency="police", email_domain="police.example")
    known = child(nhs_number="9990000476")
    first = await home.refer(school, form(children=[known]))
    second = await home.refer(
        police, form(children=[known, child(given_name="Elsie", date_of_birth="2019-01-02")])
    )
    manager, other = home.staff("manager"), home.staff("manager")
    assert (await attach(home, school, f"/v1/referrals/{first['id']}", PDF)).status_code == 201
    case = await home.rated(first["id"], manager)
    ((organisation,),) = home.query(
        "SELECT organisation_id::text FROM intake.organisation WHERE agency = 'police'"
    )
    said = await ask_for(home, first["id"], manager, organisation_id=organisation)
    assert said.status_code == 201, said.text
    reply = {"information": KNOWN, "handling": "ask_first", "answered_by": "PC Mock"}
    answered = await home.http.post(
        f"/v1/information-requests/{said.json()['request_id']}/reply",
        json=reply,
        headers={**police.headers, "Idempotency-Key": "answered-once"},
    )
    assert answered.status_code == 201, answered.text
    agreed = [
        {"child_id": one["child_id"], "agreed": "We visit him today."} for one in case["children"]
    ]
    held = discussion(home, case, kind="hub", children=agreed)
    path = f"/v1/triage/referrals/{first['id']}/discussions"
    assert (await home.http.post(path, json=held, headers=manager)).status_code == 201
    case = await home.rated(first["id"], manager)
    decided = await home.decide(case, manager, analysis="We think that he is tired.")
    assert decided.status_code == 201, decided.text
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
    bundle, page, files = unzipped(answer.content)
    assert [one["referral_id"] for one in bundle["referrals"]] == [first["id"], second["id"]]
    earlier, later = bundle["referrals"]
    assert earlier["decisions"][0]["rationale"]
    # The hub's own words, what it asked with the source's mark, and files are held, too.
    assert earlier["decisions"][0]["analysis"] == "We think that he is tired."
    assert earlier["discussions"][0]["words"]["shared"] == SHARED
    texts = {one["text"]: one.get("handling") for one in earlier["written"]}
    assert texts[NEED] == texts[KNOWN] == "ask_first"
    assert files == {earlier["files"][0]["place"]: PDF}
    for words in (SHARED, KNOWN):
        assert words in page
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
    found, _, _ = unzipped(less.content)
    assert [one["referral_id"] for one in found["referrals"]] == [second["id"]]
    kept = {**wanted, "referral_id": first["id"]}
    assert (await ask(home, other, **kept)).json()["code"] == "referral_not_found"
