"""Copies for those whom referrals are about, and how long referrals are kept."""

from playwright.sync_api import Page, expect

from tests.browser.axe import assert_good
from tests.browser.conftest import sign_in
from tests.browser.copied import CONSIDERED, FREE, OPENED, RELEASED
from tests.browser.house import House
from tests.browser.samples import SAMPLES


def test_a_copy_is_begun_considered_released_and_read(page: Page, house: House) -> None:
    house.fill(*SAMPLES[:2])
    house.others.story_told = True
    sign_in(page, house)
    assert page.request.get(f"{house.url}/records").status == 403
    house.others.roles = frozenset({"manager"})
    page.goto(f"{house.url}/records")
    expect(page.get_by_role("row")).to_have_count(4)
    assert_good(page)
    page.get_by_label("Begin a request").fill(SAMPLES[0].reference)
    page.get_by_role("button", name="Choose whom").click()
    expect(page.get_by_text("1 record may be theirs, and nobody has said")).to_be_visible()
    page.get_by_role("button", name="Open the request").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose whom the copy is about")
    assert_good(page, refused=True)
    page.get_by_label("Maya Example").check()
    page.get_by_label("parental responsibility").check()
    page.get_by_role("button", name="Open the request").click()
    expect(page.get_by_text("The request is open.")).to_be_visible()
    expect(page.get_by_text("Maya Example, born 4 May 2018")).to_be_visible()
    expect(page.get_by_role("button", name="Release it")).to_have_count(0)
    for ground in page.get_by_role("group").all():
        ground.get_by_label("Nothing speaks against it").check()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Record what you found").click()
    expect(page.get_by_text("What you found is recorded.")).to_be_visible()

    page.goto(f"{house.url}/records/copies/{CONSIDERED['id']}")
    expect(page.get_by_text("By another manager")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Release it").click()
    expect(page.get_by_text("It is released.")).to_be_visible()
    (_, begun), (_, said), (released, _) = house.others.received
    assert begun["person_id"] == OPENED["person_id"]
    assert set(said["considered"]) == set(CONSIDERED["considered"])
    assert released == "released"

    page.goto(f"{house.url}/records/copies/{RELEASED['id']}")
    expect(page.get_by_text("A part is withheld because of it")).to_be_visible()
    assert_good(page, refused=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save it with all files").click()
    name = "subject-access-without-1-restricted.zip"
    assert download.value.suggested_filename == name
    page.get_by_role("button", name="Read or print it").click()
    expect(page.get_by_role("mark").filter(has_text="Kerry Example").first).to_be_visible()
    expect(page.get_by_text("Decide for each what goes.")).to_be_visible()
    unknown = f"{house.url}/records/copies/{FREE['id']}"
    assert page.request.get(unknown).status == 404


def test_two_managers_destroy_what_need_not_be_kept(page: Page, house: House) -> None:
    house.fill(*SAMPLES[:3])
    house.others.roles = frozenset({"manager"})
    sign_in(page, house)
    page.goto(f"{house.url}/records/keeping/{SAMPLES[2].referral_id}")
    page.get_by_role("button", name="Propose to destroy it").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose why it goes.")
    assert_good(page, refused=True)
    page.get_by_label("It need not be kept any longer").check()
    page.locator("#legal_status").check()
    page.get_by_role("button", name="Propose to destroy it").click()
    expect(page.get_by_text("It is proposed. Another manager looks anew")).to_be_visible()
    page.goto(f"{house.url}/records/keeping/{SAMPLES[1].referral_id}")
    page.get_by_role("button", name="Destroy it for good").click()
    expect(page.get_by_role("alert")).to_contain_text("legal status")
    page.locator("#legal_status").check()
    assert_good(page, refused=True)
    page.get_by_role("button", name="Destroy it for good").click()
    expect(page.get_by_text("It is destroyed, in every service.")).to_be_visible()
    assert house.others.received == [
        ("proposed", {"because": "retention_ended", "legal_status": "none"}),
        ("destroyed", {"legal_status": "none"}),
    ]


def test_a_referral_is_held_and_held_no_longer(page: Page, house: House) -> None:
    house.fill(*SAMPLES[:2])
    house.others.roles = frozenset({"manager"})
    sign_in(page, house)
    page.goto(f"{house.url}/referrals/{SAMPLES[1].referral_id}")
    page.get_by_role("link", name="how long it is kept").click()
    expect(page.get_by_text("was proposed on 3 March 2026 by another manager")).to_be_visible()
    page.get_by_role("button", name="Hold it").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose why it is held.")
    assert_good(page, refused=True)
    page.get_by_label("The police investigate").check()
    page.get_by_role("button", name="Hold it").click()
    expect(page.get_by_text("It is held. Nobody destroys it")).to_be_visible()
    page.get_by_role("link", name="What need not be kept").click()
    assert_good(page, refused=True)
    page.get_by_role("link", name=f"End the hold of {SAMPLES[0].reference}").click()
    expect(page.get_by_text("A court deals with it. Since 2 March 2026, by you.")).to_be_visible()
    assert_good(page, refused=True)
    page.get_by_role("button", name="End the hold").click()
    expect(page.get_by_text("Nothing holds it any more.")).to_be_visible()
    assert house.others.received == [("hold", {"because": "police"}), ("hold-end", {})]
    house.others.away.add("/v1/intake")
    page.goto(f"{house.url}/records/keeping")
    expect(page.get_by_text("What falls due cannot be shown")).to_be_visible()
    page.goto(f"{house.url}/records")
    expect(page.get_by_text("The requests cannot be shown")).to_be_visible()
    assert_good(page, refused=True)
