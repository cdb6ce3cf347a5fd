"""Who is signed in, for how long, and what becomes of what they were doing."""

import re
from datetime import timedelta

import httpx2
from playwright.sync_api import Page, expect

from tests.browser.axe import assert_good
from tests.browser.conftest import sign_in
from tests.browser.house import PASSWORD, House
from tests.browser.samples import SAMPLES, STAFF_ID
from tests.browser.test_journeys import check, fill_decision, open_referral, record

AMBER = SAMPLES[4]


def test_a_form_outlives_its_session(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "Line one.\nLine two.")
    house.now_offset = timedelta(hours=2)
    check(signed_in)
    signed_in.get_by_label("User name").fill("p.example")
    signed_in.get_by_label("Password", exact=True).fill("wrong at first")
    signed_in.get_by_role("button", name="Sign in").click()
    signed_in.get_by_label("Password", exact=True).fill(PASSWORD)
    signed_in.get_by_role("button", name="Sign in").click()
    expect(signed_in.get_by_text("What you typed is as you left it")).to_be_visible()
    expect(signed_in.locator("#rationale")).to_have_value("Line one.\nLine two.")
    expect(signed_in.locator("#outcome-0")).to_have_value("strategy_discussion")
    assert house.others.received == []
    check(signed_in)
    record(signed_in)
    expect(signed_in.get_by_text("Your decision is recorded")).to_be_visible()


def test_a_form_outlives_its_session_at_the_provider(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "Line one.")
    house.now_offset = timedelta(hours=2)
    check(signed_in)
    go_on = signed_in.get_by_role("button", name="I have signed in")
    go_on.click()
    expect(signed_in.get_by_role("alert")).to_contain_text("not signed in yet")
    assert_good(signed_in, refused=True)
    with signed_in.context.expect_page() as other:
        signed_in.get_by_role("link", name="opens in a new tab").click()
    other.value.wait_for_url("**/account")
    go_on.click()
    expect(signed_in.get_by_text("What you typed is as you left it")).to_be_visible()
    expect(signed_in.locator("#rationale")).to_have_value("Line one.")


def test_a_form_outlives_signing_in_again_in_another_tab(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "Line one.")
    other = signed_in.context.new_page()
    other.context.clear_cookies()
    sign_in(other, house)
    check(signed_in)
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Go on with your form")
    # Its live updates may have been refused while nobody was signed in.
    assert_good(signed_in, refused=True)
    signed_in.get_by_role("button", name="Go on with my form").click()
    expect(signed_in.locator("#rationale")).to_have_value("Line one.")
    # Whoever else signs in there is not shown it.
    other.context.clear_cookies()
    sign_in(other, house, "somebody.else")
    check(signed_in)
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("This is not open to you")
    assert house.others.received == []


def test_a_form_is_gone_on_with_by_its_own_person(house: House) -> None:
    house.fill(AMBER)
    form = {
        "target": f"/referrals/{AMBER.referral_id}/decision",
        "carried.rationale": "A private thought.",
    }
    with httpx2.Client(base_url=house.url, follow_redirects=True) as client:
        assert client.get("/sign-in/openid").url.path == "/queue"
        assert client.post("/sign-in/resumption", data={}).status_code == 403
        whose = [("", True), (str(STAFF_ID), True), (str(AMBER.referral_id), False)]
        for one, theirs in whose:
            page = client.post("/sign-in/resumption", data={**form, "whose": one})
            assert ("A private thought." in page.text) is theirs, one


def test_a_form_is_not_handed_to_somebody_else(signed_in: Page, house: House) -> None:
    open_referral(signed_in, house, AMBER)
    fill_decision(signed_in, "A private thought.")
    house.now_offset = timedelta(hours=2)
    check(signed_in)
    signed_in.get_by_label("User name").fill("somebody.else")
    signed_in.get_by_label("Password", exact=True).fill(PASSWORD)
    signed_in.get_by_role("button", name="Sign in").click()
    signed_in.wait_for_url(f"**/referrals/{AMBER.referral_id}")
    expect(signed_in.locator("#rationale")).to_have_value("")


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


def test_signing_out_everywhere_ends_every_session(page: Page, house: House) -> None:
    sign_in(page, house)
    kept = page.context.cookies()
    # An open queue asks on, and nobody is signed in any more.
    page.goto("about:blank")
    page.context.clear_cookies()
    sign_in(page, house)
    page.get_by_role("link", name="p.example").click()
    expect(page.get_by_text("2 sessions")).to_be_visible()
    assert_good(page)
    page.get_by_role("button", name="Sign out everywhere").click()
    page.wait_for_url("**/sign-in")
    page.context.add_cookies([cookie for cookie in kept if cookie["name"] == "frontdoor"])  # type: ignore[misc]
    page.goto(f"{house.url}/queue")
    page.wait_for_url("**/sign-in?next=/queue")


def test_a_session_that_ends_soon_says_so_and_can_be_kept(page: Page, house: House) -> None:
    page.clock.install()
    sign_in(page, house)
    open_referral(page, house, AMBER)
    page.locator("#rationale").fill("Not finished yet.")
    warning = page.locator("[data-session]")
    expect(warning).to_be_hidden()
    house.now_offset = timedelta(minutes=56)
    page.clock.fast_forward("56:00")
    expect(warning).to_contain_text("Your session ends in 4 minutes.")
    assert_good(page)
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    house.now_offset = timedelta(minutes=100)
    check(page)
    expect(page.locator("#rationale")).to_have_value("Not finished yet.")
    expect(page.get_by_role("heading", name="Sign in again")).to_have_count(0)


def test_nobody_keeps_a_session_from_another_page(page: Page, house: House) -> None:
    sign_in(page, house)
    asked = page.request.post(f"{house.url}/session/stay", headers={"X-Form-Key": "x"})
    assert asked.status == 403
