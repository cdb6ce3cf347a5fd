"""The rooms of managers, coordinators, analysts and operators."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser import advised
from tests.browser.axe import assert_good
from tests.browser.conftest import sign_in
from tests.browser.house import PASSWORD, House
from tests.browser.led import WORK_ID
from tests.browser.rooms import ADDRESS, DECIDED, HELD_ON, WORKER_ID
from tests.browser.sampled import RATED_ID
from tests.browser.samples import SAMPLES, STAFF_ID


@pytest.fixture
def width() -> int:
    # Each page is looked at wide too; what is pressed here is pressed on a telephone.
    return 320


def opened(page: Page, house: House, path: str, heading: str) -> None:
    """A page that is there, and as it should be."""
    page.goto(f"{house.url}{path}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    # Forms that were refused on the way are in the browser's log.
    assert_good(page, refused=True)


def rooms(page: Page) -> list[str]:
    """The navigation, as it is read out."""
    return [one.strip() for one in page.locator("nav[aria-label=Main] a").all_text_contents()]


def test_coordinators_keep_the_register_and_offer_work(page: Page, house: House) -> None:
    house.others.roles = frozenset({"coordinator"})
    house.fill(SAMPLES[0])
    sign_in(page, house)
    assert rooms(page) == [
        "Queue", "Your work", "Transfers", "Waiting", "Workers", "Panels", "Guidance",
    ]  # fmt: skip

    opened(page, house, "/duty/transfers", "Transfers")
    opened(page, house, "/workers", "Workers")
    expect(page.get_by_text("24 of 20, too much")).to_be_visible()
    opened(page, house, f"/workers/{WORKER_ID}", "Ada Testwell")
    page.get_by_label("First day away").fill("2026-12-21")
    page.get_by_role("button", name="Note the absence").click()
    expect(page.get_by_role("alert")).to_contain_text("Give the last day away.")
    assert_good(page, refused=True)
    page.get_by_label("Last day away").fill("2026-12-24")
    page.get_by_role("button", name="Note the absence").click()
    expect(page.get_by_text("The absence is noted.")).to_be_visible()
    page.get_by_label("The name that they sign in with").fill("nobody")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody signs in with this name.")
    page.get_by_label("The name that they sign in with").fill("p.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    assert house.others.received.pop()[1]["staff_id"] == str(STAFF_ID)
    del house.others.received[1:]
    page.get_by_label("Begins on").fill("2026-12-21")
    page.get_by_role("button", name="Put them on the rota").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a day and a time")
    assert_good(page, refused=True)
    for label, value in (("Begins at", "17.30"), ("Ends on", "2026-12-22"), ("Ends at", "8:30")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Put them on the rota").click()
    expect(page.get_by_text("stands on the rota")).to_be_visible()
    page.get_by_role("button", name="Give it all away").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    assert_good(page, refused=True)
    page.get_by_role("button", name="Give it all away").click()
    expect(page.get_by_text("All that they had is offered")).to_be_visible()
    page.goto(f"{house.url}/workers/new/warwickshire")
    page.get_by_label("Code").fill("W-18")
    page.get_by_label("Hours a week").fill("many")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_contain_text("A number is wanted.")
    assert_good(page, refused=True)

    opened(page, house, "/waiting", "Waiting for a person")
    page.get_by_role("link", name=f"Choose somebody for {SAMPLES[0].reference}").click()
    expect(page.get_by_text("Has no room")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose somebody, and what holds for them.")
    assert_good(page, refused=True)
    page.get_by_label("Who", exact=True).select_option("Ada Testwell")
    page.get_by_label("What holds for them").select_option("Leave them out: a conflict of interest")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("It is kept, and holds")).to_be_visible()
    page.get_by_label("To", exact=True).select_option("Ada Testwell")
    page.get_by_label("Why them").select_option("The family asked for them")
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this right?")
    assert_good(page, refused=True)
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_text("The work is offered.")).to_be_visible()
    expect(page.locator("#loops")).to_contain_text(SAMPLES[0].reference)

    opened(page, house, "/panels", "Panels")
    expect(page.get_by_role("button", name="End it")).to_be_visible()
    page.get_by_role("button", name="Subscribe in your calendar to Rugby").click()
    expect(page.get_by_text(ADDRESS)).to_be_visible()
    assert_good(page, refused=True)
    opened(page, house, f"/panels/warwickshire/panel_rugby/{HELD_ON}", "Rugby locality panel")
    page.get_by_text("Move it to another meeting").first.click()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Move it").first.click()
    expect(page.get_by_text("The item goes to another meeting.")).to_be_visible()
    page.get_by_role("button", name="Record who was there").click()
    expect(page.get_by_text("Recorded.")).to_be_visible()
    page.get_by_text("Record what was agreed").first.click()
    page.get_by_label("Note (optional)").first.fill("The school sees him first.")
    page.get_by_label("What kind of help").first.select_option(
        "Support at school, college or nursery"
    )
    page.get_by_role("button", name="Record it").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Write what they are asked to do")
    expect(page.get_by_label("Note (optional)").first).to_have_value("The school sees him first.")
    assert_good(page, refused=True)
    page.get_by_label("What they are asked to do").first.fill("A place at breakfast club.")
    page.get_by_label("By when").first.fill("2026-12-21")
    # A session that ends meanwhile takes nothing with it, whatever the form.
    house.now_offset = timedelta(hours=2)
    page.get_by_role("button", name="Record it").first.click()
    page.get_by_label("User name").fill("p.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    kept = page.get_by_role("definition").filter(has_text="A place at breakfast club.")
    expect(kept).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("Recorded.")).to_be_visible()
    (action,) = house.others.received.pop()[1]["actions"]
    assert (action["owner"], action["kind"]) == ("school", "school_support")
    assert [what for what, _ in house.others.received] == [
        "absence", "turn", "moved", "left-out", "offer", "feed", "to-another-meeting", "attendance",
    ]  # fmt: skip


def test_a_lead_professional_records_what_came_of_the_work(page: Page, house: House) -> None:
    house.others.roles = frozenset({"coordinator"})
    house.fill(SAMPLES[0])
    sign_in(page, house)
    opened(page, house, "/my-work", "Your work")
    page.get_by_role("link", name=f"What came of it for {SAMPLES[0].reference}").click()
    expect(page.get_by_text("They want help with mornings.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign it off")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("link", name="What was reached: first contact").click()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what was reached")
    assert_good(page, refused=True)
    page.get_by_label("A review of the plan").check()
    for part, value in (("Day", "4"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(part).first.fill(value)
    page.get_by_text("How things are now, from 0").click()
    page.get_by_label("Safe at home and outside").fill("6")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("It is recorded, and the clocks")).to_be_visible()
    page.goto(f"{house.url}/my-work/{WORK_ID}")
    page.get_by_role("link", name="An assessment or a plan").click()
    expect(page.get_by_text("Of an earlier referral of the family: A plan")).to_be_visible()
    page.get_by_label("An assessment").check()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_contain_text("its next version or another one")
    assert_good(page, refused=True)
    for name in ("step", "transfer", "closure"):
        page.goto(f"{house.url}/referrals/{SAMPLES[0].referral_id}/record/{name}?about={WORK_ID}")
        assert_good(page, refused=True)
    ((what, said),) = house.others.received
    assert (what, said["on"], said["scores"]) == ("milestone", "2026-03-04", {"safety": 6})
    wrong = f"/referrals/{SAMPLES[0].referral_id}/record/reached?about={WORKER_ID}"
    assert page.request.get(f"{house.url}{wrong}").status == 404


def test_a_question_for_advice_is_answered(page: Page, house: House) -> None:
    sign_in(page, house)
    assert rooms(page)[:4] == ["Queue", "Your work", "Take a call", "Duty"]
    opened(page, house, "/consultations", "Consultations")
    page.get_by_role("link", name="Neglect, Housing").click()
    expect(page.get_by_text("A boy of eight comes to school hungry.")).to_be_visible()
    assert_good(page)
    page.get_by_label("Your advice").fill("Ask.")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("alert")).to_contain_text("in a sentence or more")
    page.get_by_label("Your advice").fill("Ask what mornings are like at home.")
    page.get_by_label("Your name").fill("Ada Testwell")
    page.get_by_label("Your role").fill("Social worker")
    page.get_by_text("All other clauses").click()
    page.locator("input[name=clauses]").first.check()
    page.get_by_text("Local services to name (1)").click()
    page.get_by_label("Talking Place (Mock Trust), for ages 8 to 17, in Invented ward").check()
    page.get_by_label("Ask them to send a referral").check()
    assert_good(page, refused=True)
    # A session that ends meanwhile takes nothing with it.
    house.now_offset = timedelta(hours=2)
    page.get_by_role("button", name="Answer").click()
    page.get_by_label("User name").fill("p.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("What you typed is as you left it")).to_be_visible()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("The answer is kept.")).to_be_visible()
    ((what, said),) = house.others.received
    assert (what, said["refer"], len(said["clauses"])) == ("advice", True, 1)
    assert said["services"] == [advised.TALKING["id"]]
    opened(page, house, f"/consultations/{UUID(int=508)}", "A question for advice")
    expect(page.get_by_text("Ada Testwell, Social worker, 5 March 2026")).to_be_visible()
    expect(page.get_by_text("Ring, or write; a parent or the child.")).to_be_visible()
    expect(page.get_by_text("The service had no room, or could not be reached")).to_be_visible()
    assert_good(page, refused=True)
    house.others.away.add("/v1/intake")
    opened(page, house, "/consultations?state=answered", "Consultations")
    expect(page.get_by_text("The questions cannot be shown")).to_be_visible()
    assert page.request.get(f"{house.url}/consultations/{UUID(int=1)}").status == 503


def test_one_of_the_audit_sample_is_rated_a_second_time(page: Page, house: House) -> None:
    house.others.roles = frozenset({"manager"})
    sign_in(page, house)
    opened(page, house, "/scorecard", "Scorecard")
    page.get_by_role("link", name="How alike the hub decides").press("Enter")
    expect(page.locator("nav[aria-label=Main] [aria-current]")).to_have_text("Scorecard")
    opened(page, house, "/consistency/samples", "Audit sample")
    expect(page.locator("#agreement")).to_contain_text("the same colour for 1 of 2 (50%)")
    with page.expect_download() as download:
        page.get_by_role("link", name="This table as a file").click()
    assert download.value.suggested_filename == "agreement.csv"
    expect(page.locator("#samples")).to_contain_text("somebody else rates it")
    page.get_by_role("link", name="Number 3 of 3").press("Enter")
    expect(page.get_by_text("Below is what the referrer sent")).to_be_visible()
    expect(page.locator("#told")).to_contain_text("dad hits mum")
    expect(page.get_by_text("suggested", exact=True)).to_have_count(0)
    assert_good(page)
    page.get_by_role("button", name="Keep the second rating").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose the level of need")
    assert_good(page, refused=True)
    page.get_by_label("Red").press("Space")
    page.get_by_label("4, ").press("Space")
    page.get_by_label("Why").fill("A bruise that nobody explains, clause 4.1.")
    house.now_offset = timedelta(hours=2)
    page.get_by_role("button", name="Keep the second rating").press("Enter")
    page.get_by_label("User name").fill("p.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("What you typed is as you left it")).to_be_visible()
    expect(page.get_by_label("Why")).to_have_value("A bruise that nobody explains, clause 4.1.")
    page.get_by_role("button", name="Keep the second rating").press("Enter")
    expect(page.get_by_text("Your rating is kept.")).to_be_visible()
    ((what, said),) = house.others.received
    assert (what, said["rag"], said["level"]) == ("second", "red", 4)
    opened(page, house, f"/consistency/samples/{RATED_ID}", "A second rating")
    expect(page.locator("#both")).to_contain_text("The two differ")
    house.others.roles = frozenset({"analyst"})
    opened(page, house, "/consistency/samples?quarter=never", "Audit sample")
    expect(page.locator("#samples")).to_have_count(0)
    house.others.roles = frozenset({"practitioner"})
    opened(page, house, "/consistency/samples", "Audit sample")
    expect(page.locator("#agreement")).to_have_count(0)
    assert rooms(page)[-2:] == ["Audit sample", "Guidance"]
    house.others.roles = frozenset({"analyst"})
    assert page.request.get(f"{house.url}/consistency/samples/{RATED_ID}").status == 403


def test_the_guidance_is_read_in_plain_words(page: Page, house: House) -> None:
    house.others.roles = frozenset({"analyst"})
    house.others.authorities = frozenset({"warwickshire", "walsall"})
    sign_in(page, house)
    assert rooms(page) == ["Scorecard", "Guidance", "Audit"]
    opened(page, house, "/guidance", "Guidance")
    opened(page, house, "/guidance/warwickshire", "Warwickshire, version")
    page.goto(f"{house.url}/guidance")
    page.get_by_label("From").select_option(index=0)
    page.get_by_label("To", exact=True).select_option(index=0)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Clocks")).to_be_visible()
    assert_good(page)
    assert page.request.get(f"{house.url}/guidance/hartlepool").status == 404
    for path in ("/workers", "/queue", "/find?reference=x"):
        assert page.request.get(f"{house.url}{path}").status == 403, path


def test_a_version_is_tried_on_past_referrals(page: Page, house: House) -> None:
    house.others.roles = frozenset({"manager"})
    house.fill(SAMPLES[0])
    sign_in(page, house)
    page.goto(f"{house.url}/guidance")
    page.get_by_role("link", name="Try a version on past referrals").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Try a version of the guidance")
    assert_good(page)
    first, last = (page.get_by_label(name) for name in ("Received from", "Up to, included"))
    last.fill("2020-01-01")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("alert")).to_contain_text("The last day cannot come before the first.")
    assert_good(page, refused=True)
    first.fill("2020-01-01")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Of 200 referrals, 3 would be rated differently")).to_be_visible()
    expect(page.get_by_text("the first 200 of 214")).to_be_visible()
    expect(page.get_by_text("2 more are counted and not listed")).to_be_visible()
    assert_good(page, refused=True)
    ((_, sent),) = house.others.received
    assert (sent["since"], sent["until"]) == ("2020-01-01", "2020-01-02")
    house.others.away.add("/v1/triage/trials")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("alert")).to_contain_text("could not do this")
    page.get_by_role("link", name="Guidance", exact=True).first.click()
    house.others.roles = frozenset({"analyst"})
    assert page.request.get(f"{house.url}/guidance/trial").status == 403


def test_referrers_see_what_they_sent_and_nothing_else(page: Page, house: House) -> None:
    house.others.roles = frozenset({"referrer"})
    page.goto(house.url)
    page.get_by_label("User name").fill("dawn@testwood.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{house.url}/sent")
    assert rooms(page) == ["Your referrals", "Your work"]
    expect(page.get_by_text("handed to Dawn Sampleton")).to_be_visible()
    expect(page.get_by_text("answer by").first).to_be_visible()
    assert_good(page)
    page.get_by_text("Hand it to a colleague").click()
    page.get_by_role("button", name="Hand it over").click()
    expect(page.get_by_role("alert")).to_contain_text("somebody of your organisation")
    assert_good(page, refused=True)
    page.get_by_label("The email address that they sign in with").fill("a@testwood.example")
    page.get_by_role("button", name="Hand it over").click()
    expect(page.get_by_text("The form is with your colleague.")).to_be_visible()
    page.get_by_role("link", name=SAMPLES[0].reference).click()
    expect(page.get_by_text("What you saw meets our guidance.")).to_be_visible()
    expect(page.get_by_role("link", name="Read it and answer")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("alert")).to_contain_text("Write what you have learnt")
    page.get_by_text("Ask to withdraw it").first.click()
    page.get_by_role("button", name="Ask to withdraw it").click()
    expect(page.get_by_role("alert")).to_contain_text("Write why you ask to withdraw it")
    assert_good(page, refused=True)
    page.get_by_label("What you have learnt since").fill("He is in pain when he is picked up.")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Thank you. It is added")).to_be_visible()
    page.get_by_role("link", name="Correct a name").click()
    expect(page.get_by_role("link", name="Child 2, without a name")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("link", name="Alfie Sampleton").click()
    page.get_by_role("button", name="Correct it").click()
    expect(page.get_by_role("alert")).to_contain_text("Fill in what is wrong")
    assert_good(page, refused=True)
    page.get_by_label("First name").fill("Alfred")
    page.get_by_label("How you know").select_option("written_wrongly")
    page.get_by_role("button", name="Correct it").click()
    expect(page.get_by_text("Thank you. It is corrected")).to_be_visible()
    assert ("corrected", {"child": 0, "because": "written_wrongly", "given_name": "Alfred"}) in (
        house.others.received
    )
    page.get_by_role("link", name="Record that the family agrees").click()
    page.get_by_role("button", name="Record what they say").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what the family says")
    assert_good(page, refused=True)
    page.get_by_label("They had agreed, and take it back").check()
    page.get_by_label("A parent or carer", exact=False).first.check()
    page.get_by_label("Their name, or who they are").fill("The mother")
    for part, value in (("Day", "2"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(value)
    page.get_by_role("button", name="Record what they say").click()
    expect(page.get_by_text("Thank you. It is recorded")).to_be_visible()
    (said,) = [body for name, body in house.others.received if name == "agreed-later"]
    assert (said["status"], said["given_on"]) == ("withdrawn", "2026-03-02")
    leads_for_a_family(page, house)
    opened(page, house, "/account", "Your account")
    for path in ("/queue", f"/referrals/{SAMPLES[0].referral_id}", "/health"):
        assert page.request.get(f"{house.url}{path}").status == 404
    house.others.away.update({"/v1/referrals", "requests:of-referrers"})
    page.goto(f"{house.url}/sent")
    expect(page.get_by_text("Your referrals cannot be shown at the moment.")).to_be_visible()


def leads_for_a_family(page: Page, house: House) -> None:
    """Somebody of a partner agency takes work on, records it, and answers what they are asked."""
    opened(page, house, "/my-work", "Your work")
    expect(page.get_by_text("Look at the damp")).to_be_visible()
    page.get_by_text("Add a note").click()
    page.get_by_label("For whoever asked").fill("On Tuesday.")
    page.get_by_role("button", name="Accept it").click()
    expect(page.get_by_text("Whoever asked sees what you said.")).to_be_visible()
    assert house.others.received[-1] == ("said", {"state": "accepted", "note": "On Tuesday."})
    page.get_by_role("link", name="Take it on, or hand it back").click()
    expect(page.get_by_text("Maya Example")).to_be_visible()
    page.get_by_text("Hand it back").first.click()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Take it on").click()
    expect(page.get_by_text("You have taken this work on.")).to_be_visible()
    page.goto(f"{house.url}/my-work/{WORK_ID}")
    expect(page.get_by_text("a large dog in the yard")).to_be_visible()
    expect(page.locator("#moves")).to_contain_text(
        "Given back: the need is too high for the receiver"
    )
    assert_good(page, refused=True)
    page.get_by_role("link", name="What was reached").click()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what was reached")
    assert_good(page, refused=True)
    page.goto(f"{house.url}/my-work/{WORK_ID}/record/step")
    page.get_by_label("Step down: early help").check()
    page.get_by_label("Why", exact=True).select_option("The family asked for it")
    page.get_by_role("button", name="Ask for it").click()
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Step down: early help")).to_be_checked()


def test_operators_give_a_partner_another_client(page: Page, house: House) -> None:
    house.others.roles = frozenset({"operator"})
    sign_in(page, house)
    assert rooms(page) == ["Guidance", "Not processed", "Health", "Organisations"]
    opened(page, house, "/organisations/new", "Register an organisation")
    opened(page, house, "/organisations", "Organisations")
    page.get_by_role("link", name="samplewood", exact=True).click()
    expect(page.get_by_text("Send referrals, further information")).to_be_visible()
    expect(page.get_by_text("It may sign with: key-of-2026.")).to_be_visible()
    assert_good(page)
    expect(page.get_by_label("Email address (optional)")).to_have_value(
        "leads@samplewood.school.example"
    )
    page.get_by_role("button", name="Keep the address").click()
    expect(page.get_by_text("The address is kept.")).to_be_visible()
    house.others.received.clear()
    page.get_by_label("Public keys, in place of").fill('{"kty": "EC", "crv": "P-256"}')
    page.get_by_role("button", name="Register the keys").click()
    expect(page.get_by_text("The keys are registered.")).to_be_visible()
    assert house.others.received.pop()[1] == {
        "keys": [{"kty": "EC", "crv": "P-256"}], "end_secret": False,
    }  # fmt: skip
    house.others.received.clear()
    page.get_by_label("Issuer").fill("https://login.samplewood.example")
    page.get_by_label("Subject").fill("school-software")
    page.get_by_label("Audience").fill("https://hub.example")
    page.get_by_label("Address of its keys").fill("https://login.samplewood.example/keys")
    page.get_by_role("button", name="Register the provider").click()
    expect(page.get_by_text("The provider is registered.")).to_be_visible()
    assert_good(page)
    assert house.others.received.pop()[1] == {
        "issuer": "https://login.samplewood.example", "subject": "school-software",
        "audience": "https://hub.example", "keys": [],
        "jwks_url": "https://login.samplewood.example/keys",
    }  # fmt: skip
    house.others.received.clear()
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("They are let in no more.")).to_be_visible()
    page.get_by_label("Email address at work").fill("ann@samplewood.school.example")
    page.get_by_label("All that the organisation sent").check()
    page.get_by_role("button", name="Give them an account").click()
    expect(page.get_by_text("a-password-of-nobody")).to_be_visible()
    assert_good(page)
    assert [said for _, said in house.others.received] == [
        {"username": "dawn@samplewood.school.example"},
        {"username": "ann@samplewood.school.example", "role": "safeguarding_lead"},
    ]
    house.others.received.clear()
    page.get_by_role("link", name="Back to its people").click()
    page.get_by_role("link", name="Give Samplewood Primary another client").click()
    page.get_by_label("Client id").fill("samplewood.2")
    page.get_by_role("button", name="Add the client").click()
    expect(page.get_by_text("a-secret-that-opens-nothing-at-all")).to_be_visible()
    assert_good(page)
    assert house.others.received[0][1]["beside"] == "samplewood"


def test_managers_see_what_is_wrong_and_settle_it(page: Page, house: House) -> None:
    house.others.roles = frozenset({"manager", "operator"})
    house.fill(SAMPLES[0])
    sign_in(page, house)
    opened(page, house, "/health", "Health")
    expect(
        page.get_by_text("Console does not answer. Look at Triage, Allocation, Notifications.")
    ).to_be_visible()
    expect(page.get_by_text("A clock has been due for 6m.")).to_be_visible()
    expect(page.get_by_text("A message has waited for 2h 1m.")).to_be_visible()

    opened(page, house, "/unprocessed", "Not processed")
    expect(page.get_by_text("What notifications has put aside cannot be shown")).to_be_visible()
    page.get_by_role("link", name=SAMPLES[0].reference).click()
    expect(page.get_by_text("fault_KeyError")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Asked.")).to_be_visible()
    expect(page.get_by_role("button", name="Discard it")).to_have_count(0)
    page.get_by_label("What has happened since makes it of no effect").check()
    page.get_by_role("button", name="Decide that it may be discarded").click()
    expect(page.get_by_text("Your decision is recorded.")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not processed")
    sent = dict(house.others.received)
    assert sent["discard"]["discard_id"] == DECIDED["discard_id"]
    assert sent["replay"]["person"]["name"] == "p.example"

    opened(page, house, "/audit", "Audit")
    page.get_by_label("Referral").fill("WAR-999999-X")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no such referral")
    assert_good(page, refused=True)
    page.get_by_label("Referral").fill(SAMPLES[0].reference)
    page.get_by_label("Person").fill("p.example")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("cell", name="Case opened")).to_be_visible()
    expect(page.get_by_text("The trail of intake cannot be shown")).to_be_visible()
    assert_good(page, refused=True)
    searched = "SELECT count(*) FROM console.audit_entry WHERE action = 'audit_searched'"
    assert house.query(searched) >= 1
