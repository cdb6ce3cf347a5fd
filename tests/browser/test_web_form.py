"""The web form, on the whole house: by keyboard without JavaScript on a small screen, and every kind
of its pages for axe."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from policy.loading import PackSet
from tests.browser.axe import assert_good
from tests.browser.conftest import PATIENCE_MS, watched
from tests.browser.house import PASSWORD
from tests.browser.test_with_the_house import Served
from tests.databases import Server
from tests.files import PDF

STORY = "Maya has a bruise on her cheek. She told me that dad hit her last night."
NARROW = {"width": 320, "height": 800}


@pytest.fixture(scope="module")
def served(postgres: Server, packs: PackSet) -> Iterator[Served]:
    with postgres.fresh() as databases:
        served = Served(databases.urls, packs)
        yield served
        served.stop()


def visitor(browser: Browser, served: Served, *, scripts: bool) -> Page:
    context = browser.new_context(
        viewport=NARROW, locale="en-GB", java_script_enabled=scripts, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = watched(context.new_page(), served)  # type: ignore[arg-type]
    page.goto(f"{served.url}/refer")
    return page


def press(page: Page, name: str) -> None:
    """Press Enter on a link or a button."""
    wanted = page.get_by_role("link", name=name, exact=True)
    wanted.or_(page.get_by_role("button", name=name, exact=True)).press("Enter")


def choose(page: Page, name: str) -> None:
    page.get_by_label(name, exact=True).press("Space")


def type_in(page: Page, name: str, words: str) -> None:
    """Type into a field, and press Enter as somebody does who has done with it."""
    page.get_by_label(name, exact=True).focus()
    page.keyboard.insert_text(words)
    page.keyboard.press("Enter")


def test_somebody_refers_by_keyboard_without_scripts(browser: Browser, served: Served) -> None:
    page = visitor(browser, served, scripts=False)
    go = "Save and continue"
    # The way out is the first thing that Tab reaches after the name of the site.
    for name in ("Skip to main content", "Frontdoor", "Leave this site now"):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
    choose(page, "Warwickshire")
    press(page, "Start now")
    choose(page, "No")
    press(page, go)
    press(page, "All parts of the form")
    press(page, "About you")
    choose(page, "Family member or carer")
    press(page, go)
    type_in(page, "What is your name?", "Dawn Sampleton")
    type_in(page, "Telephone number", "01632 960999")
    press(page, "All parts of the form")
    press(page, "The children")
    press(page, "Add a child")
    type_in(page, "First name", "Maya")
    press(page, go)
    type_in(page, "Day", "31")
    expect(page.get_by_role("alert")).to_contain_text("This must be a real date")
    page.get_by_label("Day", exact=True).fill("")
    type_in(page, "If you don't know: about how many years old?", "8")
    press(page, "All parts of the form")
    press(page, "Your worries")
    page.get_by_label("What has happened, and why are you worried?").focus()
    page.keyboard.insert_text(STORY)
    press(page, go)
    choose(page, "Physical abuse")
    press(page, go)
    press(page, "All parts of the form")
    press(page, "Check and send")
    expect(page.get_by_text(STORY)).to_be_visible()
    press(page, "Send")
    expect(page.get_by_role("heading", level=1)).to_have_text("We have it")
    reference = page.locator(".govuk-panel strong").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.context.close()

    staff = browser.new_context(locale="en-GB").new_page()
    staff.goto(f"{served.url}/sign-in")
    staff.get_by_label("User name").fill("one.warwickshire")
    staff.get_by_label("Password", exact=True).fill(PASSWORD)
    staff.get_by_role("button", name="Sign in").click()
    staff.get_by_role("link", name=reference).click()
    expect(staff.get_by_text("nobody checked who it is")).to_be_visible()
    staff.context.close()


def test_every_kind_of_page_is_good(browser: Browser, served: Served) -> None:
    page = visitor(browser, served, scripts=True)
    assert_good(page, refused=True)
    page.get_by_role("button", name="Start now").click()
    assert_good(page, refused=True)
    page.get_by_label("Warwickshire").check()
    page.get_by_role("button", name="Start now").click()
    go = page.get_by_role("button", name="Save and continue")
    page.get_by_label("Yes").check()
    go.click()
    assert_good(page, refused=True)
    for path, name, words in (
        ("happened", "What has happened, and why are you worried?", STORY),
        ("child-name/0", "First name", "Maya"),
    ):
        page.goto(f"{served.url}/refer/page/{path}")
        page.get_by_label(name).fill(words)
        go.click()
    page.goto(f"{served.url}/refer/page/concerns")
    assert_good(page, refused=True)
    page.get_by_label("Neglect").check()
    go.click()
    page.get_by_text("What the thresholds guidance says").click()
    assert_good(page, refused=True)
    page.goto(f"{served.url}/refer/page/child-birth/0")
    page.get_by_label("Day", exact=True).fill("40")
    go.click()
    assert_good(page, refused=True)
    page.goto(f"{served.url}/refer/files")
    page.get_by_label("Add a file").set_input_files(
        {"name": "Body map.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="Upload the file").click()
    expect(page.get_by_role("button", name="Remove Body map.pdf")).to_be_visible()
    assert_good(page, refused=True)
    for path in ("page/child-school/0", "list/children", "tasks", "link", "check"):
        page.goto(f"{served.url}/refer/{path}")
        assert_good(page, refused=True)
    # This house has no mail server.
    page.goto(f"{served.url}/refer/link")
    page.get_by_label("Email address").fill("d.sampleton@samplewood.example")
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("alert")).to_contain_text("Copy it instead")
    assert_good(page, refused=True)
    page.goto(f"{served.url}/refer/link?mailed=yes")
    expect(page.get_by_text("We are sending the link")).to_be_visible()
    assert_good(page, refused=True)
    page.goto(f"{served.url}/refer/check")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have it")
    assert_good(page, refused=True)
    page.locator(".fd-link-shown a").click()
    assert_good(page, refused=True)
    page.goto(f"{served.url}/consult")
    assert_good(page, refused=True)
    page.get_by_label("Warwickshire").check()
    page.get_by_label("What do you want to ask?").fill("A boy of seven comes to school hungry.")
    page.get_by_role("button", name="Ask").click()
    assert_good(page, refused=True)
    page.context.clear_cookies()
    page.goto(f"{served.url}/refer/tasks")
    assert_good(page, refused=True)
    page.context.close()
