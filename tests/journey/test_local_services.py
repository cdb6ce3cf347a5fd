"""The directory: imported, found by need, age and place, named in advice and in a decision."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import services.intake.directory as package
from services.intake.consultations.mailing import Mailing
from services.intake.directory import store
from services.intake.directory.reading import entries
from services.intake.postcodes import directory as postcodes
from services.notifications.domain.helping import NO_HELP
from services.notifications.helped.asking import AskingAfter
from tests.journey.forms import attendance
from tests.journey.living import RATIONALE, Living, Partner, decision, fields, read

MINE = "h.testley@testwood.school.example"
SAMPLE = Path(package.__file__).parent / "sample.json"


async def taken(home: Living, authority: str = "warwickshire", **without: Any) -> int:
    found = [one for one in entries(SAMPLE) if one and one.source_id != without.get("source_id")]
    async with home.house.databases["intake"].transaction() as connection:
        return await store.take(connection, authority, found, home.clock())


async def mailed(home: Living, subject: str, number: int) -> dict[str, str]:
    """What was mailed to so many who asked for advice, by address."""
    (mailing,) = [
        one
        for loop in home.house.running["intake"].loops
        if isinstance(one := getattr(loop, "__self__", None), Mailing)
    ]
    while await mailing.step():
        pass

    async def arrived() -> dict[str, str]:
        return {
            str(one["To"]): one.get_body(("plain",)).get_content().replace("\r", "")
            for one in home.relay.box.taken
            if one["Subject"] == subject
        }

    return await home.until(arrived, lambda found: len(found) == number)


async def find(home: Living, who: dict[str, str], **wanted: Any) -> list[dict[str, Any]]:
    body = {"authority": "warwickshire", **wanted}
    answer = await home.http.post("/v1/directory/searches", json=body, headers=who)
    assert answer.status_code == 200, answer.text
    return list(read(answer)["items"])


async def test_whether_the_help_that_was_named_happened(home: Living, school: Partner) -> None:
    who = home.staff("manager")
    await taken(home)
    (talking,) = await find(home, who, needs=["bereavement"], age=9)
    asked = []
    for services in ([talking["id"]], [talking["id"]], []):
        sent = await home.refer(school, attendance())
        case = await home.rated(sent["id"], who)
        body = decision(case, rag="green")
        children = [{**one, "outcome": "information_and_advice"} for one in body["children"]]
        body |= {"children": children, "services": services}
        path = f"/v1/triage/referrals/{sent['id']}/decision"
        done = await home.http.post(path, json=body, headers=who)
        assert done.status_code == 201, done.text
        await home.sent(sent["id"], "decision", who)
        asked.append(sent)
    # One is rated again meanwhile: what was named may not be what it needs any more.
    again = await home.rated(asked[1]["id"], who)
    assert (await home.rerate(again, who, rag="amber")).status_code == 201
    await home.settled()
    (round_,) = [
        one
        for loop in home.house.running["notifications"].loops
        if isinstance(one := getattr(loop, "__self__", None), AskingAfter)
    ]
    assert await round_.step() == 0
    home.clock.now += timedelta(days=35)
    who = home.staff("manager")
    assert await round_.step() == 3
    (message,) = await home.sent(asked[0]["id"], "help_asked_after", who)
    assert await round_.step() == 0
    for other in asked[1:]:
        kinds = {one["kind"] for one in await home.listed("/v1/messages", other["id"], who)}
        assert "help_asked_after" not in kinds
    shown = read(await home.http.get(f"/v1/messages/{message['id']}", headers=who))
    (link,) = (one for one in shown["sent"]["text"].splitlines() if "/helped/" in one)
    place = link.removeprefix("http://house.example")
    page = await home.http.get(place)
    assert page.status_code == 200
    assert asked[0]["reference"] in page.text

    async def counted() -> Any:
        answer = await home.http.get("/v1/messages/helped", headers=home.staff("analyst"))
        return read(answer)["items"]

    assert await counted() == [], "a scanner that opened the link has said nothing"
    ours = {"Origin": "http://house.example"}
    assert (await home.http.post(place, data={"answer": "maybe"}, headers=ours)).status_code == 422
    for said in ("it_happened", "never_got_there", "no_room"):
        thanks = await home.http.post(place, data={"answer": said}, headers=ours)
        assert "Thank you" in thanks.text
    (one,) = await counted()
    assert (one["total"], one["answers"]) == (1, {"no_room": 1})
    lines = home.query("SELECT recipient FROM notifications.nudge WHERE clock = %s", NO_HELP)
    assert len(lines) == 1, "somebody looks again, and is told once"
    home.clock.now += timedelta(days=61)
    assert (await home.http.get(place)).status_code == 404


async def test_whether_the_help_that_advice_named_happened(home: Living, school: Partner) -> None:
    who = home.staff("manager")
    await taken(home)
    (talking,) = await find(home, who, needs=["bereavement"], age=9)
    question = {"authority": "warwickshire", "question": "A girl of nine grieves for her mother."}
    ours = {"Origin": "http://house.example"}
    sent = {"question": question["question"], "authority": "warwickshire", "key": str(uuid4())}
    sent |= {"email": MINE}
    page = await home.http.post("/consult", data=sent, headers=ours)
    place = page.text.split("http://house.example")[1].split('"')[0]
    asked = await home.http.post(
        "/v1/consultations",
        json={**question, "asker": {"email": "b@testwood.school.example"}},
        headers={"Idempotency-Key": "a", **school.headers},
    )
    listed = await home.http.get("/v1/intake/consultations", headers=who)
    answer = {"advice": "They know how to talk with her.", "services": [talking["id"]],
              "signed_name": "Ada", "signed_role": "Social worker"}  # fmt: skip
    browser = await home.browser("manager")
    for one in listed.json()["items"]:
        shown = await browser.get(f"/consultations/{one['id']}")
        assert "Talking Place (Mock Trust), for ages 8 to 17, in Invented ward" in shown.text
        told = await browser.post(f"/consultations/{one['id']}", data=fields(shown.text) | answer)
        assert told.status_code == 303
    mine = f"/v1/consultations/{read(asked)['id']}"
    found = await mailed(home, "Your question for advice", 2)
    assert f"http://house.example{place}\n" in found[MINE]
    assert await mailed(home, "Did the help happen?", 0) == {}
    before = await home.http.get(place)
    assert "Talking Place (Mock Trust)" in before.text
    assert "01632 960333" in before.text
    assert "Yes, they got it" not in before.text
    early = {"json": {"answer": "it_happened"}, "headers": dict(school.headers)}
    assert (await home.http.post(f"{mine}/helped", **early)).status_code == 409
    home.clock.now += timedelta(days=35)
    assert "Yes, they got it" in (await home.http.get(place)).text
    found = await mailed(home, "Did the help happen?", 2)
    assert f"http://house.example{place}\n" in found[MINE]
    # A partner's asker answers there too, and goes on as a referral in their own system.
    (theirs,) = re.findall(
        r"http://house\.example(/advice/\S+)", found["b@testwood.school.example"]
    )
    page = await home.http.get(theirs)
    assert "Yes, they got it" in page.text
    assert "Go on as a referral" not in page.text
    assert "grieves" not in "".join(found.values())

    async def counted(**which: Any) -> Any:
        who = home.staff("analyst")
        path = "/v1/intake/consultations-helped"
        return read(await home.http.get(path, params=which, headers=who))["items"]

    assert await counted() == []
    for said, status in (("", 422), ("never_got_there", 200), ("no_room", 200)):
        told = await home.http.post(f"{place}/helped", data={"answer": said}, headers=ours)
        assert told.status_code == status
    assert "Thank you" in told.text
    assert await counted() == [{"authority": "warwickshire", "total": 1, "answers": {"no_room": 1}}]
    assert await counted(published=True) == [
        {"authority": "warwickshire", "total": None, "answers": {"no_room": None}}
    ]
    browser = await home.browser("duty")
    answered = await browser.get("/consultations?state=answered")
    assert "The service had no room, or could not be reached" in answered.text


async def test_services_are_found_and_named(shared_home: Living, shared_school: Partner) -> None:
    home, school, who = shared_home, dict(shared_school.headers), shared_home.staff("manager")
    assert await taken(home) == 0
    lines = [("CV32 9ZA", "E05099901", "E07000222", False), ("CV1 1AA", "E05099902", None, False)]
    await postcodes.take(home.house.databases["intake"], b"file", iter(lines), lambda _: None)

    (talking,) = await find(home, school, needs=["bereavement"], age=9, postcode="cv32 9za")
    assert (talking["name"], talking["stale"], talking["warning"]) == ("Talking Place", False, None)
    assert await find(home, school, needs=["bereavement"], age=5) == []
    assert await find(home, school, needs=["bereavement"], postcode="CV1 1AA") == []
    assert len(await find(home, school, needs=["bereavement"], age=5, else_all=True)) == 3
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
