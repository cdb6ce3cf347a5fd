"""Every page, in every state."""

from datetime import timedelta
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser import mails
from tests.browser.axe import SIDEWAYS, assert_good, faults
from tests.browser.conftest import sign_in
from tests.browser.house import House
from tests.browser.samples import SAMPLES
from tests.browser.test_journeys import check, fill_decision, open_referral

RED, AMBER, DECIDED, UNRATED = SAMPLES[0], SAMPLES[3], SAMPLES[10], SAMPLES[9]


def test_signing_in(page: Page, house: House) -> None:
    page.goto(f"{house.url}/sign-in")
    assert_good(page)
    page.get_by_label("User name").fill("p.example")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    expect(page).to_have_title("Error: Sign in – Frontdoor")
    assert_good(page, refused=True)


def test_signing_in_while_accounts_are_away(page: Page, house: House) -> None:
    house.others.away.add("/sign-ins")
    page.goto(f"{house.url}/sign-in")
    page.get_by_label("User name").fill("p.example")
    page.get_by_label("Password", exact=True).fill("x")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not possible at the moment")
    assert_good(page, refused=True)


def test_signing_in_at_the_provider_and_out_again(page: Page, house: House) -> None:
    page.goto(f"{house.url}/queue?state=all")
    house.others.openid = {"refused": "not_registered", "subject": "0b5c" * 16}
    page.get_by_role("link", name="Sign in with your work account").click()
    expect(page.get_by_role("heading", name="You have no account here")).to_be_visible()
    assert_good(page, refused=True)
    house.others.openid = {"refused": "no_rights", "subject": "mira"}
    page.goto(f"{house.url}/sign-in/openid")
    expect(page.get_by_text("none of the groups")).to_be_visible()
    house.others.away.add("openid:begin")
    page.goto(f"{house.url}/sign-in/openid?next=/queue?state=all")
    expect(page.get_by_role("alert")).to_contain_text("Local accounts work as always")
    assert_good(page, refused=True)
    house.others.reset()
    page.get_by_role("link", name="Sign in with your work account").first.click()
    page.wait_for_url(f"{house.url}/queue?state=all")
    # The page stays where the provider's own does not answer.
    page.route("**/provider/end", lambda asked: asked.fulfill(status=204))
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="You are signed out here")).to_be_visible()
    assert_good(page, refused=True)


def test_an_empty_queue(signed_in: Page) -> None:
    expect(signed_in.get_by_text("Nothing to decide")).to_be_visible()
    assert_good(signed_in)


def test_a_full_queue(signed_in: Page, house: House) -> None:
    house.fill()
    house.attend(uuid4(), "warwickshire", "parked")
    signed_in.goto(f"{house.url}/queue")
    expect(signed_in.locator("[data-row]")).to_have_count(11)
    expect(signed_in.locator("[data-live-state]")).to_have_text("Live")
    assert_good(signed_in)
    expect(signed_in.get_by_text("Lists and filters")).to_be_hidden()
    # A tablet, and a wide screen enlarged to half as much again or twice.
    for width in (642, 768, 880):
        signed_in.set_viewport_size({"width": width, "height": 900})
        assert signed_in.evaluate(SIDEWAYS) <= 0, width


def test_a_queue_where_nothing_matches(signed_in: Page, house: House) -> None:
    house.fill()
    signed_in.goto(f"{house.url}/queue?rag=green&who=mine")
    expect(signed_in.get_by_text("Nothing matches these filters")).to_be_visible()
    assert_good(signed_in)


def test_filters_are_kept_under_a_name(signed_in: Page, house: House) -> None:
    house.fill()
    signed_in.goto(f"{house.url}/queue")
    signed_in.get_by_label("How soon").select_option("immediate")
    signed_in.get_by_role("button", name="Apply filters").click()
    expect(signed_in.locator("[data-row]")).to_have_count(3)
    signed_in.get_by_text("Save or remove views").click()
    signed_in.get_by_label("Name for these filters").fill("Now <b>")
    assert_good(signed_in)
    signed_in.get_by_role("button", name="Save this view").click()
    signed_in.goto(f"{house.url}/queue")
    signed_in.get_by_role("link", name="Now <b>").click()
    expect(signed_in.locator("[data-row]")).to_have_count(3)
    assert_good(signed_in)
    signed_in.get_by_text("Save or remove views").click()
    signed_in.get_by_role("button", name="Remove “Now <b>”").click()
    expect(signed_in.get_by_role("link", name="Now <b>")).to_have_count(0)


def test_every_list(signed_in: Page, house: House) -> None:
    house.fill()
    lists = (("overdue", 2), ("to_allocate", 0), ("out_of_hours", None), ("agreement", 6))
    for state, rows in (*lists, ("team", 3), ("offered", 0)):
        signed_in.goto(f"{house.url}/queue?state={state}")
        if rows is not None:
            expect(signed_in.locator("[data-row]")).to_have_count(rows)
        assert_good(signed_in)
    house.others.away.add("/v1/workers")
    signed_in.goto(f"{house.url}/queue?state=team")
    expect(signed_in.get_by_text("Who stands in your team cannot be shown")).to_be_visible()


def test_several_are_claimed_at_once(signed_in: Page, house: House) -> None:
    house.fill()
    signed_in.goto(f"{house.url}/queue?rag=amber")
    signed_in.get_by_role("link", name="Claim or give back several").click()
    signed_in.get_by_role("button", name="Claim these").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("Select at least one referral")
    assert_good(signed_in, refused=True)
    for sample in (AMBER, SAMPLES[4]):
        signed_in.get_by_label(sample.reference).check()
    signed_in.get_by_role("button", name="Claim these").click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Claim 2 referrals?")
    assert_good(signed_in, refused=True)
    house.others.taken.add(str(AMBER.referral_id))
    signed_in.get_by_role("button", name="Claim", exact=True).click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("1 referral claimed")
    expect(signed_in.get_by_text("Somebody else is reading this.")).to_be_visible()
    assert_good(signed_in, refused=True)


def test_two_authorities_and_what_was_decided(page: Page, house: House) -> None:
    house.others.authorities = frozenset({"warwickshire", "walsall"})
    house.fill()
    sign_in(page, house)
    page.goto(f"{house.url}/queue?state=decided")
    expect(page.locator("[data-row]")).to_have_count(2)
    assert_good(page)
    page.goto(f"{house.url}/queue?state=all")
    expect(page.locator("[data-row]")).to_have_count(12)
    assert_good(page)


def test_a_referral_to_decide(signed_in: Page, house: House) -> None:
    house.fill(RED)
    signed_in.goto(f"{house.url}/referrals/{RED.referral_id}")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Maya Example and 1 other")
    expect(signed_in.locator("#told mark").first).to_contain_text("a bruise on her cheek")
    assert_good(signed_in)
    signed_in.get_by_role("button", name="Check the decision").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("Choose a rating for Maya Example")
    assert_good(signed_in, refused=True)


def test_a_referral_with_all_that_is_known_of_the_family(signed_in: Page, house: House) -> None:
    house.fill(RED)
    house.others.story_told = house.others.attached = True
    signed_in.goto(f"{house.url}/referrals/{RED.referral_id}")
    expect(signed_in.locator("#people")).to_contain_text("a large dog in the yard")
    expect(signed_in.locator("#people")).to_contain_text("Parental responsibility for Maya Example")
    expect(signed_in.locator("#story")).to_contain_text(
        "Child protection plan: Neglect, open since 1 December 2025, with Robin Mockley"
    )
    signed_in.get_by_text("What would change this suggestion").click()
    expect(signed_in.locator("#why")).to_contain_text(
        "Without a child tells of violence at home: Amber"
    )
    assert_good(signed_in)
    with signed_in.expect_download() as download:
        signed_in.get_by_role("link", name="Body map.pdf").click()
    assert download.value.suggested_filename == "Body map.pdf"
    signed_in.locator("#story button[value=linked]").first.click()
    expect(signed_in.get_by_text("What you said of these two records is kept.")).to_be_visible()
    signed_in.get_by_role("button", name="Take it back").first.click()
    assert [body["state"] for _, body in house.others.received] == ["linked", "candidate"]
    assert house.others.received[1][1]["because"] == "linked_by_mistake"
    # Another agency tells of the same incident: what was decided of it is a start, and no more.
    signed_in.get_by_role("link", name="Start from its ratings and outcomes").click()
    expect(signed_in.get_by_role("status").first).to_contain_text(
        "Nothing is recorded until you do"
    )
    expect(signed_in.locator("#outcome-0")).to_have_value("child_and_family_assessment")
    signed_in.get_by_role("button", name="Not the same incident").click()
    expect(signed_in.get_by_text("What you said of the incident is kept")).to_be_visible()
    assert house.others.received[2][1]["state"] == "not_same"


def test_a_referral_of_which_agencies_were_asked(signed_in: Page, house: House) -> None:
    house.fill(RED)
    house.others.agencies_asked = True
    signed_in.goto(f"{house.url}/referrals/{RED.referral_id}")
    expect(signed_in.locator("#checks article").first).to_contain_text("Waiting for an answer")
    expect(signed_in.locator("#checks")).to_contain_text("For the hub alone")
    expect(signed_in.locator("#disagreements")).to_contain_text("The child is still at home.")
    expect(signed_in.locator("#discussions")).to_contain_text("A medical today.")
    expect(signed_in.locator("#tellings")).to_contain_text("The school is not told")
    expect(signed_in.locator("#tellings")).to_contain_text("Nobody made sure that it reached")
    assert_good(signed_in)


def test_the_chronology(signed_in: Page, house: House) -> None:
    house.fill(RED)
    house.others.story_told = True
    signed_in.goto(f"{house.url}/referrals/{RED.referral_id}")
    signed_in.get_by_role("link", name="Chronology", exact=True).click()
    expect(signed_in.locator(".fd-chronology h3").first).to_have_text("Maya Example born")
    expect(signed_in.get_by_text("3 November 2025")).to_be_visible()
    assert_good(signed_in)
    expect(signed_in.get_by_role("button", name="Who read or did what")).to_have_count(0)
    house.others.roles = frozenset({"manager"})
    signed_in.reload()
    assert_good(signed_in)
    signed_in.get_by_role("button", name="Who read or did what").click()
    expect(signed_in.get_by_role("cell", name="Case opened")).to_be_visible()
    signed_in.go_back()
    house.others.away |= {"/story", "/v1/intake"}
    signed_in.reload()
    expect(
        signed_in.get_by_text("Earlier referrals cannot be shown at the moment.")
    ).to_be_visible()
    assert_good(signed_in)


def test_a_decided_referral(signed_in: Page, house: House) -> None:
    house.fill(RED)
    house.others.decided_by = "p.example"
    signed_in.goto(f"{house.url}/referrals/{RED.referral_id}?done=decision")
    expect(signed_in.get_by_text("Your decision is recorded")).to_be_visible()
    expect(signed_in.get_by_role("heading", name="Rate again")).to_be_visible()
    assert_good(signed_in)


def test_a_referral_whose_withdrawal_is_asked(signed_in: Page, house: House) -> None:
    house.fill(RED)
    house.others.withdrawal_asked = True
    signed_in.goto(f"{house.url}/referrals/{RED.referral_id}")
    expect(signed_in.get_by_role("heading", name="The referrer asks to withdraw")).to_be_visible()
    assert_good(signed_in)


def test_a_referral_while_services_are_away(signed_in: Page, house: House) -> None:
    house.fill(RED)
    house.others.away |= {"/v1/intake", "/v1/clocks", "/v1/messages", "/v1/allocations"}
    signed_in.goto(f"{house.url}/referrals/{RED.referral_id}")
    expect(signed_in.get_by_text("The clocks cannot be shown at the moment.")).to_be_visible()
    expect(signed_in.get_by_text("What the referrer wrote cannot be shown")).to_be_visible()
    expect(signed_in.get_by_role("heading", name="A child tells of violence")).to_be_visible()
    assert_good(signed_in)


def test_a_referral_that_was_not_processed(signed_in: Page, house: House) -> None:
    house.fill(UNRATED)
    house.attend(UNRATED.referral_id, "warwickshire", "parked")
    signed_in.goto(f"{house.url}/referrals/{UNRATED.referral_id}")
    expect(signed_in.get_by_text("Not processed: read this referral by hand.")).to_be_visible()
    assert_good(signed_in)


def test_pages_that_are_not_there(signed_in: Page, house: House) -> None:
    signed_in.goto(f"{house.url}/referrals/{uuid4()}")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Page not found")
    assert_good(signed_in, refused=True)
    signed_in.goto(f"{house.url}/find?reference=WAR-999999-X")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Reference not found")
    assert_good(signed_in, refused=True)


def test_the_scorecard(page: Page, house: House) -> None:
    sign_in(page, house)
    assert page.request.get(f"{house.url}/scorecard").status == 403
    house.others.roles = frozenset({"manager"})
    page.goto(f"{house.url}/scorecard?by=locality&start=nonsense")
    expect(page.locator("#lead_in_time")).to_contain_text(
        "Most: Rugby, 40 of 50 (80%). Least: Warwick, 32 of 50 (64%)."
    )
    expect(page.locator("#lead_agency")).to_contain_text("left out: small number")
    expect(page.locator("#plan_in_time")).to_contain_text("Nothing to count in this period.")
    assert_good(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="All figures as a file").click()
    assert download.value.suggested_filename == "scorecard.csv"
    page.get_by_role("link", name="The flow from contact to outcome").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(["Rugby", "Warwick"])
    assert_good(page)
    page.get_by_label("By", exact=True).select_option("Authority")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Of 1,204 referrals, 300 (25%) went to social care")).to_be_visible()
    expect(page.get_by_text("most of them back after advice or no action: 80")).to_be_visible()
    page.get_by_text("The figures behind the picture").click()
    assert_good(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="All paths as a file").click()
    assert download.value.suggested_filename == "flow.csv"
    page.goto(f"{house.url}/scorecard/told?by=agency")
    expect(page.locator("#acknowledged_in_time")).to_contain_text(
        "48 of 50 (96%), half of them within 6 minutes"
    )
    expect(page.locator("#decided_in_time")).to_contain_text("left out: small number")
    expect(page.locator("#not_useful_because")).to_contain_text("Too late: 10 of 10 (100%)")
    expect(page.locator("#helped")).to_contain_text("No room, 10 of 40 (25%)")
    expect(page.locator("#advice_helped")).to_contain_text("Nothing to count")
    assert_good(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="All figures as a file").click()
    assert download.value.suggested_filename == "told.csv"
    counts_need_and_agreement(page, house)
    page.goto(f"{house.url}/scorecard/flow")
    house.others.away.add("/v1/scorecard")
    page.reload()
    expect(page.get_by_text("The figures cannot be shown at the moment.")).to_be_visible()
    page.goto(f"{house.url}/scorecard")
    expect(page.get_by_text("The figures cannot be shown at the moment.")).to_be_visible()
    assert_good(page)


def counts_need_and_agreement(page: Page, house: House) -> None:
    house.fill()
    page.goto(f"{house.url}/scorecard")
    page.get_by_role("link", name="Demand by need").click()
    expect(page.get_by_text("Of 12 referrals, 2 tell of domestic abuse")).to_be_visible()
    assert_good(page)
    page.get_by_label("For publishing").check()
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("too few tell of each to be published")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="All figures as a file").click()
    assert download.value.suggested_filename == "need.csv"
    page.goto(f"{house.url}/scorecard/need?by=locality&start=2020-01-01&end=2020-02-01")
    expect(page.get_by_text("Nothing to count in this period.")).to_be_visible()
    page.goto(f"{house.url}/scorecard/consistency")
    expect(page.get_by_text("40 of 50 decided so (80%)")).to_be_visible()
    expect(page.get_by_text("120 Green; left out: small number")).to_be_visible()
    assert_good(page)
    page.get_by_label("By", exact=True).select_option("Agency")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Of 100 decisions, 71 (71%)")).to_be_visible()
    assert_good(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="All figures as a file").click()
    assert download.value.suggested_filename == "consistency.csv"


def test_help(page: Page, house: House) -> None:
    page.goto(f"{house.url}/help")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Help")
    page.get_by_text("If you analyse").click()
    assert_good(page)
    sign_in(page, house)
    page.goto(f"{house.url}/help")
    expect(page.get_by_role("heading", name="If you read and decide")).to_be_visible()
    assert_good(page)


def test_the_accessibility_statement(page: Page, house: House) -> None:
    page.goto(f"{house.url}/accessibility")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accessibility statement")
    assert_good(page)


def test_signing_in_again_in_the_middle_of_a_form(signed_in: Page, house: House) -> None:
    house.fill(AMBER)
    signed_in.goto(f"{house.url}/referrals/{AMBER.referral_id}")
    signed_in.locator("#rationale").fill("The home has no food and three children.")
    house.now_offset = timedelta(hours=2)
    signed_in.get_by_role("button", name="Check the decision").click()
    expect(signed_in.get_by_text("What you typed is kept.")).to_be_visible()
    assert_good(signed_in, refused=True)


def test_saying_whether_an_answer_was_useful(page: Page, house: House) -> None:
    page.goto(f"{house.url}/useful/good")
    expect(page.get_by_text("WAR-000004-K")).to_be_visible()
    assert_good(page)
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Select what was missing")
    assert_good(page, refused=True)
    page.get_by_label("It came too late").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert house.others.received[-1] == (
        "rating",
        {"token": "good", "useful": False, "because": "too_late"},
    )
    assert_good(page, refused=True)
    page.goto(f"{house.url}/useful/another")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    assert_good(page, refused=True)


def test_saying_whether_the_help_happened(page: Page, house: House) -> None:
    page.goto(f"{house.url}/helped/good")
    expect(page.get_by_text("WAR-000004-K")).to_be_visible()
    assert_good(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Select what happened")
    assert_good(page, refused=True)
    page.get_by_label("The service had no room").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert house.others.received[-1] == ("rating", {"token": "good", "answer": "no_room"})
    assert_good(page, refused=True)
    page.goto(f"{house.url}/helped/another")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    page.goto(f"{house.url}/advice/good")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Select what happened")
    assert_good(page, refused=True)
    page.get_by_label("Yes, they got it").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. We count")).to_be_visible()
    said = {"token": "good", "answer": "it_happened"}
    assert ("advice-helped", said) in house.others.received
    assert_good(page, refused=True)


def test_what_the_referrer_gets_is_seen_before_it_is_recorded(
    signed_in: Page, house: House
) -> None:
    open_referral(signed_in, house, SAMPLES[4])
    fill_decision(signed_in, "Tom told us that his mother was arrested.")
    signed_in.get_by_text("Local services to name (1)").click()
    signed_in.get_by_label("Talking Place (Mock Trust), for ages 8 to 17, in Invented ward").check()
    assert_good(signed_in)
    check(signed_in)
    expect(signed_in.get_by_text("Get in touch with Talking Place").first).to_be_visible()
    mail = signed_in.frame_locator("iframe[title='The email to the referrer']")
    expect(mail.get_by_role("heading", level=1)).to_have_text("What we decided")
    # Its styles apply, and it can do nothing.
    expect(mail.get_by_role("heading", level=1)).to_have_css("font-size", "30px")
    expect(signed_in.locator("mark")).to_have_text(["arrested"])
    assert_good(signed_in)
    house.others.away.add("/v1/messages")
    signed_in.get_by_role("button", name="Change it").click()
    check(signed_in)
    expect(signed_in.get_by_text("The email cannot be shown")).to_be_visible()
    assert_good(signed_in)


def test_every_call_of_the_api(page: Page, house: House) -> None:
    page.goto(f"{house.url}/accessibility")
    page.get_by_role("link", name="For developers").click()
    page.locator("summary").get_by_text("POST /v1/referrals", exact=True).click()
    page.locator("summary").get_by_text("GET /v1/changes", exact=True).click()
    expect(page.get_by_text("Scope: referral.create").first).to_be_visible()
    assert_good(page)
    assert page.request.get(f"{house.url}/developers/intake.yaml").text().startswith("openapi: 3.1")


def test_what_was_sent(signed_in: Page, house: House) -> None:
    house.fill(DECIDED)
    signed_in.goto(f"{house.url}/referrals/{DECIDED.referral_id}")
    signed_in.get_by_role("link", name="What was sent").click()
    mail = signed_in.frame_locator("iframe")
    expect(mail.get_by_role("heading", level=1)).to_have_text("What we decided")
    signed_in.get_by_text("As plain text").click()
    assert_good(signed_in)


def test_every_email(page: Page) -> None:
    """Narrow: wide they are as wide as they get."""
    page.set_viewport_size({"width": 320, "height": 900})
    for name, (_, html, _) in mails.written().items():
        # Whoever hears less gets the same parts, but for a decision.
        if "another" in name or ("public" in name and "decision" not in name):
            continue
        page.set_content(html)
        assert not faults(page), name
        assert page.evaluate(SIDEWAYS) <= 0, name


def test_the_letter_for_the_family(signed_in: Page, house: House) -> None:
    house.fill(DECIDED)
    signed_in.goto(f"{house.url}/referrals/{DECIDED.referral_id}/letter")
    expect(signed_in.get_by_text("Never post this letter")).to_be_visible()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text(
        "What we decided, and what happens next"
    )
    assert_good(signed_in)
    signed_in.emulate_media(media="print")
    expect(signed_in.get_by_text("Before you give this letter")).to_be_hidden()
    expect(signed_in.get_by_text("If you do not agree")).to_be_visible()
    signed_in.emulate_media(media="screen")
    house.others.letter_withheld = "parents_not_told"
    signed_in.goto(f"{house.url}/referrals/{DECIDED.referral_id}/letter")
    expect(signed_in.get_by_text("Evidence could be lost", exact=False)).to_be_visible()
    assert_good(signed_in)
