"""What people do on the pages, and what goes wrong while they do it."""

import re
from datetime import timedelta

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in, watched
from tests.browser.house import PASSWORD, House
from tests.browser.samples import SAMPLES, Sample

RED, AMBER, GREEN = SAMPLES[0], SAMPLES[4], SAMPLES[6]
SCRIPT = "<script>document.title='broken'</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def width() -> int:
    return 1440


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


def open_referral(page: Page, house: House, sample: Sample) -> None:
    """Open one referral of the queue."""
    house.fill(sample)
    page.goto(f"{house.url}/referrals/{sample.referral_id}")


def test_sign_in_decide_and_sign_out_by_keyboard(page: Page, house: House) -> None:
    house.fill(AMBER)
    page.goto(house.url)
    _tab_to(page, "#username")
    page.keyboard.type("p.example")
    _tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house.url}/queue")
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
    page.wait_for_url("**?done=decision")
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
    signed_in.get_by_role("button", name="Record the decision").click()
    expect(signed_in.get_by_text("Your decision is recorded")).to_be_visible()
    _, body = house.others.received[0]
    assert body["clauses"] == ["4.1", "4.2", "3.4"]


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
    signed_in.get_by_role("button", name="Record the decision").click()
    expect(signed_in.locator("#rationale-error")).to_contain_text("Tell the referrer why")
    expect(signed_in.locator("#owner-0-error")).to_contain_text("Too long.")
    expect(signed_in.locator("#rationale")).to_have_value("Because.")
    signed_in.get_by_role("link", name="Too long.").click()
    expect(signed_in.locator("#owner-0")).to_be_focused()


def test_when_somebody_was_first_nothing_typed_is_lost(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in)
    house.others.version = 2
    house.others.decided_by = "m.other"
    signed_in.get_by_role("button", name="Record the decision").click()
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
    signed_in.get_by_role("button", name="Record the decision").click()
    expect(signed_in.get_by_text("Your decision is recorded")).to_be_visible()


def test_when_triage_is_away_nothing_typed_is_lost(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in)
    house.others.refusal = (503, {"code": "database_away", "detail": "Try again shortly."})
    signed_in.get_by_role("button", name="Record the decision").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("Try again shortly.")
    expect(signed_in.locator("#action-0")).to_have_value(
        "Strategy discussion with police and health"
    )


def test_a_form_outlives_its_session(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "Line one.\nLine two.")
    house.now_offset = timedelta(hours=2)
    signed_in.get_by_role("button", name="Record the decision").click()
    signed_in.get_by_label("User name").fill("p.example")
    signed_in.get_by_label("Password", exact=True).fill("wrong at first")
    signed_in.get_by_role("button", name="Sign in").click()
    signed_in.get_by_label("Password", exact=True).fill(PASSWORD)
    signed_in.get_by_role("button", name="Sign in").click()
    expect(signed_in.get_by_text("What you typed is as you left it")).to_be_visible()
    expect(signed_in.locator("#rationale")).to_have_value("Line one.\nLine two.")
    expect(signed_in.locator("#outcome-0")).to_have_value("strategy_discussion")
    assert house.others.received == []
    signed_in.get_by_role("button", name="Record the decision").click()
    expect(signed_in.get_by_text("Your decision is recorded")).to_be_visible()


def test_a_form_is_not_handed_to_somebody_else(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "A private thought.")
    house.now_offset = timedelta(hours=2)
    signed_in.get_by_role("button", name="Record the decision").click()
    signed_in.get_by_label("User name").fill("somebody.else")
    signed_in.get_by_label("Password", exact=True).fill(PASSWORD)
    signed_in.get_by_role("button", name="Sign in").click()
    signed_in.wait_for_url(f"**/referrals/{AMBER.referral_id}")
    expect(signed_in.locator("#rationale")).to_have_value("")


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


def test_scripts_in_text_stay_text(signed_in: Page, house: House) -> None:
    house.others.narrative = f"{SCRIPT} dad hits mum when he has been drinking {SCRIPT}"
    open_referral(signed_in, house, RED)
    expect(signed_in.locator("#told")).to_contain_text(SCRIPT)
    signed_in.locator("#rationale").fill(SCRIPT)
    signed_in.get_by_role("button", name="Record the decision").click()
    expect(signed_in.locator("#rationale")).to_have_value(SCRIPT)
    expect(signed_in).to_have_title(re.compile(f"^Error: {RED.reference}"))


def test_without_the_qualification_there_is_nothing_to_decide_with(
    page: Page, house: House
) -> None:
    house.others.qualifications = frozenset()
    sign_in(page, house)
    open_referral(page, house, AMBER)
    expect(page.get_by_text("A qualified social worker of the hub decides.")).to_be_visible()
    expect(page.get_by_role("button", name="Record the decision")).to_have_count(0)


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
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("Your decision is recorded")).to_be_visible()
    assert [action["action"] for action in house.others.received[0][1]["actions"]] == [
        "Strategy discussion with police and health",
        "Tell the school",
    ]
    context.close()


def test_a_long_queue_is_shown_a_page_at_a_time(signed_in: Page, house: House) -> None:
    from dataclasses import replace

    many = [replace(AMBER, number=100 + number) for number in range(60)]
    house.fill(RED, *many)
    signed_in.goto(f"{house.url}/queue?rag=amber")
    expect(signed_in.locator("[data-row]")).to_have_count(50)
    seen = set(signed_in.locator("[data-row] th a").all_inner_texts())
    signed_in.get_by_role("link", name="Next page").click()
    expect(signed_in.locator("[data-row]")).to_have_count(10)
    seen |= set(signed_in.locator("[data-row] th a").all_inner_texts())
    assert len(seen) == 60


def test_forms_from_elsewhere_are_refused(house: House) -> None:
    with httpx2.Client(base_url=house.url) as client:
        shown = client.get("/sign-in")
        key = re.search(r'name="form_key" value="([^"]+)"', shown.text)
        assert key
        form = {"form_key": key[1], "username": "p.example", "password": PASSWORD}
        elsewhere = {"Origin": "https://elsewhere.example"}
        assert client.post("/sign-in", data=form, headers=elsewhere).status_code == 403
        assert client.post("/sign-in", data={**form, "form_key": "x"}).status_code == 403
        assert client.post("/sign-in", data=form).status_code == 303
        path = f"/referrals/{AMBER.referral_id}/decision"
        assert client.post(path, data={"form_key": "x"}).status_code == 403
        assert client.post(path, data={}).status_code == 403


def test_pages_carry_the_headers_that_keep_them_safe(house: House) -> None:
    with httpx2.Client(base_url=house.url) as client:
        page = client.get("/sign-in")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert "HttpOnly" in page.headers["Set-Cookie"]
    assert "SameSite=lax" in page.headers["Set-Cookie"]


def test_sign_in_leads_nowhere_else(page: Page, house: House) -> None:
    page.goto(f"{house.url}/sign-in?next=//elsewhere.example/queue")
    page.get_by_label("User name").fill("p.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{house.url}/queue")


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until `selector` has the focus, as somebody without a mouse does."""
    page.wait_for_load_state()
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(selector)
