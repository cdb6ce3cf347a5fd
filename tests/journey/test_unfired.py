"""A referral whose clocks cannot be fired stands on top of "to decide", to be read by hand."""

from datetime import timedelta

from tests.journey.living import Living

SPOIL = (
    "UPDATE allocation.referral SET document = jsonb_set(document, '{{pack_version}}', '\"{}\"') "
    "WHERE referral_id = '{}'"
)
NOTED = "SELECT reason FROM console.attention WHERE referral_id = %s"


async def test_a_clock_that_cannot_be_fired_is_seen_until_it_is(home: Living) -> None:
    told = await home.refer(await home.partner())
    staff = home.staff()
    await home.rated(told["id"], staff)
    # The last that allocation hears of: with the pack spoilt it would wait for ever.
    await home.sent(told["id"], "acknowledgement", staff)
    await home.settled()
    home.databases.execute(SPOIL.format("1999.1", told["id"]))
    home.clock.forward(timedelta(days=3))

    async def noted() -> list[tuple[str]]:
        return home.query(NOTED, told["id"])

    assert await home.until(noted, bool) == [("clock_not_fired",)]

    home.databases.execute(SPOIL.format("2018.1", told["id"]))
    home.clock.forward(timedelta(hours=1))
    await home.until(noted, lambda found: not found)
