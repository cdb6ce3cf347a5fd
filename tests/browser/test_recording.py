"""The forms on pages of their own by which staff record something, and the pages of a shift."""

from datetime import timedelta
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.browser.axe import assert_good
from tests.browser.conftest import sign_in
from tests.browser.house import PASSWORD, House
from tests.browser.led import NIGHT_ID
from tests.browser.samples import SAMPLES

RED = SAMPLES[0]
LINKS = (
    ("Ask an agency or the referrer for information", "Ask for information", "Ask"),
    ("Record a discussion", "Record a discussion", "Record the discussion"),
    ("Record what the family says of help", "What the family says of help", "Record what they say"),
    ("Record that the school was told", "Telling the school", "Record it"),
    ("Record that the family was told", "Telling the family", "Record it"),
    ("Ask an agency to do something", "Ask an agency to do something", "Ask them"),
    ("Give it back, with a reason", "Give it back", "Give it back"),
    ("Write down their answer", "Write down an answer", "Keep the answer"),
    ("Take the question back", "Take a question back", "Take it back"),
    ("Answer it", "Answer a disagreement", "Answer"),
    ("Take it further", "Take a disagreement further", "Take it to the next stage"),
    ("Correct who this is", "Correct who this child is", "Correct it"),
    ("Correct who Kerry", "Correct who this is", "Correct it"),
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
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    expect(page.locator("dl").get_by_text("Is she safe tonight?")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("No", exact=True)).to_be_checked()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("They are asked.")).to_be_visible()
    [(what, body)] = house.others.received
    assert (what, body["of"], body["basis"]) == ("checks", "referrer", "public_task")


def test_a_call_is_taken_down(page: Page, house: House) -> None:
    house.fill(RED)
    sign_in(page, house)
    page.get_by_role("link", name="Take a call").click()
    assert_good(page)
    page.get_by_label("Child\u2019s first name").fill("Calum")
    page.get_by_label("NHS number").fill("nobody")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("Some fields are wrong.")
    assert_good(page, refused=True)
    page.get_by_label("NHS number").fill("")
    for part, value in (("Day", "4"), ("Month", "3"), ("Year", "2017")):
        page.get_by_label(part).fill(value)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=f"{RED.reference} (opens in a new tab)")).to_be_visible()
    expect(page.get_by_label("First name", exact=True)).to_have_value("Calum")
    assert_good(page, refused=True)
    page.get_by_role("button", name="Keep it as a referral").click()
    expect(page.get_by_role("alert")).to_contain_text("Read back to the caller")
    assert_good(page, refused=True)
    page.get_by_label("What has happened").fill("He is left alone at night.")
    page.get_by_label("Who calls").select_option("Neighbour or friend")
    page.get_by_label("I have read this back to the caller").check()
    house.now_offset = timedelta(hours=2)
    page.get_by_role("button", name="Keep it as a referral").click()
    page.get_by_label("User name").fill("p.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("What has happened")).to_have_value("He is left alone at night.")
    page.get_by_role("button", name="Keep it as a referral").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    expect(page.get_by_text("WAR-000777-T")).to_be_visible()
    assert_good(page, refused=True)
    (_, (what, said)) = house.others.received
    assert (what, said["read_back"], said["search_id"]) == ("call", True, str(UUID(int=540)))
    assert said["form"]["children"] == [{"given_name": "Calum", "date_of_birth": "2017-03-04"}]
    page.goto(f"{house.url}/calls")
    page.get_by_role("button", name="Go to the form at once").click()
    expect(page.get_by_label("Yes").first).to_be_checked()
    house.others.roles = frozenset({"coordinator"})
    assert page.request.get(f"{house.url}/calls").status == 403


def test_a_shift_is_seen_on_one_page(page: Page, house: House) -> None:
    house.others.roles = frozenset({"manager"})
    house.fill(RED)
    sign_in(page, house)
    page.goto(f"{house.url}/duty")
    assert_good(page, refused=True)
    expect(page.get_by_text("On the rota now: Ada Testwell (Duty team).")).to_be_visible()
    expect(page.get_by_text("ring with care")).to_be_visible()
    expect(page.get_by_text("An earlier state, as LCS-12")).to_be_visible()
    expect(page.get_by_text("immediate risk")).to_be_visible()
    page.get_by_role("button", name="Sign for it in your name").click()
    expect(page.get_by_text("You have signed for what the night held.")).to_be_visible()
    page.get_by_role("button", name="By telephone").click()
    expect(page.get_by_text("It is recorded that they were told.")).to_be_visible()
    page.get_by_role("button", name="Has accepted it").first.click()
    expect(page.get_by_text("What was said of the transfer is recorded.")).to_be_visible()
    page.get_by_role("link", name="ask the other authority").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("To another authority")
    page.goto(f"{house.url}/duty")
    page.get_by_role("link", name="Read it, then answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("to Warwickshire")
    expect(page.get_by_text("Their gas is cut off.")).to_be_visible()
    page.get_by_text("Do not take it").first.click()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Accept it").click()
    expect(page.get_by_text("It is a referral of yours now")).to_be_visible()
    assert house.others.received == [
        ("handover", {"authority": "warwickshire", "allocation_ids": [NIGHT_ID]}),
        ("telephoned", {"how": "by_telephone"}),
        ("transfer", {"accepted": True}),
        ("arrival", {"accepted": True}),
    ]
    house.others.roles = frozenset({"practitioner"})
    house.others.away |= {"/v1/clocks/forecast", "/undelivered"}
    page.goto(f"{house.url}/duty")
    assert_good(page, refused=True)
    expect(page.get_by_text("Whom to telephone cannot be shown")).to_be_visible()
    for kept in (page.get_by_text("case system"), page.get_by_role("button", name="Sign for")):
        expect(kept).to_have_count(0)
