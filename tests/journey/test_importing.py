"""Files of referrals: taken once however often they are sent, stopped and gone on with."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.identity import Caller
from frontdoor.commands.importing import lag_in
from services.intake.importing.importer import MOST_LOOKS, Importer, TriageStandsStill
from services.intake.importing.reading import Reading, Ready, Refusal
from services.intake.importing.rows import Row
from services.intake.importing.store import Progress, Run
from tests.journey.forms import NHS_NUMBER, child, form
from tests.journey.living import Living


def notification(number: int, **said: Any) -> dict[str, Any]:
    """A police notification."""
    body = form(your_reference=f"TEST-{number}", children=[child(given_name=f"Sam{number}")])
    del body["authority"]
    return {**body, **said}


def rows(forms: list[Mapping[str, Any]]) -> Iterator[Row]:
    return (Row(number, one) for number, one in enumerate(forms, 1))


async def importer(home: Living, fingerprint: bytes = b"one", **said: Any) -> Importer:
    known = home.query("SELECT organisation_id FROM intake.client WHERE client_id = 'police'")
    if not known:
        await home.partner("police", agency="police")
        known = home.query("SELECT organisation_id FROM intake.client WHERE client_id = 'police'")
    organisation: UUID = known[0][0]
    caller = Caller("partner", organisation, "police", organisation_id=organisation)
    historic = said.pop("historic", False)
    receiving = home.house.running["intake"].state["receiving"]
    run = Run(fingerprint, "warwickshire", "police", historic)
    reading = Reading(receiving.preparer.preparing, run, "police", "Mockshire Police")

    async def read(rows: Sequence[Row], now: datetime) -> Sequence[Ready | Refusal]:
        return reading.read(rows, now)

    return Importer(
        receiving=receiving,
        run=run,
        caller=caller,
        read=read,
        refused=said.pop("refused", lambda _: None),
        done=said.pop("done", lambda _: None),
        **said,
    )


async def test_a_file_is_taken_once(home: Living) -> None:
    forms = [notification(number) for number in range(450)]
    heard: list[Progress] = []
    first = await importer(home, done=heard.append)
    assert await first.take(rows(forms)) == Progress(450, 450, 0, 0)
    assert [one.rows for one in heard] == [0, 200, 400, 450]
    again = await (await importer(home)).take(rows(forms))
    assert again == Progress(450, 450, 0, 0)
    # The same rows in another file are known by their content.
    other = await (await importer(home, b"two")).take(rows(forms[:10]))
    assert other == Progress(10, 0, 10, 0)
    assert home.query("SELECT count(*) FROM intake.referral") == [(450,)]


async def test_a_stopped_import_goes_on_where_it_stopped(home: Living) -> None:
    forms = [notification(number) for number in range(500)]

    class Stop(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.rows:
            raise Stop

    with pytest.raises(Stop):
        await (await importer(home, done=stop)).take(rows(forms))
    assert home.query("SELECT rows FROM intake.import_run") == [(200,)]
    done = await (await importer(home)).take(rows(forms))
    assert (done.rows, done.refused) == (500, 0)
    assert home.query("SELECT count(*) FROM intake.referral") == [(500,)]


async def test_a_bad_row_is_said_and_holds_up_nobody(home: Living) -> None:
    said: list[Mapping[str, Any]] = []
    forms = [
        notification(1),
        {"nothing": "here"},
        notification(3, authority="walsall"),
        notification(4),
        notification(4),
    ]
    given = [*rows(forms), Row(6, wrong="line_too_long")]
    done = await (await importer(home, refused=said.append)).take(iter(given))
    assert done == Progress(rows=6, taken=2, repeated=1, refused=3)
    assert [(one["row"], one["code"]) for one in said] == [
        (2, "invalid_referral"), (3, "invalid_row"), (6, "line_too_long"),
    ]  # fmt: skip
    assert "Sam" not in json.dumps(said)


async def test_what_an_earlier_system_held_starts_and_sends_nothing(home: Living) -> None:
    old = notification(
        1, received_at="2025-11-03T09:00:00Z", children=[child(nhs_number=NHS_NUMBER)]
    )
    said: list[Mapping[str, Any]] = []
    given = [old, notification(2), notification(3, received_at="2031-01-01T00:00:00Z")]
    taking = await importer(home, historic=True, refused=said.append)
    assert await taking.take(rows(given)) == Progress(3, 1, 0, 2)
    assert {one["errors"][0]["pointer"] for one in said} == {"/received_at"}
    ((referral,),) = home.query("SELECT referral_id FROM intake.referral")
    await home.settled()
    assert [one["type"] for one in home.events(str(referral))] == [
        "uk.frontdoor.referral.submitted.v1"
    ]
    manager = home.staff("manager")
    for path in ("/v1/clocks", "/v1/messages", "/v1/allocations"):
        assert await home.listed(path, str(referral), manager) == []
    unknown = await home.http.get(f"/v1/triage/referrals/{referral}", headers=manager)
    assert unknown.status_code == 404
    # It is known to whoever refers the child again.
    school = await home.partner()
    again = await home.refer(school, form(children=[child(nhs_number=NHS_NUMBER)]))
    submitted = home.events(again["id"])[0]["data"]
    assert [one["earlier_referral_id"] for one in submitted["links"]] == [str(referral)]


async def test_a_live_import_waits_while_triage_lags(home: Living) -> None:
    lags = iter([9_000, 3_000, 0])
    asked = []

    async def lag() -> int:
        asked.append(next(lags))
        return asked[-1]

    told: list[int] = []
    taking = await importer(home, lag=lag, waiting=told.append)
    assert (await taking.take(rows([notification(1)]))).taken == 1
    assert told == [9_000]
    assert asked == [9_000, 3_000, 0]


async def test_a_live_import_stops_where_triage_answers_nothing(home: Living) -> None:
    waits: list[None] = []

    async def lag() -> int:
        return 9_000 - min(len(waits), 10)

    async def pause() -> None:
        waits.append(None)

    taking = await importer(home, lag=lag, pause=pause)
    with pytest.raises(TriageStandsStill) as still:
        await taking.take(rows([notification(1)]))
    assert still.value.behind == 8_990
    assert len(waits) == 10 + MOST_LOOKS
    assert home.query("SELECT count(*) FROM intake.referral") == [(0,)]


def test_how_far_triage_is_behind_is_read_from_its_metrics() -> None:
    text = (
        "# TYPE consumer_lag_events gauge\n"
        'consumer_lag_events{consumer="intake"} 7\n'
        'consumer_lag_events{consumer="triage"} 42\n'
    )
    assert lag_in(text) == 42
