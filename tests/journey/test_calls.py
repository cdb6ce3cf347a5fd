"""What the hub takes down itself: calls, and the written forms that follow them."""

from contextlib import aclosing
from typing import Any
from uuid import uuid4

import httpx2

from tests.journey.forms import bruised_baby, child, form
from tests.journey.living import Living, fields, read

WHO = {"authority": "warwickshire", "given_name": "Calum", "family_name": "Testwood"}
PAPER: dict[str, Any] = {"referral_id": None}


async def searched(home: Living, who: dict[str, str], **said: Any) -> dict[str, Any]:
    body = {**WHO, "date_of_birth": "2017-03-04", **said}
    answer = await home.http.post("/v1/intake/searches", json=body, headers=who)
    assert answer.status_code == 201, answer.text
    return read(answer)


async def take(home: Living, who: dict[str, str], **said: Any) -> httpx2.Response:
    body = {"authority": "warwickshire", "read_back": True, "form": form(), **said}
    headers = {"Idempotency-Key": str(uuid4()), **who}
    return await home.http.post("/v1/intake/calls", json=body, headers=headers)


async def written_clock(home: Living, referral_id: str, who: dict[str, str]) -> str | None:
    clocks = await home.listed("/v1/clocks", referral_id, who)
    return next((one["state"] for one in clocks if one["name"] == "written_confirmation"), None)


async def test_a_call_is_a_referral_and_waits_for_its_written_form(home: Living) -> None:
    who = home.staff("practitioner")
    search = await searched(home, who)
    assert search["items"] == []
    answer = await take(home, who, search_id=search["search_id"])
    assert answer.status_code == 201, answer.text
    call = read(answer)
    await home.rated(call["id"], who)
    assert await home.until(lambda: written_clock(home, call["id"], who), bool) == "running"
    opened = read(await home.http.get(f"/v1/intake/referrals/{call['id']}", headers=who))
    assert opened["call"]["channel"] == "telephone"
    assert opened["call"]["written_at"] is None

    # The school sends the form, and says in it that it rang before.
    school = await home.partner()
    sent = await home.refer(school, form(telephoned={"made": "yes", "to": "The hub"}))
    await home.until(lambda: written_clock(home, call["id"], who), lambda state: state == "met")
    opened = read(await home.http.get(f"/v1/intake/referrals/{call['id']}", headers=who))
    assert opened["call"]["written_referral_id"] == sent["id"]
    # Nothing of the call reaches the partner.
    listed = await home.http.get("/v1/referrals", headers=dict(school.headers))
    assert [one["id"] for one in read(listed)["items"]] == [sent["id"]]


async def test_a_form_that_quotes_the_calls_reference_is_joined_however_the_child_was_spelt(
    home: Living,
) -> None:
    who = home.staff("practitioner")
    search = await searched(home, who)
    call = read(await take(home, who, search_id=search["search_id"]))
    await home.until(lambda: written_clock(home, call["id"], who), bool)
    school = await home.partner()
    address = {"lines": ["9 Mock Lane"], "postcode": "CV31 9ZB"}
    another = child(
        given_name="Kal", family_name="Tesswood", date_of_birth="2016-11-30", address=address
    )
    for quoted in ("WAR-999999-Z", f" {call['reference'].lower()} "):
        telephoned = {"made": "yes", "reference": quoted}
        sent = await home.refer(
            school, form(children=[another], household=[], telephoned=telephoned)
        )
    await home.until(lambda: written_clock(home, call["id"], who), lambda state: state == "met")
    opened = read(await home.http.get(f"/v1/intake/referrals/{call['id']}", headers=who))
    assert opened["call"]["written_referral_id"] == sent["id"]


async def test_a_search_finds_who_is_known_without_showing_names(home: Living) -> None:
    school = await home.partner()
    sent = await home.refer(school, form())
    who = home.staff("practitioner")
    found = await home.until(lambda: searched(home, who), lambda search: bool(search["items"]))
    assert found["items"][0]["referral_id"] == sent["id"]
    assert found["items"][0]["reference"] == sent["reference"]
    assert "Testwood" not in str(found)
    other = home.staff("practitioner", "walsall")
    assert (await searched(home, other, authority="walsall"))["items"] == []
    refused = await home.http.post(
        "/v1/intake/searches", json={**WHO, "authority": "warwickshire"}, headers=other
    )
    assert refused.status_code == 404
    assert home.query(
        "SELECT count(*) FROM intake.audit_entry WHERE action = 'people_searched'"
    ) != [(0,)]


async def test_a_call_is_searched_for_and_read_back_first_but_danger_waits_for_nothing(
    home: Living,
) -> None:
    who = home.staff("practitioner")
    without = await take(home, who)
    assert without.status_code == 422
    assert read(without)["errors"][0]["pointer"] == "/search_id"
    elses = await searched(home, home.staff("manager"))
    assert (await take(home, who, search_id=elses["search_id"])).status_code == 422
    mine = await searched(home, who)
    unread = await take(home, who, search_id=mine["search_id"], read_back=False)
    assert read(unread)["errors"][0]["pointer"] == "/read_back"
    danger = bruised_baby(immediate_danger=True)
    answer = await take(home, who, form=danger)
    assert answer.status_code == 201
    case = await home.rated(read(answer)["id"], who)
    assert case["suggestion"]["rag"] == "red"


async def test_a_form_on_paper_stops_the_clock_once(home: Living) -> None:
    who = home.staff("practitioner")
    search = await searched(home, who)
    call = read(await take(home, who, search_id=search["search_id"]))
    await home.until(lambda: written_clock(home, call["id"], who), bool)
    path = f"/v1/intake/referrals/{call['id']}/written-form"
    # One that they may not see is none to them.
    hidden = await home.refer(await home.partner(), form())
    kept = {"because": "family_of_staff", "why": "They are neighbours."}
    restriction = f"/v1/intake/referrals/{hidden['id']}/restriction"
    done = await home.http.put(restriction, json=kept, headers=home.staff("manager"))
    assert done.status_code == 200, done.text
    named = await home.http.post(path, json={"referral_id": hidden["id"]}, headers=who)
    none = await home.http.post(path, json={"referral_id": str(uuid4())}, headers=who)
    assert (named.status_code, read(named)["errors"]) == (422, read(none)["errors"])
    assert (await home.http.post(path, json=PAPER, headers=who)).status_code == 200
    again = await home.http.post(path, json=PAPER, headers=who)
    assert again.status_code == 409
    assert read(again)["code"] == "no_form_awaited"
    await home.until(lambda: written_clock(home, call["id"], who), lambda state: state == "met")


async def test_an_email_awaits_no_further_form(home: Living) -> None:
    who = home.staff("practitioner")
    search = await searched(home, who)
    answer = await take(
        home, who, search_id=search["search_id"], channel="email", read_back=False,
        form=form(children=[child(given_name="Ada")]),
    )  # fmt: skip
    emailed = read(answer)
    await home.rated(emailed["id"], who)
    await home.settled()
    assert await written_clock(home, emailed["id"], who) is None


async def test_a_call_is_taken_on_its_pages(home: Living) -> None:
    school = await home.partner()
    known = await home.refer(school, form())
    who = home.staff("practitioner")
    await home.until(lambda: searched(home, who), lambda search: bool(search["items"]))
    asked = {"given_name": "Calum", "family_name": "Testwood"}
    born = {"date_of_birth-day": "4", "date_of_birth-month": "3", "date_of_birth-year": "2017"}
    async with aclosing(await home.browser("practitioner")) as browser:
        key = fields((await browser.get("/calls")).text)["form_key"]
        too_little = await browser.post("/calls", data={"given_name": "Calum", "form_key": key})
        assert too_little.status_code == 422
        assert "Give a number" in too_little.text
        page = await browser.post("/calls", data={**asked, **born, "form_key": key})
        assert known["reference"] in page.text
        said = {
            **fields(page.text), "narrative": "He is alone at night.", "agency": "family_member",
            "phone": "01632 960777", "channel": "telephone", "read_back": "yes",
        }  # fmt: skip
        kept = [await browser.post("/calls/form", data=said) for _ in range(2)]
    assert [one.status_code for one in kept] == [200, 200]
    ((referral_id, reference),) = home.query(
        "SELECT referral_id, reference FROM intake.referral WHERE referral_id <> %s::uuid",
        known["id"],
    )
    assert all(reference in one.text for one in kept)
    opened = read(await home.http.get(f"/v1/intake/referrals/{referral_id}", headers=who))
    assert opened["call"]["read_back"] is True
    (child_of,) = opened["form"]["children"]
    assert (child_of["given_name"], child_of["date_of_birth"]) == ("Calum", "2017-03-04")
