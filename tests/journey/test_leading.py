"""From an accepted offer to the end of help, and what a panel agrees beside it."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.allocation.scorecard import store as scorecard
from services.notifications.digests.people import People
from tests.files import PDF
from tests.journey.forms import child
from tests.journey.living import Living, Partner, fields, read
from tests.journey.test_offers import asked, decided, worker
from tests.journey.test_referrers import HANNAH, register, signed_in

MARK = "Zyxwvut"


async def post(home: Living, path: str, who: Any, status: int = 201, **body: Any) -> Any:
    key = {"Idempotency-Key": body.pop("key", str(uuid4()))}
    answer = await home.http.post(path, json=body, headers={**key, **dict(who)})
    assert answer.status_code == status, answer.text
    return read(answer)


async def test_a_lead_professional_from_contact_to_closing(home: Living) -> None:
    school, who = await home.partner(), home.staff("coordinator")
    ((mine,),) = home.query("SELECT organisation_id FROM intake.client")
    await worker(home, "W-1", agency="school", organisation_id=str(mine))
    referral_id = await decided(home, school)
    (offered,) = await asked(home, referral_id)
    partner = dict(school.headers)
    (work,) = read(await home.http.get("/v1/work", headers=partner))["items"]
    assert work["id"] == offered["id"]
    path = f"/v1/work/{offered['id']}"
    on = home.clock().date().isoformat()
    early = await post(home, f"{path}/milestones", partner, 409, milestone="first_contact", on=on)
    assert early["code"] == "not_accepted"
    await post(home, f"/v1/allocations/{offered['id']}/acceptance", partner)

    scores = {"home": 3, "school": 4}
    contact = {"milestone": "first_contact", "on": on, "scores": scores, "note": f"{MARK} spoke."}
    for _ in range(2):
        await post(home, f"{path}/milestones", partner, **contact, key="contact-1")
    paper = await post(
        home, f"{path}/papers", partner, kind="assessment", on=on, text=f"{MARK} is nine."
    )
    again = await post(
        home, f"{path}/papers", partner, 409, kind="assessment", on=on, text="Again."
    )
    assert again["code"] == "live_paper"
    await post(home, f"{path}/papers/{paper['id']}/sign-off", who)
    await post(home, f"{path}/papers", partner, kind="plan", on=on, kept_as="EHM-12")
    opened = read(await home.http.get(path, headers=partner))
    assert opened["reference"] == work["reference"]
    assert opened["family"]["children"][0]["given_name"]
    assert read(await home.http.get(path, headers=who))["family"] is None
    assert opened["papers"][0]["text"] == f"{MARK} is nine."
    assert opened["papers"][0]["signed_at"]
    assert len(opened["milestones"]) == 3
    await gives_a_step_back(home, referral_id, path, partner)
    await asks_for_help(home, referral_id, str(work["worker_id"]), school)
    await post(home, f"{path}/milestones", partner, milestone="review", on=on, agencies=["school"])
    closed = await post(
        home, f"{path}/closure", partner, reason="needs_met", on=on, scores={"home": 8, "school": 7}
    )
    assert closed["closed"]
    await home.settled()
    clocks = {
        one["name"]: one["state"] for one in await home.listed("/v1/clocks", referral_id, who)
    }
    for name in ("first_contact", "early_help_assessment", "plan"):
        assert clocks[name] == "met"
    opened = read(await home.http.get(path, headers=who))
    assert opened["distance"] == {
        "home": {"first": 3, "last": 8}, "school": {"first": 4, "last": 7},
    }  # fmt: skip
    assert opened["ended"]["reason"] == "needs_met"
    assert home.query("SELECT scored, first_scores, last_scores FROM allocation.case_end") == [
        (2, 7, 15)
    ]
    analyst = home.staff("analyst")
    figures = read(await home.http.get("/v1/scorecard", headers=analyst))["items"]
    counted = {(one["measure"], one["category"]): (one["count"], one["total"]) for one in figures}
    for measure in ("lead_in_time", "first_contact_in_time", "assessment_in_time", "plan_in_time"):
        assert counted[measure, None] == (1, 1)
    assert counted["ended_because", "needs_met"] == (1, 1)
    assert counted["lead_agency", "school"] == (1, 1)
    assert counted["distance_travelled", None] == (1, 1)
    assert counted["repeat_contact", None] == (0, 1)
    assert counted["accepted", None] == (1, 1)
    flow = read(await home.http.get("/v1/scorecard/flows", headers=analyst))
    (way,) = flow["items"]
    assert [way[one] for one in ("came", "decided", "then", "ended", "referrals")] == [
        "first", "early_help", "taken_on", "needs_met", 1,
    ]  # fmt: skip
    hidden = {"published": True, "by": "agency"}
    assert not read(await home.http.get("/v1/scorecard/flows", params=hidden, headers=analyst))[
        "items"
    ]
    small = await home.http.get(
        "/v1/scorecard", params={"published": True, "format": "csv"}, headers=analyst
    )
    assert "lead_in_time,warwickshire,,,,,," in small.text
    early_help = await home.http.get("/v1/scorecard/warwickshire/lists/early_help", headers=analyst)
    assert early_help.text.count("needs_met") == 1
    # As a spreadsheet takes it: England's time, and no fractions of a second.
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", early_help.text.splitlines()[1].split(",")[1])
    assert MARK not in early_help.text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scorecard, "MOST_ROWS", 0)
        cut = await home.http.get("/v1/scorecard/warwickshire/lists/early_help", headers=analyst)
    assert (cut.status_code, read(cut)["code"]) == (422, "list_too_long"), "never cut in silence"
    actions = {one for (one,) in home.query("SELECT action FROM allocation.audit_entry")}
    assert {"work_opened", "paper_written", "paper_signed", "help_ended"} <= actions
    everything = str(home.query("SELECT document FROM allocation.referral")) + str(
        home.query("SELECT body FROM event_stream.event_log")
    )
    assert MARK not in everything


async def gives_a_step_back(
    home: Living, referral_id: str, path: str, lead: dict[str, str]
) -> None:
    """Whoever receives a case gives it back, and whoever had it reads why."""
    asked = await post(
        home, f"{path}/steps", lead, direction="up", reason="need_rose", note=f"{MARK} is worse."
    )
    receiver = home.staff("practitioner")
    back = f"/v1/allocations/{asked['allocation_id']}/return"
    await post(home, back, receiver, reason="need_too_high", note=f"{MARK} needs duty.")
    story = read(await home.http.get(f"/v1/allocations/referrals/{referral_id}", headers=receiver))
    (step,) = story["steps"]
    assert (step["state"], step["answer"]) == ("returned", "need_too_high")
    assert (step["note"], step["answer_note"]) == (f"{MARK} is worse.", f"{MARK} needs duty.")
    assert not story["loops"]
    assert read(await home.http.get(path, headers=lead))["steps"] == [step]


async def asks_for_help(home: Living, referral_id: str, worker_id: str, school: Partner) -> None:
    """An agency is asked to do something: its system accepts, or somebody there on a page."""
    await register(home, HANNAH, "referrer", school.client_id)
    ((hannah_id,),) = home.query("SELECT staff_id FROM intake.staff WHERE username = %s", HANNAH)
    hannah = await worker(home, "W-2", agency="school", staff_id=str(hannah_id))
    hub, asks = home.staff("practitioner"), f"/v1/allocations/referrals/{referral_id}/actions"
    help_ = {"by": home.clock().date().isoformat(), "text": f"{MARK} has breakfast there."}
    refused = await post(home, asks, hub, 422, worker_id=worker_id, kind="safety_contact", **help_)
    assert refused["errors"][0]["pointer"] == "/kind"
    for asked_of in (worker_id, hannah["id"]):
        await post(home, asks, hub, worker_id=asked_of, kind="school_support", **help_)
    (mine,) = read(await home.http.get("/v1/actions", headers=dict(school.headers)))["items"]
    assert (mine["text"], mine["worker_id"]) == (help_["text"], worker_id)
    answer = f"/v1/actions/{mine['id']}/answer"
    await post(home, answer, hub, 403, state="accepted")
    await post(home, answer, school.headers, 200, state="accepted", note="From Monday.")
    told = [
        await one.step()
        for loop in home.house.running["notifications"].loops
        if isinstance(one := getattr(loop, "__self__", None), People)
    ]
    assert told in ([1], [0]), "Hannah has an email, or had it already"
    assert home.query("SELECT staff_id FROM notifications.asked") == [(hannah_id,)]
    browser = await signed_in(home, HANNAH)
    page = (await browser.get("/my-work")).text
    (place,) = re.findall(r'action="(/my-work/actions/[^"]+)"', page)
    assert help_["text"] in page
    other = await browser.post(
        f"/my-work/actions/{mine['id']}", data={**fields(page), "state": "done"}
    )
    assert other.status_code == 404
    leaving, who = f"/v1/workers/{hannah['id']}/leaving", home.staff("coordinator")
    assert (await home.http.post(leaving, json={}, headers=who)).status_code == 409
    said = await browser.post(place, data={**fields(page), "state": "declined"})
    assert "Whoever asked sees what you said" in said.text
    assert (await home.http.post(leaving, json={}, headers=who)).status_code == 200
    await browser.aclose()
    tracked = read(await home.http.get("/v1/actions", headers=home.staff("coordinator")))["items"]
    assert {(one["worker_name"], one["state"]) for one in tracked} == {
        ("W-1 Testwell", "accepted"), ("W-2 Testwell", "declined"),
    }  # fmt: skip
    story = read(await home.http.get(f"/v1/allocations/referrals/{referral_id}", headers=hub))
    assert [one["note"] for one in story["actions"]] == ["From Monday.", None]


async def test_another_authority_reads_what_goes_along_and_has_it_once_it_accepts(
    home: Living, school: Partner
) -> None:
    mine, theirs = home.staff("manager"), home.staff("manager", "walsall")
    referral_id = await decided(home, school)
    held = await home.listed("/v1/allocations", referral_id, mine)
    team = next(one["id"] for one in held if one["state"] == "assigned" and one["kind"] == "team")
    await post(home, f"/v1/allocations/{team}/acceptance", mine)
    on = home.clock().date().isoformat()
    reached = {"milestone": "first_contact", "on": on, "note": f"{MARK} opened the door."}
    await post(home, f"/v1/work/{team}/milestones", mine, **reached)
    sent = await home.http.post(
        f"/v1/referrals/{referral_id}/attachments",
        content=PDF,
        headers={"Idempotency-Key": str(uuid4()), **school.headers},
    )
    assert sent.status_code == 201, sent.text
    asked = await post(
        home, f"/v1/work/{team}/transfer", mine, to="walsall", note=f"{MARK} lives there now."
    )
    path = f"/v1/transfers/{asked['id']}"
    seen = read(await home.http.get(path, headers=theirs))
    assert (seen["note"], seen["referral_id"]) == (f"{MARK} lives there now.", None)
    assert (seen["form"]["children"][0]["given_name"], len(seen["decisions"])) == ("Callum", 1)
    assert seen["done"][0].endswith(f"{MARK} opened the door.")
    refused = await post(home, f"{path}/answer", mine, 403, accepted=True)
    assert refused["code"] == "receiver_answers"
    taken = await post(home, f"{path}/answer", theirs, accepted=True)
    await post(home, f"{path}/answer", theirs, 409, accepted=False)
    new = taken["became"]
    case = await home.rated(new, theirs)
    assert case["authority"] == "walsall"
    form = read(await home.http.get(f"/v1/intake/referrals/{new}", headers=theirs))["form"]
    assert form["children"][0]["given_name"] == "Callum"
    assert f"{MARK} opened the door." in form["work_already_tried"]
    assert form["referrer"]["agency"] == "another_authority"
    assert form["agencies_involved"][-1]["name"] == "Hannah Testley"
    assert (await home.http.get(f"/v1/intake/referrals/{new}", headers=mine)).status_code == 404
    path = f"/v1/intake/referrals/{new}/attachments"
    (kept,) = read(await home.http.get(path, headers=theirs))["items"]
    file = await home.http.get(f"{path}/{kept['id']}", headers=theirs)
    assert file.content == PDF
    await home.settled()
    held = await home.listed("/v1/allocations", referral_id, mine)
    assert {one["state"] for one in held} == {"ended"}
    types = [one["type"].rsplit(".", 3)[-2] for one in home.events(referral_id)]
    assert types.count("transferred") == 1
    assert MARK not in str(home.query("SELECT body FROM event_stream.event_log"))


async def test_a_panel_agrees_and_follows_what_it_asked_for(home: Living) -> None:
    school, chair = await home.partner(), home.staff("panel_chair")
    referral_id = await decided(home, school, outcome="locality_panel")
    held = await home.listed("/v1/allocations", referral_id, home.staff("coordinator"))
    assert {one["kind"] for one in held if not one["urgent"]} == {"panel", "team"}

    async def panel() -> dict[str, Any]:
        items = read(await home.http.get("/v1/panels", headers=chair))["items"]
        return next(one for one in items if one["panel"] == "panel_warwick")

    found = await home.until(panel, lambda one: one["meetings"][0]["items"] == 1)
    on = found["meetings"][0]["held_on"]
    path = f"/v1/panels/warwickshire/panel_warwick/meetings/{on}"
    agenda = read(await home.http.get(path, headers=chair))
    (item,) = agenda["items"]
    assert (item["referral_id"], item["thematic"]) == (referral_id, False)
    outcome = {
        "outcome": "support_agreed",
        "actions": [
            {
                "owner": "school",
                "kind": "school_support",
                "by": found["meetings"][1]["held_on"],
                "text": f"{MARK} has breakfast there.",
            }
        ],
    }
    here = f"/v1/panels/items/{item['id']}"
    await post(home, f"{here}/outcome", chair, 409, **outcome)
    past = await home.http.post(f"{here}/move", json={"meeting_on": "2020-01-07"}, headers=chair)
    assert past.status_code == 422
    moved = await post(home, f"{here}/move", chair, 200, meeting_on=found["meetings"][1]["held_on"])
    assert moved["meeting_on"] == found["meetings"][1]["held_on"]
    await post(home, f"{here}/move", chair, 200, meeting_on=on)

    while home.clock().date().isoformat() <= on:
        home.clock.forward(timedelta(days=1))
    chair = home.staff("panel_chair")
    # A meeting that was held stands there until it is recorded.
    assert (await panel())["to_conclude"] == [{"held_on": on, "items": 1}]
    attended = await home.http.put(
        f"{path}/attendance",
        json={"attended": ["school", "police", "housing"]},
        headers=chair,
    )
    assert read(attended)["quorate"] is True
    await post(home, f"{here}/outcome", chair, **outcome)
    assert len(await home.sent(referral_id, "panel_outcome", chair)) == 1
    (action,) = read(await home.http.get("/v1/actions", headers=chair))["items"]
    assert (action["owner"], action["kind"], action["overdue"]) == (
        "school",
        "school_support",
        False,
    )
    await post(home, f"/v1/actions/{action['id']}/answer", chair, 200, state="done")
    assert read(await home.http.get("/v1/actions", headers=chair))["items"] == []
    await subscriptions(home, chair)
    feed = await home.http.get("/v1/panels/warwickshire/panel_warwick/calendar.ics", headers=chair)
    assert feed.headers["content-type"].startswith("text/calendar")
    assert "BEGIN:VEVENT" in feed.text
    for secret in (MARK, referral_id, str(item["reference"])):
        assert secret not in feed.text

    # Without the family's agreement it hears what the worry is, and of nobody.
    apart = [child(given_name="Zofia", date_of_birth="2014-06-07")]
    said = {"agreement": {"status": "not_sought"}, "children": apart}
    other = await home.partner("samplewood-academy")
    await decided(home, other, outcome="locality_panel", **said)
    (then,) = (await home.until(panel, lambda one: one["meetings"][0]["items"] == 1))["meetings"][
        :1
    ]
    path = f"/v1/panels/warwickshire/panel_warwick/meetings/{then['held_on']}"
    (theme,) = read(await home.http.get(path, headers=chair))["items"]
    assert theme.pop("id")
    assert theme == {
        "state": "listed", "outcome": None, "thematic": True, "rag": "green",
        "how_many_children": 1, "concerns": ["neglect"],
    }  # fmt: skip


async def subscriptions(home: Living, chair: dict[str, str]) -> None:
    """A calendar's address opens without signing in, for a year, until it is ended."""
    path = "/v1/panels/warwickshire/panel_warwick/feeds"
    made = [read(await home.http.post(path, headers=who)) for who in (chair, chair, chair)]
    addresses = [one["url"].removeprefix("http://127.0.0.1:8000") for one in made]
    assert len(set(addresses)) == 3
    opened = await home.http.get(addresses[0])
    assert (opened.status_code, opened.text.count("BEGIN:VEVENT")) == (200, 13)
    assert "private" in opened.headers["Cache-Control"]
    kept = home.query("SELECT digest FROM allocation.panel_feed")
    assert not any(address.encode() in bytes(row[0]) for address in addresses for row in kept)
    (mine, *_) = read(await home.http.get("/v1/panels/feeds", headers=chair))["items"]
    assert (mine["mine"], mine["read_on"]) == (True, home.clock().date().isoformat())
    one, another, third = (f"/v1/panels/feeds/{each['id']}" for each in made)
    stranger = home.staff("coordinator")
    assert (await home.http.delete(one, headers=stranger)).status_code == 404
    assert read(await home.http.get("/v1/panels/feeds", headers=stranger))["items"] == []
    assert (await home.http.delete(one, headers=chair)).status_code == 204
    assert (await home.http.delete(another, headers=home.staff("manager"))).status_code == 204
    assert (
        await home.http.delete(third, headers=home.staff("manager", "walsall"))
    ).status_code == 404
    answers = [(await home.http.get(address)).status_code for address in addresses]
    assert answers == [404, 404, 200]
    assert (await home.http.get("/v1/panels/feeds/guessed.ics")).status_code == 404
    home.query("UPDATE allocation.panel_feed SET until = made_at RETURNING 1")
    assert (await home.http.get(addresses[2])).status_code == 404
