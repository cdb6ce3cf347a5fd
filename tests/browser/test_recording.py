"""The forms on pages of their own by which staff record something about a referral."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.axe import assert_good
from tests.browser.conftest import sign_in
from tests.browser.house import PASSWORD, House
from tests.browser.samples import SAMPLES

RED = SAMPLES[0]
LINKS = (
    ("Ask an agency or the referrer", "Ask for information", "Ask"),
    ("A discussion that was held", "Record a discussion", "Record the discussion"),
    ("What the family says of help", "What the family says of help", "Record what they say"),
    ("That the school was told", "Telling the school", "Record it"),
    ("That the family was told", "Telling the family", "Record it"),
    ("Write down their answer", "Write down an answer", "Keep the answer"),
    ("Take the question back", "Take a question back", "Take it back"),
    ("Answer it", "Answer a disagreement", "Answer"),
    ("Take it further", "Take a disagreement further", "Take it to the next stage"),
    ("Means something else", "Words that mean something else", "Dismiss what was read"),
)


def test_every_form_is_reached_and_says_what_is_missing(page: Page, house: House) -> None:
    house.fill(RED)
    house.others.agencies_asked = True
    sign_in(page, house)
    for link, heading, button in LINKS:
        page.goto(f"{house.url}/referrals/{RED.referral_id}")
        page.get_by_role("link", name=link).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert_good(page, refused=True)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("There is a problem")
        assert_good(page, refused=True)
    page.goto(f"{house.url}/referrals/{RED.referral_id}")
    page.get_by_role("link", name="It is over").click()
    expect(page.get_by_text("The child is still at home.")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("button", name="It is over").click()
    assert house.others.received == []


def test_nothing_typed_is_lost(page: Page, house: House) -> None:
    house.fill(RED)
    sign_in(page, house)
    page.goto(f"{house.url}/referrals/{RED.referral_id}/record/ask")
    page.get_by_label("Who is asked").select_option("The referrer")
    page.get_by_label("What you need to know, and why").fill("Is she safe tonight?")
    page.get_by_label("No", exact=True).check()
    house.others.version += 1
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody changed this referral")
    assert_good(page, refused=True)
    house.now_offset = timedelta(hours=2)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("What you typed is kept.")).to_be_visible()
    page.get_by_label("User name").fill("p.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("What you need to know, and why")).to_have_value(
        "Is she safe tonight?"
    )
    assert_good(page, refused=True)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("They are asked.")).to_be_visible()
    [(what, body)] = house.others.received
    assert (what, body["of"], body["basis"]) == ("checks", "referrer", "public_task")
