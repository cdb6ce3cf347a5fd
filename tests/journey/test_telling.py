"""The school is told of domestic abuse before its next day begins, and who was told stays in the
hub."""

from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.journey.forms import form
from tests.journey.living import Living, read
from tests.journey.problems import pointers, problem
from tests.journey.test_recording import recorded, sent

HEAD = "Zyxwvut Example, head of year"
SAID = "Zyxwvut will meet him at the gate."
ABUSE = [{"code": "domestic_abuse", "children": [0], "impact": "serious"}]
REFERRER = {**form()["referrer"], "agency": "police", "role": "Officer"}


async def clock_of(home: Living, referral: str, who: dict[str, str]) -> dict[str, Any]:
    await home.settled()
    clocks = await home.listed("/v1/clocks", referral, who)
    (found,) = [one for one in clocks if one["name"] == "school_told"]
    return found


async def test_the_school_is_told_before_its_next_day(home: Living) -> None:
    who, police = home.staff(), await home.partner("mockshire-police", agency="police")
    abuse = form(concerns=ABUSE, referrer=REFERRER)
    told, missed = [(await home.refer(police, abuse))["id"] for _ in range(2)]
    quiet = (await home.refer(police, form(referrer=REFERRER)))["id"]
    for referral in (told, missed, quiet):
        await home.rated(referral, who)
    clock = await clock_of(home, told, who)
    assert clock["explanation"].startswith(
        "due Fri 6 Mar 08:30: the next school day after Thu 5 Mar"
    )
    others = await home.listed("/v1/clocks", quiet, who)
    assert "school_told" not in {one["name"] for one in others}

    path = f"/v1/allocations/referrals/{told}/tellings"
    key = {"Idempotency-Key": str(uuid4())}
    body = {"whom": "school", "at": home.clock().isoformat(), "not_because": "no_school"}
    for stranger in (home.staff("manager", "walsall"), home.staff("analyst"), dict(police.headers)):
        refused = await home.http.post(path, json=body, headers={**key, **stranger})
        assert refused.status_code in {403, 404}
        assert (await home.http.get(path, headers=stranger)).status_code in {403, 404}
    home.clock.forward(timedelta(minutes=30))
    day = {"told_on__day": "5", "told_on__month": "3", "told_on__year": "2026"}
    typed = {"told": "yes", "to": HEAD, "how": "telephone", "words": SAID, **day}
    async with aclosing(await home.browser("practitioner")) as browser:
        page = (await browser.get(f"/referrals/{told}")).text
        assert "the next school day after" in page
        assert f'href="/referrals/{told}/record/school-told"' in page
        for wrong, at in (
            ({**typed, "to": ""}, "to"),
            ({**typed, "told_time": "23:55"}, "told_on-day"),
            ({"told": "no"}, "not_because"),
        ):
            refused = await sent(browser, told, "school-told", **{"told_time": "10:05", **wrong})
            assert refused.status_code == 422
            assert f'href="#{at}"' in refused.text, refused.text
        now = f"{home.clock():%H:%M}"
        assert recorded(await sent(browser, told, "school-told", **typed, told_time=now))
        page = (await browser.get(f"/referrals/{told}")).text
        assert f"By telephone, to {HEAD}" in page
        assert SAID in page
    assert (await clock_of(home, told, who))["state"] == "met"
    assert "Zyxwvut" not in str(home.events(told))
    assert b"Zyxwvut" not in b"".join(
        bytes(row[0]) for row in home.query("SELECT sealed FROM allocation.note")
    )
    audited = home.query(
        "SELECT action FROM allocation.audit_entry WHERE referral_id = %s::uuid ORDER BY position",
        told,
    )
    assert {("school_told",), ("tellings_read",)} <= set(audited)

    home.clock.now = home.clock().replace(day=6, hour=8, minute=31)
    who = home.staff()

    async def late() -> dict[str, Any]:
        return await clock_of(home, missed, who)

    late_one = await home.until(late, lambda one: one["state"] == "breached")
    assert late_one["due_at"].startswith("2026-03-06T08:30")
    # Nobody decides in time either: whoever referred gets an apology.
    home.clock.forward(timedelta(days=4))
    assert len(await home.sent(missed, "delay", home.staff())) == 1


async def test_nothing_goes_home_without_a_safe_contact_check(home: Living) -> None:
    who, police = home.staff(), await home.partner("sampleshire-police", agency="police")
    referral = (await home.refer(police, form(concerns=ABUSE, referrer=REFERRER)))["id"]
    await home.rated(referral, who)
    await home.settled()
    path = f"/v1/allocations/referrals/{referral}/tellings"
    body = {
        "whom": "family", "at": home.clock().isoformat(), "to": "Zyxwvut, her mother",
        "how": "letter",
    }  # fmt: skip

    async def post(**said: Any) -> Any:
        headers = {"Idempotency-Key": str(uuid4()), **who}
        return await home.http.post(path, json={**body, **said}, headers=headers)

    assert pointers(problem(await post(), 422)) == {"/safe_contact"}
    made = await post(safe_contact=True)
    assert made.status_code == 201, made.text
    (kept,) = read(await home.http.get(path, headers=who))["items"]
    assert (kept["whom"], kept["to"], kept["safe_contact"]) == ("family", body["to"], True)
    await home.settled()
    manager = home.staff("manager")
    decided = await home.decide(await home.rated(referral, manager), manager)
    assert decided.status_code == 201, decided.text
    await home.sent(referral, "decision", who)
    (mail,) = [one for one in home.relay.box.taken if "decision" in str(one["Subject"])]
    body_of = " ".join(mail.get_body(("plain",)).get_content().split())
    assert "We told the family on Thursday 5 March 2026." in body_of
    # What was decided is told too, or it is said why not (practice rule 21).
    clocks = {one["name"]: one for one in await home.listed("/v1/clocks", referral, who)}
    assert clocks["family_told"]["state"] == "running"
    because = {"whom": "family", "at": home.clock().isoformat(), "not_because": "loss_of_evidence"}
    headers = {"Idempotency-Key": str(uuid4()), **who}
    assert (await home.http.post(path, json=because, headers=headers)).status_code == 201
    clocks = {one["name"]: one for one in await home.listed("/v1/clocks", referral, who)}
    assert clocks["family_told"]["state"] == "met"
    assert "Zyxwvut" not in mail.as_string()
    # Whatever the house sent, it went to the hub and to who referred.
    told = {one["audience"] for one in await home.listed("/v1/messages", referral, who)}
    assert told <= {"referrer", "duty", "manager"}
