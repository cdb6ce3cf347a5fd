"""What people do on the pages, and what goes wrong while they do it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import assert_good
from tests.browser.conftest import sign_in, watched
from tests.browser.house import PASSWORD, House
from tests.browser.led import WORK_ID
from tests.browser.rooms import ALLOCATION_ID, HELD_ON, QUESTION_ID, WORKER_ID
from tests.browser.samples import SAMPLES, Sample

RED, AMBER, GREEN = SAMPLES[0], SAMPLES[4], SAMPLES[6]
TOO_WIDE = """
() => [...document.querySelectorAll('[data-row] *')].filter(
  part => part.getBoundingClientRect().right > part.closest('[data-row]').getBoundingClientRect().right
).length
"""
SCRIPT = "<script>document.title='broken'</script>\"'><img src=x onerror=alert(1)>"


def fill_decision(
    page: Page, rationale: str = "There is harm at home and it is happening now."
) -> None:
    """Fill the decision form for one child."""
    page.locator("#rag-0").check()
    page.locator("#outcome-0").select_option("strategy_discussion")
    page.locator("#rationale").fill(rationale)
    page.locator("#action-0").fill("Strategy discussion with police and health")
    page.locator("#owner-0").fill("Duty team")
    page.locator("#by-0").fill("2030-01-31")


def check(page: Page) -> None:
    """Go on from the decision form."""
    page.get_by_role("button", name="Check the decision").click()


def record(page: Page) -> None:
    """Record what was checked."""
    page.get_by_role("button", name="Record the decision").click()


def open_referral(page: Page, house: House, sample: Sample) -> None:
    """Open one referral of the queue."""
    house.fill(sample)
    page.goto(f"{house.url}/referrals/{sample.referral_id}")


# Hundreds of key presses, each answered by the browser.
@pytest.mark.timeout(180)
def test_sign_in_decide_and_sign_out_by_keyboard(page: Page, house: House) -> None:
    house.fill(AMBER)
    page.goto(house.url)
    _tab_to(page, "#username")
    page.keyboard.type("p.example")
    _tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house.url}/queue")
    # As it is read out: a table with a name, and the reference as what a row is called.
    expect(page.get_by_role("table", name="To decide: 1 referral on this page")).to_be_visible()
    expect(page.get_by_role("rowheader", name=AMBER.reference)).to_be_visible()
    _tab_to(page, f"a[href='/referrals/{AMBER.referral_id}']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/referrals/*")
    _tab_to(page, "#rag-0")
    page.keyboard.press("Space")
    _tab_to(page, "#outcome-0")
    page.keyboard.type("Strategy")
    _tab_to(page, "#rationale")
    page.keyboard.type("He is being groomed to carry drugs.")
    _tab_to(page, "#action-0")
    page.keyboard.type("Strategy discussion")
    _tab_to(page, "#owner-0")
    page.keyboard.type("Duty team")
    _tab_to(page, "#by-0")
    page.keyboard.type("01312030")
    _tab_to(
        page,
        "#decision ~ form button[type=submit], form[action$=decision] button[data-prevent-double-click]",
    )
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the decision")
    _tab_to(page, "button[value=record]")
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=decision")
    done = page.get_by_role("status").filter(has_text="Your decision is recorded")
    expect(done).to_be_focused()
    what, body = house.others.received[0]
    assert what == "decision"
    assert body["children"][0]["rag"] == "red"
    assert body["children"][0]["outcome"] == "strategy_discussion"
    assert body["actions"] == [
        {"action": "Strategy discussion", "owner": "Duty team", "by": "2030-01-31"}
    ]
    _tab_to(page, "form[action='/sign-out'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in")
    page.goto(f"{house.url}/queue")
    page.wait_for_url("**/sign-in?next=/queue")


def test_a_decision_carries_suggested_clauses_and_the_version_seen(
    signed_in: Page, house: House
) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in)
    check(signed_in)
    record(signed_in)
    expect(signed_in.get_by_text("Your decision is recorded")).to_be_visible()
    _, body = house.others.received[0]
    assert body["clauses"] == ["4.1", "4.2", "3.4"]
    # The browser's own Back: neither the check again, nor its page about sending a form twice.
    signed_in.go_back()
    assert signed_in.url == f"{house.url}/referrals/{AMBER.referral_id}"
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Maya Example")
    assert len(house.others.received) == 1


def test_what_triage_refuses_stands_beside_its_field(signed_in: Page, house: House) -> None:
    house.others.refusal = (
        422,
        {
            "code": "invalid_decision",
            "detail": "The decision is not complete.",
            "errors": [
                {"pointer": "/rationale", "detail": "Tell the referrer why, in a sentence."},
                {"pointer": "/actions/0/owner", "detail": "Too long."},
            ],
        },
    )
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "Because.")
    check(signed_in)
    record(signed_in)
    expect(signed_in.get_by_role("alert").locator("xpath=..")).to_be_focused()
    expect(signed_in.locator("#rationale-error")).to_contain_text("Tell the referrer why")
    heard = re.compile("Tell the referrer why")
    expect(signed_in.locator("#rationale")).to_have_accessible_description(heard)
    expect(signed_in.locator("#owner-0-error")).to_contain_text("Too long.")
    expect(signed_in.locator("#rationale")).to_have_value("Because.")
    signed_in.get_by_role("link", name="Too long.").click()
    expect(signed_in.locator("#owner-0")).to_be_focused()


def test_what_was_checked_can_be_changed(signed_in: Page, house: House) -> None:
    house.others.story_told = house.others.attached = True
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "Line one.\n\nLine two.")
    signed_in.locator("#rag-0-green").check()
    check(signed_in)
    signed_in.get_by_role("alert").get_by_role("link", name="Choose a reason").click()
    signed_in.locator("#lowered_because").select_option(index=1)
    check(signed_in)
    expect(
        signed_in.get_by_text("Green is less than what the rules suggest, Amber")
    ).to_be_visible()
    expect(signed_in.get_by_text("1 possible match under Known before")).to_be_visible()
    expect(signed_in.get_by_text("There are attachments")).to_be_visible()
    assert_good(signed_in, refused=True)
    signed_in.get_by_role("button", name="Change it").click()
    expect(signed_in.locator("#rationale")).to_have_value("Line one.\n\nLine two.")
    expect(signed_in.locator("#rag-0-green")).to_be_checked()
    assert house.others.received == []


def test_somebody_who_was_first_between_the_check_and_the_record(
    signed_in: Page, house: House
) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in)
    check(signed_in)
    house.others.version = 2
    house.others.decided_by = "m.other"
    record(signed_in)
    expect(signed_in.get_by_role("alert")).to_contain_text("Somebody changed this referral")
    expect(signed_in.locator("#rating-rationale")).not_to_be_empty()
    assert house.others.received == []


def test_a_record_sent_twice_counts_once(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "Maya told of violence at home and has an injury.")
    check(signed_in)
    signed_in.locator("button[value=record]").evaluate(
        """button => fetch(button.form.action, {
          method: 'POST', body: new URLSearchParams(new FormData(button.form, button))
        })"""
    )
    house.others.decided_by = "p.example"
    record(signed_in)
    expect(signed_in.get_by_text("Your decision is recorded")).to_be_visible()
    assert len(house.others.received) == 1


def test_when_somebody_was_first_nothing_typed_is_lost(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in)
    house.others.version = 2
    house.others.decided_by = "m.other"
    check(signed_in)
    expect(signed_in.get_by_role("alert")).to_contain_text("Somebody changed this referral")
    expect(signed_in.locator("#rating-rationale")).to_have_value(
        "There is harm at home and it is happening now."
    )
    expect(signed_in.get_by_text("Strategy discussion with police and health")).to_be_visible()
    assert house.others.received == []


def test_the_same_decision_sent_twice_counts_once(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "Maya told of violence at home and has an injury.")
    house.others.version = 2
    house.others.decided_by = "p.example"
    check(signed_in)
    expect(signed_in.get_by_text("Your decision is recorded")).to_be_visible()


def test_when_triage_is_away_nothing_typed_is_lost(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in)
    house.others.refusal = (503, {"code": "database_away", "detail": "Try again shortly."})
    check(signed_in)
    record(signed_in)
    expect(signed_in.get_by_role("alert")).to_contain_text("Try again shortly.")
    expect(signed_in.locator("#action-0")).to_have_value(
        "Strategy discussion with police and health"
    )


def test_a_manager_countersigns_or_says_why_not(page: Page, house: House) -> None:
    house.others.roles = frozenset({"manager"})
    house.others.decided_by = "p.example"
    house.others.awaiting = {"decision_id": "d", "because": ["red"], "since": None}
    sign_in(page, house)
    open_referral(page, house, RED)
    expect(page.get_by_text("This decision waits for a manager, because of Red.")).to_be_visible()
    assert_good(page)
    page.get_by_role("link", name="See the email that then goes").click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("heading", level=1)).to_have_text("What we decided")
    assert_good(page)
    page.go_back()
    page.get_by_label("No: it is to be decided again").check()
    page.get_by_role("button", name="Record your answer").click()
    expect(page.locator("#note-error")).to_contain_text("Say what has to be looked at again")
    page.locator("#note").fill("The school has not been asked.")
    page.get_by_role("button", name="Record your answer").click()
    expect(page.get_by_text("What you said of the decision is recorded.")).to_be_visible()
    assert house.others.received == [
        (
            "countersignature",
            {"decision_id": "d", "agree": False, "note": "The school has not been asked."},
        )
    ]


def test_a_referral_is_claimed_and_given_back(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, RED)
    signed_in.get_by_role("button", name="Claim it").click()
    expect(signed_in.get_by_text("You have claimed this referral.")).to_be_visible()
    expect(signed_in.locator("#claim")).to_contain_text("You, until")
    assert_good(signed_in)
    signed_in.get_by_role("button", name="Give it back").click()
    expect(signed_in.locator("#claim")).to_contain_text("Nobody has claimed it.")
    house.others.claim = {"staff_id": "x", "by": "m.other", "lapses_at": None}
    signed_in.reload()
    expect(signed_in.locator("#claim")).to_contain_text("m.other. Only they, or a manager")
    expect(signed_in.locator("#claim").get_by_role("button")).to_have_count(0)


def test_work_is_taken_on_once(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, RED)
    signed_in.get_by_role("button", name="Take this on for Duty social work team").click()
    expect(signed_in.get_by_text("You have taken this work on.")).to_be_visible()
    expect(signed_in.locator("#allocation")).to_contain_text("Accepted")
    house.others.accepted = False
    signed_in.reload()
    house.others.accepted = True
    signed_in.get_by_role("button", name="Take this on for Duty social work team").click()
    expect(signed_in.get_by_text("Somebody has taken this on before you.")).to_be_visible()


def test_an_offer_is_handed_back_with_a_reason(signed_in: Page, house: House) -> None:
    house.others.offered_to = "somebody"
    open_referral(signed_in, house, RED)
    signed_in.locator("#allocation summary").click()
    assert_good(signed_in)
    signed_in.get_by_label("Why", exact=True).select_option("no_room")
    signed_in.get_by_role("button", name="Hand it back").click()
    expect(signed_in.get_by_text("You have handed this work back.")).to_be_visible()
    assert house.others.received == [("decline", {"reason": "no_room"})]
    expect(signed_in.locator("#allocation summary")).to_have_count(0)


def test_scripts_in_text_stay_text(signed_in: Page, house: House) -> None:
    house.others.narrative = f"{SCRIPT} dad hits mum when he has been drinking {SCRIPT}"
    open_referral(signed_in, house, RED)
    expect(signed_in.locator("#told")).to_contain_text(SCRIPT)
    signed_in.locator("#rationale").fill(SCRIPT)
    check(signed_in)
    expect(signed_in.locator("#rationale")).to_have_value(SCRIPT)
    expect(signed_in).to_have_title(re.compile(f"^Error: {RED.reference}"))


def test_scripts_in_every_text_of_every_room_stay_text(page: Page, house: House) -> None:
    house.fill(RED)
    house.others.agencies_asked = house.others.story_told = house.others.attached = True
    house.others.authorities = frozenset(house.policy.authorities)
    house.others.hostile = True
    sign_in(page, house)
    red = f"/referrals/{RED.referral_id}"
    places = {
        "practitioner": (red, f"{red}/chronology", f"{red}/record/ask", "/duty", "/my-work", f"/my-work/{WORK_ID}", f"/consultations/{QUESTION_ID}"),
        "manager": ("/waiting", f"/waiting/{ALLOCATION_ID}", "/workers", f"/workers/{WORKER_ID}", "/panels", f"/panels/warwickshire/panel_rugby/{HELD_ON}", "/scorecard", "/scorecard/flow", "/unprocessed"),
        "operator": ("/organisations", "/organisations/clients/samplewood"),
        "referrer": ("/sent", f"/sent/{RED.referral_id}"),
    }  # fmt: skip
    seen = 0
    for role, paths in places.items():
        house.others.roles = frozenset({role})
        for path in paths:
            assert page.goto(f"{house.url}{path}").status == 200, path  # type: ignore[union-attr]
            seen += "window.struck" in page.inner_text("main")
            assert not page.evaluate("window.struck"), path
            assert page.locator("img").count() == 0, path
    assert seen > len(places) * 3
    assert page.faults == []  # type: ignore[attr-defined]


def test_without_the_qualification_there_is_nothing_to_decide_with(
    page: Page, house: House
) -> None:
    house.others.qualifications = frozenset()
    sign_in(page, house)
    open_referral(page, house, AMBER)
    expect(page.get_by_text("A qualified social worker of the hub decides.")).to_be_visible()
    expect(page.get_by_role("button", name="Check the decision")).to_have_count(0)


def test_another_authority_s_referral_is_as_if_it_were_not_there(page: Page, house: House) -> None:
    house.fill(AMBER)
    house.others.authorities = frozenset({"walsall"})
    sign_in(page, house)
    expect(page.get_by_text("Nothing to decide")).to_be_visible()
    page.goto(f"{house.url}/queue?authority=warwickshire&state=all")
    expect(page.locator("[data-row]")).to_have_count(0)
    page.goto(f"{house.url}/find?reference={AMBER.reference}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Reference not found")
    there = page.goto(f"{house.url}/referrals/{AMBER.referral_id}")
    not_there = page.goto(f"{house.url}/referrals/{GREEN.referral_id}")
    assert there
    assert not_there
    assert there.status == not_there.status == 404


def test_everything_works_without_javascript(browser: Browser, house: House) -> None:
    house.fill(AMBER, RED)
    context = browser.new_context(java_script_enabled=False)
    page = watched(context.new_page(), house)
    sign_in(page, house)
    expect(page.locator("[data-row]").first).to_contain_text(RED.reference)
    page.get_by_role("link", name="3 Amber").or_(page.get_by_role("link", name="1 Amber")).click()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("link", name="Refresh").click()
    page.get_by_role("link", name=AMBER.reference).click()
    fill_decision(page)
    page.locator("#action-1").fill("Tell the school")
    page.locator("#owner-1").fill("Duty team")
    page.locator("#by-1").fill("2030-02-01")
    check(page)
    record(page)
    expect(page.get_by_text("Your decision is recorded")).to_be_visible()
    assert [action["action"] for action in house.others.received[0][1]["actions"]] == [
        "Strategy discussion with police and health",
        "Tell the school",
    ]
    context.close()


def test_a_queue_of_thousands_is_shown_a_page_at_a_time(signed_in: Page, house: House) -> None:
    house.fill(RED, AMBER)
    house.multiply(AMBER, 5_000)
    signed_in.goto(f"{house.url}/queue")
    expect(signed_in.locator("[data-row]")).to_have_count(50)
    expect(signed_in.locator("#count-to-decide b")).to_have_text("5,002")
    expect(signed_in.get_by_text("Page 1 of 101")).to_be_visible()
    seen = set(signed_in.locator("[data-row] th a").all_inner_texts())
    signed_in.get_by_role("link", name="Next page").click()
    expect(signed_in.get_by_text("Page 2 of 101")).to_be_visible()
    seen |= set(signed_in.locator("[data-row] th a").all_inner_texts())
    assert len(seen) == 100
    # On a telephone the first referral is not far down, and no card is wider than the screen.
    signed_in.set_viewport_size({"width": 320, "height": 800})
    expect(signed_in.get_by_label("How soon")).to_be_hidden()
    first = signed_in.locator("[data-row]").first
    assert first.bounding_box()["y"] < 600  # type: ignore[index]
    assert signed_in.evaluate(TOO_WIDE) == 0
    signed_in.get_by_text("Lists and filters").click()
    expect(signed_in.get_by_label("How soon")).to_be_visible()
    # What is opened stays open while the list keeps itself up to date.
    house.fill(SAMPLES[2])
    expect(signed_in.locator("#count-red b")).to_have_text("2")
    expect(signed_in.get_by_label("How soon")).to_be_visible()
    signed_in.goto(f"{house.url}/queue/several")
    expect(signed_in.get_by_text("The first 50 of the list.")).to_be_visible()


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until `selector` has the focus, as somebody without a mouse does."""
    page.wait_for_load_state()
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(selector)
