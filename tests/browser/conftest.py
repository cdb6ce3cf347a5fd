"""A browser, a console and an invented morning."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.absent import absent
from tests.browser.house import PASSWORD, House
from tests.databases import Server

# A busy machine stands still for seconds at a time; what does not come costs no more than this.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

# The one without windows of its own takes half of the time; either is the same Chromium.
CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # Few processes: a page of a test is looked at by itself.
    "--in-process-gpu", "--process-per-site", "--renderer-process-limit=1",
    "--js-flags=--sparkplug",
)  # fmt: skip


@pytest.fixture(scope="session")
def running_house(postgres: Server) -> Iterator[House]:
    with postgres.fresh() as databases:
        house = House(databases)
        yield house
        house.stop()


@pytest.fixture
def house(running_house: House) -> House:
    running_house.clear()
    return running_house


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright holds this thread's event loop: it is gone before asynchronous tests come.
    chromium = next((one for one in CHROMIUMS if one.exists()), None)
    if chromium is None:
        absent("browser", "Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def width() -> int:
    return 1440


@pytest.fixture
def context(browser: Browser, width: int) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, house: House) -> Page:
    return watched(context.new_page(), house)


@pytest.fixture
def signed_in(page: Page, house: House) -> Page:
    sign_in(page, house)
    return page


def sign_in(page: Page, house: House, name: str = "p.example") -> None:
    """Sign in by the form, as a person does."""
    page.goto(f"{house.url}/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def watched(page: Page, house: House) -> Page:
    """`page`, with everything written down that must not happen."""
    page.faults = []  # type: ignore[attr-defined]
    faults: list[str] = page.faults  # type: ignore[attr-defined]
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            faults.append(f"off origin: {asked.url}")
            if not asked.url.startswith((house.url, "data:"))
            else None
        ),
    )
    return page
