"""A manager tries another version of the guidance on stored referrals before adopting it."""

from datetime import UTC, datetime

from frontdoor.trials import trial_of
from policy.loading import PackSet
from policy.trying import Summary, explained
from tests.journey.forms import attendance, form
from tests.journey.living import Living

SPAN = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


async def test_stored_referrals_are_read_again_and_nothing_is_touched(
    home: Living, packs: PackSet
) -> None:
    school = await home.partner()
    hungry = await home.refer(school, form(concerns=[], referrer_level=None, request="unsure"))
    quiet = await home.refer(school, attendance())
    for told in (hungry, quiet):
        await home.rated(told["id"], home.staff())
    await home.settled()
    old = packs.packs["warwickshire"][-1]
    # A version that no longer finds anything in what is written.
    new = old.model_copy(
        update={
            "version": "2099.1",
            "indicators": {
                code: one.model_copy(update={"phrases": ()}) for code, one in old.indicators.items()
            },
        }
    )
    before = home.query("SELECT count(*), max(position) FROM event_stream.event_log")
    urls = home.house.parts.urls
    summary, changed = Summary(), []
    async with trial_of(urls, home.house.parts.ring, new, packs, SPAN) as referrals:
        async for reference, tried in referrals:
            summary.count(tried)
            if tried.changes:
                changed.append((reference, explained(tried)))
    assert summary.referrals == 2
    assert hungry["reference"] in [reference for reference, _ in changed]
    lost = dict(changed)[hungry["reference"]]["no_longer"]
    assert {one["source"] for one in lost} == {"text"}
    assert "hungry" not in str(changed)
    assert home.query("SELECT count(*), max(position) FROM event_stream.event_log") == before
    ((opened,),) = home.query(
        "SELECT count(*) FROM intake.audit_entry WHERE action = 'texts_read_for_trial'"
    )
    assert opened == 1
