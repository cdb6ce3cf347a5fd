"""One invented family: referred by a school, by the police with another spelling and the birth
date's day and month swapped, and by a health visitor before the baby is born. The later ones show
the story of the first, and no partner learns that the others referred."""

import io
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chassis.ids import new_id
from chassis.vault import BlindIndex
from services.intake.accounts.registering import add_staff
from services.intake.elsewhere.store import OlderThanHeld
from services.intake.elsewhere.tables import known
from services.intake.elsewhere.taking import take
from tests.journey.forms import NHS_NUMBER, child, form
from tests.journey.living import Living, Partner, read
from tests.journey.test_checks import plain
from tests.journey.test_offers import worker
from tests.journey.test_subject_access import copy_of

HOME = {"lines": ["4 Sample Court", "Leamington Spa"], "postcode": "CV32 9ZA"}
MOTHER = {"name": "Kerry Testwood", "relationship": "mother", "parental_responsibility": True}


def by_school(**said: Any) -> dict[str, Any]:
    return form(children=[child(given_name="Katherine", sex="F", **said)], household=[MOTHER])


def by_police(**said: Any) -> dict[str, Any]:
    """Another spelling, and 4 March written as 3 April."""
    return form(
        children=[
            child(given_name="Kathryn", sex="F", date_of_birth="2017-04-03", school=None, **said)
        ],
        household=[],
        referrer={
            "name": "Pc Mock",
            "agency": "police",
            "organisation": "Mockshire Police",
            "email": "desk@mockshire.police.example",
        },
        concerns=[{"code": "domestic_abuse", "children": [0], "impact": "some"}],
        narrative="We were called to the home. The children were upstairs.",
    )


def by_health_visitor() -> dict[str, Any]:
    return form(
        children=[
            {
                "family_name": "Testwood",
                "expected_date_of_delivery": "2026-05-20",
                "sex": "U",
                "address": HOME,
            }
        ],
        household=[{"name": "Kerrie Testwood", "relationship": "mother"}],
        referrer={
            "name": "Nia Sampleton",
            "agency": "health_visitor",
            "organisation": "Sampleshire Health",
            "email": "n.sampleton@sampleshire.health.example",
        },
        concerns=[{"code": "unborn_child", "children": [0], "impact": "some"}],
        narrative="Mum booked late and is worried about how she will manage.",
    )


async def story(
    home: Living, referral_id: str, who: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The story of a referral whose people were looked up."""
    headers = dict(who or home.staff())

    async def ask() -> dict[str, Any]:
        answer = await home.http.get(f"/v1/referrals/{referral_id}/story", headers=headers)
        assert answer.status_code == 200, answer.text
        return read(answer)

    return await home.until(ask, lambda found: found["look_up"] == "done")


async def say(
    home: Living, referral_id: str, who: Mapping[str, str], match: Mapping[str, Any], **said: str
) -> int:
    answer = await home.http.post(
        f"/v1/referrals/{referral_id}/matches",
        json={
            "other_referral_id": match["referral_id"],
            "other_person_id": match["child_id"],
            **said,
        },
        headers=dict(who),
    )
    return answer.status_code


async def as_told(home: Living, partner: Partner, referral: Mapping[str, Any]) -> str:
    """What the referrer's own system reads of it."""
    answer = await home.http.get(f"/v1/referrals/{referral['id']}", headers=dict(partner.headers))
    assert answer.status_code == 200, answer.text
    return answer.text


async def one_incident(
    home: Living, referral_id: str, other: Mapping[str, Any], who: Mapping[str, str], state: str
) -> None:
    answer = await home.http.post(
        f"/v1/referrals/{referral_id}/incidents",
        json={"other_referral_id": other["id"], "state": state},
        headers=dict(who),
    )
    assert answer.status_code == 200, answer.text


def told_of(copied: Mapping[str, Any]) -> list[str]:
    """The referrals in a copy of what is held."""
    return [one["referral_id"] for one in copied["referrals"]]


@pytest.fixture
async def police(home: Living) -> Partner:
    return await home.partner(
        "mockshire-police", agency="police", email_domain="mockshire.police.example"
    )


async def test_a_family_tells_its_story_once(
    home: Living, police: Partner, lines: io.StringIO
) -> None:
    school = await home.partner()
    nurse = await home.partner(
        "sampleshire-health",
        agency="health_visitor",
        email_domain="sampleshire.health.example",
    )
    practitioner, manager = home.staff(), home.staff("manager")
    first = await home.refer(school, by_school())
    alone = await story(home, first["id"])
    assert alone["children"][0]["matches"] == []
    assert alone["earlier"] == []
    case = await home.rated(first["id"], manager)
    assert (await home.decide(case, manager)).status_code == 201
    await home.settled()

    second = await home.refer(police, by_police())
    third = await home.refer(nurse, by_health_visitor())

    seen = await story(home, second["id"])
    (match,) = seen["children"][0]["matches"]
    assert match["referral_id"] == first["id"]
    assert match["state"] == "candidate"
    assert match["score"] > 0.99
    assert {"given_nickname", "birth_swapped", "home_same"} <= set(match["reasons"])
    assert match["person"]["given_name"] == "Katherine"
    earlier = next(one for one in seen["earlier"] if one["referral_id"] == first["id"])
    assert earlier["decision"]["rag"] == case["rag"]
    assert earlier["worker"] is not None
    assert earlier["same_incident"] is True
    assert seen["same_incident"] is True

    unborn = await story(home, third["id"])
    assert {one["referral_id"] for one in unborn["earlier"]} >= {first["id"]}
    (mother,) = unborn["adults"]
    assert mother["matches"][0]["state"] == "candidate"
    # The first one shows what came later.
    back = await story(home, first["id"])
    assert {one["referral_id"] for one in back["later"]} == {second["id"], third["id"]}

    # No partner learns of it, and each gets an answer.
    for partner, one in ((school, first), (police, second), (nurse, third)):
        told = await home.http.get(f"/v1/referrals/{one['id']}", headers=dict(partner.headers))
        others = {first["id"], second["id"], third["id"]} - {one["id"]}
        assert not any(other in told.text for other in others)
        refused = await home.http.get(
            f"/v1/referrals/{one['id']}/story", headers=dict(partner.headers)
        )
        assert refused.status_code == 403
        await home.sent(one["id"], "acknowledgement", practitioner)

    await home.settled()
    before_links = [await as_told(home, *one) for one in ((school, first), (police, second))]
    home.clock.forward(timedelta(minutes=1))

    # Somebody confirms it: triage counts the history, and suggests again.
    person_id = seen["children"][0]["child_id"]
    before = await home.rated(second["id"], practitioner)
    assert not before["repeat"]
    assert 200 == await say(
        home, second["id"], practitioner, match,
        person_id=person_id, state="linked", because="family_says",
    )  # fmt: skip
    after = await home.rated(second["id"], practitioner, lambda now: now["repeat"])
    sources = {reason["source"] for reason in after["suggestion"]["reasons"]}
    assert "history" in sources
    confirmed = await story(home, second["id"])
    assert confirmed["children"][0]["matches"][0]["state"] == "linked"
    assert confirmed["children"][0]["matches"][0]["because"] == "family_says"
    assert confirmed["repeat_within_12_months"] is True

    # So is the mother's, and what is held about either shows it all: of the child both referrals, of
    # the mother that of the unborn baby, too.
    (maybe,) = [one for one in mother["matches"] if one["referral_id"] == first["id"]]
    assert 200 == await say(
        home, third["id"], practitioner, maybe,
        person_id=mother["person_id"], state="linked", because="family_says",
    )  # fmt: skip
    child_copy = await copy_of(home, second["id"], person_id)
    assert told_of(child_copy) == [first["id"], second["id"]]
    assert child_copy["referrals"][0]["decisions"][0]["rationale"]
    assert "Katherine" in str(child_copy["referrals"][0]["lines"])
    assert "Kathryn" in str(child_copy["referrals"][1]["lines"])
    mothers = await copy_of(home, third["id"], mother["person_id"])
    assert told_of(mothers) == [first["id"], third["id"]]
    assert "Mum booked late" in str(mothers["referrals"][1]["lines"])

    # Now that the child is the same, a person says that the incident is, too. It was a question: the
    # school was worried by neglect, the police by violence.
    (candidate,) = confirmed["earlier"][:1]
    assert candidate["incident"]["state"] == "candidate"
    await one_incident(home, second["id"], first, practitioner, "linked")
    for one, other in ((first, second), (second, first)):
        told = await story(home, one["id"])
        (kept,) = [each for each in (*told["earlier"], *told["later"])
                   if each["referral_id"] == other["id"]]  # fmt: skip
        assert (kept["incident"]["state"], kept["incident"]["how"]) == ("linked", "person")
    # Nothing of that is told to either, not even that something changed.
    await home.settled()
    after_links = [await as_told(home, *one) for one in ((school, first), (police, second))]
    assert after_links == before_links
    seen_now = await home.rated(
        second["id"], practitioner, lambda now: now["same_incident"] == [first["id"]]
    )
    assert seen_now["state"] == "to_decide"
    # The decision of the first is a start for the second, and nothing more.
    await home.settled()
    browser = await home.browser()
    page = (await browser.get(f"/referrals/{second['id']}")).text
    assert f"{first['reference']} tells of the same incident and was decided" in page
    begun = (await browser.get(f"/referrals/{second['id']}?like={first['id']}")).text
    assert re.search(f'name="rag-0"[^>]*value="{case["rag"]}"[^>]*checked', begun)
    assert "Another agency tells of the same incident" in (await browser.get("/queue")).text
    assert (await home.decide(seen_now, manager)).status_code == 201
    baby = await home.rated(third["id"], manager)
    assert (await home.decide(baby, manager)).status_code == 201
    # Each referrer is answered, in a message of their own.
    for one in (first, second, third):
        for message in await home.sent(one["id"], "decision", manager):
            assert message["referral_id"] == one["id"]
    await one_incident(home, first["id"], second, practitioner, "not_same")

    # And takes it back, from the other side: nothing was merged, all is as it was.
    (turned,) = [
        one
        for one in (await story(home, first["id"]))["children"][0]["matches"]
        if one["referral_id"] == second["id"]
    ]
    assert turned["state"] == "linked"
    assert 200 == await say(
        home, first["id"], practitioner, turned,
        person_id=back["children"][0]["child_id"], state="not_same", because="different_person",
    )  # fmt: skip
    again = await home.rated(second["id"], practitioner, lambda now: not now["repeat"])
    assert again["suggestion"]["rag"] == before["suggestion"]["rag"]
    assert (await story(home, second["id"]))["children"][0]["matches"][0]["state"] == "not_same"
    assert 409 == await say(
        home, second["id"], practitioner, match,
        person_id=person_id, state="not_same", because="different_person",
    )  # fmt: skip
    said = [one["type"].removeprefix("uk.frontdoor.") for one in home.events(second["id"])]
    assert said.count("referral.linked.v1") == said.count("referral.unlinked.v1") == 1
    for one in home.events(second["id"]):
        assert "Kathryn" not in str(one)
        assert "Testwood" not in str(one)
    logged = lines.getvalue()
    assert "request_refused" in logged
    for word in (
        "Katherine",
        "Kathryn",
        "Kerry",
        "Kerrie",
        "Testwood",
        "2017-04-03",
        HOME["postcode"],
    ):
        assert word not in logged


async def test_an_identical_number_links_in_the_post_and_twins_never_do(home: Living) -> None:
    school = await home.partner()
    first = await home.refer(school, by_school(nhs_number=NHS_NUMBER))
    # What was decided goes on: the rules count that, too.
    manager = home.staff("manager")
    assert (await home.decide(await home.rated(first["id"], manager), manager)).status_code == 201
    await home.settled()
    same = await home.refer(school, by_school(nhs_number=NHS_NUMBER))
    await home.rated(
        same["id"], manager, lambda one: "open_already" in str(one["suggestion"]["reasons"])
    )
    twin = await home.refer(
        school, form(children=[child(given_name="Oscar", nhs_number=NHS_NUMBER)], household=[])
    )
    linked = (await story(home, same["id"]))["children"][0]["matches"]
    assert [(one["referral_id"], one["state"]) for one in linked if one["state"] == "linked"] == [
        (first["id"], "linked")
    ]
    for one in (await story(home, twin["id"]))["children"][0]["matches"]:
        assert one["state"] == "candidate"
        assert "may_be_twins" in one["reasons"]


async def test_a_story_is_for_the_hubs_staff_and_reading_it_is_on_record(home: Living) -> None:
    school = await home.partner()
    told = await home.refer(school, by_school())
    elsewhere = await home.http.get(
        f"/v1/referrals/{told['id']}/story", headers=home.staff(authority="walsall")
    )
    assert elsewhere.status_code == 404
    operator = await home.http.get(
        f"/v1/referrals/{told['id']}/story", headers=home.staff("operator")
    )
    assert operator.status_code == 403
    await story(home, told["id"])
    rows = home.query("SELECT action FROM intake.audit_entry WHERE referral_id = %s", told["id"])
    assert ("story_read",) in rows


async def test_the_referrals_page_shows_who_was_known_before(home: Living, police: Partner) -> None:
    school = await home.partner()
    first = await home.refer(school, by_school())
    second = await home.refer(police, by_police())
    await story(home, second["id"])
    await home.settled()
    async with home.house.databases["intake"].transaction() as connection:
        await add_staff(
            connection,
            username="manager.warwickshire",
            password="sturdy-lantern-walks",
            roles=["manager"],
            qualifications=["social_worker"],
            authorities=["warwickshire"],
            ids=new_id,
            now=home.clock(),
        )
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=home.house.app()),
        base_url="http://house.example",
        headers={"Origin": "http://house.example", "Sec-Fetch-Site": "same-origin"},
        follow_redirects=True,
    ) as browser:
        fields = hidden((await browser.get("/sign-in")).text)
        await browser.post(
            "/sign-in",
            data={
                **fields,
                "username": "manager.warwickshire",
                "password": "sturdy-lantern-walks",
            },
        )
        page = (await browser.get(f"/referrals/{second['id']}")).text
        assert "Known before" in page
        assert first["reference"] in page
        assert "day and month swapped" in page
        part = page[page.index('action="/referrals/' + second["id"] + '/match"') :]
        said = await browser.post(
            f"/referrals/{second['id']}/match",
            data={
                **hidden(part[: part.index("</form>")]),
                "state": "linked",
                "because": "family_says",
            },
        )
        assert "You can take it back" in said.text
        assert "Same person" in said.text
    told = await story(home, second["id"])
    assert told["children"][0]["matches"][0]["state"] == "linked"


async def test_a_case_that_is_open_elsewhere_is_seen_counted_and_told(
    home: Living, tmp_path: Path
) -> None:
    """Practice rules 15 and 16: what the council's case system holds comes with its date."""
    school, who = await home.partner(), home.staff("manager")
    before = await home.refer(school, by_school(nhs_number=NHS_NUMBER))
    assert (await story(home, before["id"]))["elsewhere"]["freshness"] == "never"
    unknown = await home.rated(before["id"], who)
    (tmp_path / "ssd_person.csv").write_text(
        "pers_person_id,pers_common_child_id,pers_dob,pers_forename,pers_surname\n"
        f"4711,{NHS_NUMBER},2017-03-04,Katherine,Testwood\n"
    )
    (tmp_path / "ssd_cin_episodes.csv").write_text(
        "cine_person_id,cine_referral_date,cine_close_date,cine_referral_team\n"
        "4711,2025-11-03,,Safeguarding North\n"
    )
    (tmp_path / "ssd_involvements.csv").write_text(
        "invo_person_id,invo_professional_id,invo_involvement_start_date,invo_involvement_end_date\n"
        "4711,91,2025-11-04,\n"
    )
    (tmp_path / "ssd_professionals.csv").write_text(
        "prof_professional_id,prof_staff_id,prof_professional_name\n91,sw-1207,Robin Mockley\n"
    )
    # The worker is on the register here, by the same code, and signs in with an address.
    async with home.house.databases["intake"].transaction() as connection:
        await add_staff(
            connection,
            username="robin.mockley@warwickshire.example",
            password="sturdy-lantern-walks",
            roles=["practitioner"],
            qualifications=["social_worker"],
            authorities=["warwickshire"],
            ids=new_id,
            now=home.clock(),
        )
    ((account,),) = home.query(
        "SELECT staff_id::text FROM intake.staff WHERE username LIKE 'robin%%'"
    )
    await worker(home, "sw-1207", agency="local_authority_other", team="hub", staff_id=account)
    index = BlindIndex(home.house.parts.ring.index_key)
    database, asked = home.house.databases["intake"], home.clock() - timedelta(hours=7)
    done = await take(database, index, "warwickshire", known(tmp_path), asked, home.clock())
    assert (done.children, done.without_a_key) == (1, 0)
    with pytest.raises(OlderThanHeld):
        await take(database, index, "warwickshire", (), asked - timedelta(days=1), home.clock())

    # What waits to be decided is looked up again.
    await home.rated(
        before["id"], who, lambda one: "open_already" in str(one["suggestion"]["reasons"])
    )
    quiet = {**by_school(nhs_number=NHS_NUMBER), "concerns": [], "narrative": "He is often late."}
    told = await home.refer(school, {**quiet, "request": "early_help", "referrer_level": None})
    case = await home.rated(
        told["id"], who, lambda one: "open_already" in str(one["suggestion"]["reasons"])
    )
    assert case["suggestion"]["rag"] == "amber"
    assert "open_already" not in str(unknown["suggestion"]["reasons"])
    (seen,) = (await story(home, told["id"]))["elsewhere"]["children"]
    assert (seen["sure"], seen["facts"][0]["team"]) == (True, "Safeguarding North")
    alerts = await home.sent(told["id"], "open_case_alert", who, 3)
    assert {one["audience"] for one in alerts} == {"duty", "manager", "worker"}
    (copied,) = [one for one in home.relay.box.taken if "robin.mockley@" in str(one["To"])][-1:]
    assert told["reference"] in copied["Subject"]
    assert "Testwood" not in plain(copied)
    # By the name and the birth date alone it is a question, and nothing counts it.
    named = await home.refer(school, {**quiet, "children": [child(given_name="Katherine")]})
    (maybe,) = (await story(home, named["id"]))["elsewhere"]["children"]
    assert maybe["sure"] is False
    await home.settled()
    said = str([*home.events(told["id"]), *home.events(named["id"])])
    assert said.count("referral.known_elsewhere.v1") == 1
    for secret in ("Testwood", NHS_NUMBER, "2017-03-04"):
        assert secret not in said + str(home.query("SELECT known FROM intake.elsewhere"))
    page = (await (await home.browser()).get(f"/referrals/{told['id']}")).text
    assert "open since 3 November 2025, with Robin Mockley, Safeguarding North" in page
    home.clock.now += timedelta(days=4)
    assert (await story(home, told["id"], home.staff()))["elsewhere"]["freshness"] == "stale"


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
