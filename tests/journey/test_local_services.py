"""The directory: imported, found by need, age and place, named in advice and in a decision."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import services.intake.directory as package
from services.intake.directory import store
from services.intake.directory.reading import entries
from services.intake.postcodes import directory as postcodes
from tests.journey.forms import attendance
from tests.journey.living import RATIONALE, Living, Partner, decision, read

SAMPLE = Path(package.__file__).parent / "sample.json"


async def taken(home: Living, authority: str = "warwickshire", **without: Any) -> int:
    found = [one for one in entries(SAMPLE) if one and one.source_id != without.get("source_id")]
    async with home.house.databases["intake"].transaction() as connection:
        return await store.take(connection, authority, found, home.clock())


async def find(home: Living, who: dict[str, str], **wanted: Any) -> list[dict[str, Any]]:
    body = {"authority": "warwickshire", **wanted}
    answer = await home.http.post("/v1/directory/searches", json=body, headers=who)
    assert answer.status_code == 200, answer.text
    return list(read(answer)["items"])


async def test_services_are_found_and_named(shared_home: Living, shared_school: Partner) -> None:
    home, school, who = shared_home, dict(shared_school.headers), shared_home.staff("manager")
    assert await taken(home) == 0
    lines = [("CV32 9ZA", "E05099901", "E07000222", False), ("CV1 1AA", "E05099902", None, False)]
    await postcodes.take(home.house.databases["intake"], b"file", iter(lines), lambda _: None)

    (talking,) = await find(home, school, needs=["bereavement"], age=9, postcode="cv32 9za")
    assert (talking["name"], talking["stale"], talking["warning"]) == ("Talking Place", False, None)
    assert await find(home, school, needs=["bereavement"], age=5) == []
    assert await find(home, school, needs=["bereavement"], postcode="CV1 1AA") == []
    # A service for a parent fits a child of any age.
    assert [one["name"] for one in await find(home, who, needs=["domestic_abuse"], age=4)] == [
        "Safe Door"
    ]
    (kitchen,) = await find(home, who, needs=["financial_hardship"])
    assert "15 March 2023" in kitchen["warning"]
    assert "Old Club" not in {one["name"] for one in await find(home, who)}
    for wrong, pointer in (
        ({"needs": ["hunger"]}, "/needs/0"),
        ({"postcode": "Rugby"}, "/postcode"),
        ({"authority": "atlantis"}, "/authority"),
    ):
        body = {"authority": "warwickshire", **wrong}
        refused = await home.http.post("/v1/directory/searches", json=body, headers=school)
        assert read(refused)["errors"][0]["pointer"] == pointer

    # Advice names it.
    question = {"authority": "warwickshire", "question": "A girl of nine whose father has died."}
    asked = await home.http.post(
        "/v1/consultations", json=question, headers={"Idempotency-Key": str(uuid4()), **school}
    )
    advice = {
        "advice": "Talk to her mother about it first.", "services": [talking["id"]],
        "signed_name": "Ada Testwell", "signed_role": "Social worker",
    }  # fmt: skip
    path = f"/v1/intake/consultations/{read(asked)['id']}/answer"
    unknown = await home.http.post(path, json={**advice, "services": [str(uuid4())]}, headers=who)
    assert read(unknown)["errors"][0]["pointer"] == "/services/0"
    assert (await home.http.post(path, json=advice, headers=who)).status_code == 201
    told = read(await home.http.get(f"/v1/consultations/{read(asked)['id']}", headers=school))
    assert [one["telephone"] for one in told["services"]] == ["01632 960333"]

    # A decision names it, and its email says how to join.
    sent = await home.refer(shared_school, attendance())
    case = await home.rated(sent["id"], who)
    decide = f"/v1/triage/referrals/{sent['id']}/decision"
    body = {**decision(case), "rationale": RATIONALE}
    missing = await home.http.post(decide, json={**body, "services": [str(uuid4())]}, headers=who)
    assert read(missing)["errors"][0]["pointer"] == "/services/0"
    done = await home.http.post(decide, json={**body, "services": [talking["id"]]}, headers=who)
    assert done.status_code == 201, done.text
    await home.sent(sent["id"], "decision", who)
    (mail, *_) = [one for one in home.relay.box.taken if "Talking Place" in one.as_string()]
    assert "01632 960333" in mail.as_string()

    # What the next file does not have has ended, and keeps its id.
    assert await taken(home, source_id="mock-0001") == 1
    ended = read(await home.http.get(f"/v1/directory/{talking['id']}", headers=school))
    assert "has ended" in ended["warning"]
    assert await find(home, school, needs=["bereavement"]) == []
    assert await taken(home, "walsall") == 0
    elsewhere = home.staff("manager", "walsall")
    hidden = await home.http.get(f"/v1/directory/{talking['id']}", headers=elsewhere)
    assert hidden.status_code == 404
