"""An open queue keeps itself up to date, and keeps the person's place."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.house import House
from tests.browser.samples import SAMPLES

FIRST, RED, SECOND = SAMPLES[3], SAMPLES[0], SAMPLES[4]


@pytest.fixture
def queue(signed_in: Page, house: House) -> Page:
    house.fill(FIRST, SECOND)
    signed_in.goto(f"{house.url}/queue")
    expect(signed_in.locator("[data-live-state]")).to_have_text("Live")
    return signed_in


def test_a_new_referral_appears_by_itself_and_is_announced(queue: Page, house: House) -> None:
    house.fill(RED)
    expect(queue.locator("[data-row]").first).to_contain_text(RED.reference)
    heard = queue.get_by_role("status").and_(queue.locator("[aria-live=polite]"))
    expect(heard.first).to_have_text("1 new referral, 1 Red")
    expect(queue.locator("#count-red b")).to_have_text("1")
    assert queue.faults == []  # type: ignore[attr-defined]


def test_a_new_red_stays_in_view_until_it_is_seen(queue: Page, house: House) -> None:
    house.fill(RED)
    alarm = queue.locator("[data-live-red]")
    expect(alarm).to_contain_text("A new Red has come")
    alarm.get_by_role("link").click()
    expect(queue.get_by_role("link", name=RED.reference)).to_be_focused()
    expect(alarm).to_be_hidden()


def test_arrow_keys_go_from_row_to_row(queue: Page) -> None:
    queue.get_by_role("link", name=FIRST.reference).focus()
    queue.keyboard.press("ArrowDown")
    expect(queue.get_by_role("link", name=SECOND.reference)).to_be_focused()
    queue.keyboard.press("ArrowDown")
    expect(queue.get_by_role("link", name=SECOND.reference)).to_be_focused()
    queue.keyboard.press("ArrowUp")
    expect(queue.get_by_role("link", name=FIRST.reference)).to_be_focused()


def test_focus_stays_where_it_was(queue: Page, house: House) -> None:
    link = queue.get_by_role("link", name=SECOND.reference)
    link.focus()
    house.fill(RED)
    expect(queue.get_by_role("link", name=RED.reference)).to_be_visible()
    expect(link).to_be_focused()


def test_focus_moves_to_the_next_row_when_its_own_leaves(queue: Page, house: House) -> None:
    queue.get_by_role("link", name=FIRST.reference).focus()
    lists = queue.get_by_role("navigation", name="Lists")
    expect(lists.get_by_role("link", name="Awaiting agreement (2)")).to_be_visible()
    house.leave(FIRST)
    expect(queue.get_by_role("link", name=FIRST.reference)).to_have_count(0)
    expect(queue.get_by_role("link", name=SECOND.reference)).to_be_focused()
    expect(lists.get_by_role("link", name="Awaiting agreement (1)")).to_be_visible()


def test_pausing_stops_updates_until_they_are_resumed(queue: Page, house: House) -> None:
    queue.get_by_role("button", name="Pause updates").click()
    house.fill(RED)
    expect(queue.locator("[data-live-state]")).to_have_text("Paused, changes waiting")
    expect(queue.get_by_role("link", name=RED.reference)).to_have_count(0)
    queue.get_by_role("button", name="Resume updates").click()
    expect(queue.get_by_role("link", name=RED.reference)).to_be_visible()


def test_a_change_on_its_way_when_somebody_pauses_waits_for_them(queue: Page, house: House) -> None:
    held: list[Route] = []
    queue.route("**/queue/fragment*", lambda route: held.append(route))
    with queue.expect_request("**/queue/fragment*"):
        house.fill(RED)
    queue.get_by_role("button", name="Pause updates").click()
    held[0].continue_()
    queue.unroute("**/queue/fragment*")
    expect(queue.locator("[data-live-state]")).to_have_text("Paused, changes waiting")
    expect(queue.get_by_role("link", name=RED.reference)).to_have_count(0)
    queue.get_by_role("button", name="Resume updates").click()
    expect(queue.get_by_role("link", name=RED.reference)).to_be_visible()


def test_a_change_that_could_not_be_fetched_is_asked_for_again(queue: Page, house: House) -> None:
    queue.route("**/queue/fragment*", lambda route: route.fulfill(status=503))
    house.fill(RED)
    expect(queue.locator("[data-live-state]")).to_have_text("Reconnecting…")
    queue.unroute("**/queue/fragment*")
    expect(queue.get_by_role("link", name=RED.reference)).to_be_visible()
    expect(queue.locator("[data-live-state]")).to_have_text("Live")


def test_another_authority_s_referral_does_not_ring(queue: Page, house: House) -> None:
    asked: list[str] = []
    queue.on("request", lambda request: asked.append(request.url))
    house.attend(SAMPLES[5].referral_id, "walsall", "parked")
    house.fill(RED)
    expect(queue.get_by_role("link", name=RED.reference)).to_be_visible()
    assert len([url for url in asked if "fragment" in url]) == 1
    expect(queue.get_by_text("Not processed: read by hand")).to_have_count(0)


def test_a_session_that_ended_leads_to_sign_in(queue: Page, house: House) -> None:
    house.now_offset = timedelta(hours=2)
    house.fill(RED)
    queue.wait_for_url("**/sign-in?next=/queue")


def test_filters_hold_while_the_queue_updates(queue: Page, house: House) -> None:
    queue.goto(f"{house.url}/queue?rag=red")
    expect(queue.locator("[data-live-state]")).to_have_text("Live")
    house.fill(RED, replace(SECOND, number=90))
    expect(queue.locator("[data-row]")).to_have_count(1)
    expect(queue.locator("#count-amber b")).to_have_text("3")
    queue.get_by_role("link", name=RED.reference).click()
    queue.get_by_role("link", name="Queue", exact=True).last.click()
    queue.wait_for_url("**/queue?rag=red")


def test_an_open_referral_says_that_it_has_changed(queue: Page, house: House) -> None:
    queue.goto(f"{house.url}/referrals/{FIRST.referral_id}")
    queue.locator("#rationale").fill("Half a sentence")
    house.leave(FIRST)
    expect(queue.get_by_text("This referral has changed.")).to_be_visible()
    expect(queue.locator("#rationale")).to_have_value("Half a sentence")
