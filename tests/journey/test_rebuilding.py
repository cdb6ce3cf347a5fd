"""The console's read model, built anew from the log while the old one serves."""

from typing import Any

import psycopg
import pytest

from chassis.stream import consumer
from frontdoor import rebuilding
from frontdoor.rebuilding import Plan, Progress, of_log, rebuild
from tests.journey.forms import form
from tests.journey.living import Living, Partner

ROWS = """
SELECT referral_id::text, stage, rag, suggested, concerns::text, clocks::text, number
  FROM console.queue_row ORDER BY 1
"""
LINES = "SELECT referral_id::text, number, kind, codes::text FROM console.timeline ORDER BY 1, 2"


class Killed(Exception):
    """As if the process had ended here."""


def plan_of(home: Living, **more: Any) -> Plan:
    return Plan(
        home.databases.owner,
        home.databases.urls["console"],
        home.house.parts.policy,
        of_log(home.clock),
        home.clock,
        **more,
    )


async def test_it_is_built_anew_while_the_old_one_serves(
    shared_home: Living, shared_school: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, manager = shared_home, shared_home.staff("manager")
    told = await home.refer(shared_school)
    await home.refer(shared_school, form(narrative="She is left alone at night."))
    case = await home.rated(told["id"], manager)
    assert (await home.decide(case, manager)).status_code == 201
    await home.settled()
    right, lines = home.query(ROWS), home.query(LINES)
    home.databases.execute("UPDATE console.queue_row SET concerns = '[\"housing\"]'")
    wrong = home.query(ROWS)
    assert wrong != right

    monkeypatch.setattr(consumer, "BATCH", 10)
    monkeypatch.setattr(rebuilding, "TELL_EVERY_SECONDS", 0.0)
    heard: list[Progress] = []

    def killed_at_the_third(progress: Progress) -> None:
        heard.append(progress)
        if len(heard) == 3:
            raise Killed

    with pytest.raises(Killed):
        await rebuild(plan_of(home), killed_at_the_third)
    assert home.query(ROWS) == wrong

    # Something happens meanwhile, and the console hears of it.
    late = await home.refer(shared_school)
    await home.rated(late["id"], manager)
    await home.settled()
    rebuilt, count = await rebuild(plan_of(home), heard.append)

    assert count == 3
    assert 0 < rebuilt.now < rebuilt.seen
    found = home.query(ROWS)
    assert [one for one in found if one[0] != late["id"]] == right
    assert [one for one in home.query(LINES) if one[0] != late["id"]] == lines

    # The console goes on by itself, in the new tables, each event once.
    await home.follow_up(shared_school, told["id"], "information", {"information": "More."})
    await home.settled()
    (after,) = [one for one in home.query(ROWS) if one[0] == told["id"]]
    assert after[-1] > next(one[-1] for one in right if one[0] == told["id"])
    assert home.query("SELECT to_regnamespace('console_rebuild')::text") == [(None,)]
    assert home.query("SELECT count(*) FROM console.parked_event") == [(0,)]


async def test_two_do_not_rebuild_at_once(shared_home: Living) -> None:
    with psycopg.connect(shared_home.databases.owner) as other:
        other.execute("SELECT pg_advisory_lock(7301550, hashtext('console_rebuild'))")
        with pytest.raises(rebuilding.Rebuilding):
            await rebuild(plan_of(shared_home), lambda progress: None)
