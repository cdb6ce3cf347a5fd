"""Who a child is turns out to be otherwise: the form stands, what is right counts."""

from html import unescape
from typing import Any
from uuid import uuid4

import httpx2

from tests.journey.forms import NHS_NUMBER, child, form
from tests.journey.living import Living, fields, read
from tests.journey.test_family_story import story

BABY = {"given_name": "Oscar", "date_of_birth": "2025-12-20", "school": None}
BRUISE = {"code": "physical_abuse", "children": [0], "impact": "some"}


async def correct(home: Living, path: str, who: dict[str, str], **said: Any) -> httpx2.Response:
    headers = {**who, "Idempotency-Key": str(uuid4())}
    whom = {} if "person" in said else {"child": 0}
    body = {**whom, "because": "document_seen", **said}
    return await home.http.post(f"{path}/corrections", json=body, headers=headers)


async def test_a_wrong_birth_date_and_number_are_put_right(home: Living) -> None:
    school, manager = await home.partner(), home.staff("manager")
    other = await home.refer(
        school, form(children=[child(given_name="Oscar", nhs_number=NHS_NUMBER)])
    )
    told = await home.refer(
        school,
        form(
            children=[child(**BABY, nhs_number=NHS_NUMBER)],
            concerns=[BRUISE],
            narrative="I was told of a mark.",
            request="unsure",
        ),
    )
    ours, theirs = f"/v1/intake/referrals/{told['id']}", f"/v1/referrals/{told['id']}"
    case = await home.rated(told["id"], manager)
    before = (await story(home, told["id"]))["children"][0]["matches"]
    assert [one["state"] for one in before if one["referral_id"] == other["id"]] == ["linked"]

    refused = await correct(home, ours, manager, nhs_number="9990000477")
    assert (refused.status_code, read(refused)["errors"][0]["pointer"]) == (422, "/nhs_number")
    assert (await correct(home, ours, manager, given_name="Oscar")).status_code == 422
    assert (await correct(home, ours, home.staff("manager", "walsall"), sex="F")).status_code == 404
    assert (await correct(home, ours, home.staff("analyst"), sex="F")).status_code == 403
    # Ten years older, and somebody else's number.
    put_right = {"date_of_birth": "2015-12-20", "given_name": "Oskar", "nhs_number": None}
    answer = await correct(home, ours, manager, **put_right)
    assert answer.status_code == 201, answer.text

    again = await home.rated(
        told["id"], manager, lambda one: one["children"][0]["age_band"] == "5_to_10"
    )
    assert again["suggestion"]["reasons"] != case["suggestion"]["reasons"]
    seen = await story(home, told["id"])
    assert seen["children"][0]["person"]["date_of_birth"] == "2015-12-20"
    linked = [one["state"] for one in seen["children"][0]["matches"]]
    assert "linked" not in linked
    opened = read(await home.http.get(ours, headers=manager))
    assert opened["form"]["children"][0]["given_name"] == "Oskar"
    (what,) = (one["text"] for one in opened["later"] if one["kind"] == "correction")
    assert "Date of birth: 2015-12-20 (was 2025-12-20)" in what

    # What an earlier form says wrongly, a later one was linked by: that ends, too, and is no copy of
    # anybody's to give away.
    third = await home.refer(
        school, form(children=[child(given_name="Oscar", nhs_number=NHS_NUMBER)])
    )

    async def with_other() -> list[str]:
        (third_child,) = (await story(home, third["id"]))["children"]
        return [one["state"] for one in third_child["matches"] if one["referral_id"] == other["id"]]

    assert await with_other() == ["linked"]
    first = f"/v1/intake/referrals/{other['id']}"
    assert (await correct(home, first, manager, nhs_number=None)).status_code == 201
    await home.until(with_other, lambda states: states == ["candidate"])
    assert home.query("SELECT count(*) FROM intake.match WHERE state = 'linked'") == [(0,)]

    # The referrer too, and once more: corrections add up.
    assert (await correct(home, theirs, dict(school.headers), sex="F")).status_code == 201
    opened = read(await home.http.get(ours, headers=manager))
    assert [opened["form"]["children"][0][name] for name in ("given_name", "sex")] == ["Oskar", "F"]
    # A mother's name, and where they live: another locality has them then.
    assert (await correct(home, theirs, dict(school.headers), person=0, name="Carrie Elswood")
            ).status_code == 201  # fmt: skip
    moved = {"lines": ["9 Mock Lane"], "postcode": "CV21 9ZZ", "confidential": True}
    assert (await correct(home, ours, manager, address=moved)).status_code == 201
    await home.rated(told["id"], manager, lambda one: one["locality"] != case["locality"])
    opened = read(await home.http.get(ours, headers=manager))
    assert opened["form"]["household"][0]["name"] == "Carrie Elswood"
    coordinator = home.staff("practitioner", qualified=False)
    shown = read(await home.http.get(ours, headers=coordinator))
    assert "9 Mock Lane" not in str(shown)
    refused = await correct(home, ours, coordinator, address={"postcode": "CV32 9ZA"})
    assert refused.status_code == 403
    await home.settled()
    said = str(home.events(told["id"]))
    assert said.count("referral.corrected.v1") == 4
    assert "CV21" not in said
    assert said.count("referral.unlinked.v1") == 1
    for secret in ("Oskar", "2015-12-20", NHS_NUMBER):
        assert secret not in said

    browser = await home.browser()
    page = (await browser.get(f"/referrals/{told['id']}")).text
    assert "Who somebody is, or where they live, corrected" in page
    about = opened["form"]["children"][0]["child_id"]
    form_page = (await browser.get(f"/referrals/{told['id']}/record/identity?about={about}")).text
    held = {name: unescape(value) for name, value in fields(form_page).items()}
    sent = {**held, "given_name": "Oscar", "family_name": "Testwood", "sex": "F"}
    sent |= {"date_of_birth-day": "20", "date_of_birth-month": "12", "date_of_birth-year": "2015"}
    sent |= {"lines": "9 Mock Lane", "postcode": "CV21 9ZZ", "confidential": "yes"}
    sent["because"] = "family_says"
    done = await browser.post(f"/referrals/{told['id']}/record/identity", data=sent)
    assert done.status_code == 303, done.text
    opened = read(await home.http.get(ours, headers=manager))
    assert opened["form"]["children"][0]["given_name"] == "Oscar"
    assert opened["form"]["children"][0]["date_of_birth"] == "2015-12-20"
    assert opened["form"]["children"][0]["address"] == moved
    (last, *_) = [one["text"] for one in reversed(opened["later"])]
    assert last.splitlines()[2:] == ["First name: Oscar (was Oskar)"]

    # The same for another of the household.
    page = f"/referrals/{told['id']}/record/member?about=0"
    held = {name: unescape(value) for name, value in fields((await browser.get(page)).text).items()}
    sent = {**held, "name": "Carrie Testwood", "relationship": "mother", "because": "family_says"}
    done = await browser.post(f"/referrals/{told['id']}/record/member", data=sent)
    assert done.status_code == 303, done.text
    opened = read(await home.http.get(ours, headers=manager))
    assert opened["form"]["household"][0]["name"] == "Carrie Testwood"
