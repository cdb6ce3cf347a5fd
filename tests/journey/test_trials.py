"""A manager tries another version of the guidance on stored referrals before adopting it."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from frontdoor.trials import trial_of
from policy.loading import PackSet
from policy.trying import Summary, explained
from services.triage.trials import Trial
from tests.databases import Server
from tests.journey.forms import attendance, form
from tests.journey.living import Living, fields, living, read
from tests.journey.test_restricted import Somebody, restrict

SPAN = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
MONTH = {"since": "2026-03-01", "until": "2026-04-01"}


@pytest.fixture(scope="module")
def packs(packs: PackSet) -> PackSet:
    """With a version to come that no longer finds anything in what is written."""
    *_, old = packs.packs["warwickshire"]
    new = old.model_copy(
        update={
            "version": "2099.1",
            "valid_from": date(2099, 1, 1),
            "indicators": {
                code: one.model_copy(update={"phrases": ()}) for code, one in old.indicators.items()
            },
        }
    )
    return PackSet({**packs.packs, "warwickshire": (*packs.packs["warwickshire"], new)})


@pytest.fixture(scope="module")
async def wired(postgres: Server, packs: PackSet) -> AsyncIterator[Living]:
    with postgres.fresh() as databases:
        async with living(databases, packs) as running:
            yield running


async def test_stored_referrals_are_read_again_and_nothing_is_touched(
    home: Living, packs: PackSet
) -> None:
    school = await home.partner()
    hungry = await home.refer(school, form(concerns=[], referrer_level=None, request="unsure"))
    quiet = await home.refer(school, attendance())
    for told in (hungry, quiet):
        await home.rated(told["id"], home.staff())
    await home.settled()
    before = home.query("SELECT count(*), max(position) FROM event_stream.event_log")
    trial = Trial(packs.version("warwickshire", "2099.1"), SPAN)
    summary, changed = Summary(), []
    async with trial_of(home.house.parts.urls, home.house.parts.ring, packs, trial) as referrals:
        async for case, tried in referrals:
            summary.count(tried)
            if tried.changes:
                changed.append((case.facts.reference, explained(tried)))
    assert summary.referrals == 2
    assert hungry["reference"] in [reference for reference, _ in changed]
    lost = dict(changed)[hungry["reference"]]["no_longer"]
    assert {one["source"] for one in lost} == {"text"}
    assert "hungry" not in str(changed)

    async def over_http(who: dict[str, str], **said: str) -> dict[str, object]:
        body = {"authority": "warwickshire", "version": "2099.1", **MONTH, **said}
        return read(await home.http.post("/v1/triage/trials", json=body, headers=who))

    manager = home.staff("manager")
    found = await over_http(manager)
    assert (found["referrals"], found["complete"]) == (2, True)
    assert found["would_change"] == summary.changed == len(found["items"])  # type: ignore[arg-type]
    assert "hungry" not in str(found)
    assert {one["how"] for one in found["signs"]} == {"lost"}  # type: ignore[attr-defined]
    # Read by one and the same version twice, nothing differs.
    same = await over_http(manager, against="2099.1")
    assert (same["would_change"], same["items"]) == (0, [])
    counted = await over_http(home.staff("operator"))
    assert (counted["items"], counted["not_listed"]) == ([], summary.changed)
    assert (await over_http(manager, version="1066.1"))["errors"][0]["pointer"] == "/version"  # type: ignore[index]
    assert (await over_http(home.staff("practitioner")))["status"] == 403
    assert (await over_http(home.staff("manager", "walsall")))["status"] == 404

    browser = await home.browser("manager")
    page = (await browser.get("/guidance/trial")).text
    sent = {**fields(page), "version": "warwickshire@2099.1", "against": "",
            "since": "2026-03-01", "until": "2026-03-31"}  # fmt: skip
    shown = (await browser.post("/guidance/trial", data=sent)).text
    assert "Of 2 referrals" in shown
    assert f'href="/referrals/{hungry["id"]}"' in shown

    assert home.query("SELECT count(*), max(position) FROM event_stream.event_log") == before
    aunt = Somebody(home, "manager")
    answer = await restrict(home, hungry["id"], manager, roles=["manager"], deny=[aunt.id])
    assert answer.status_code == 200, answer.text
    await home.settled()
    kept = await over_http(aunt.headers)
    assert kept["would_change"] == summary.changed
    assert hungry["id"] not in str(kept)
    tried = home.query("SELECT count(*) FROM triage.audit_entry WHERE action = 'guidance_tried'")
    assert tried == [(5,)]
    ((by_nobody, for_somebody),) = home.query(
        "SELECT count(*) FILTER (WHERE details ->> 'on_behalf_of' IS NULL),"
        " count(details ->> 'on_behalf_of') FROM intake.audit_entry"
        " WHERE action = 'texts_read_for_trial'"
    )
    assert (by_nobody, for_somebody) == (1, 6)
