"""A practitioner's decision lets one parked event be passed by; those behind it go on."""

from uuid import UUID

import pytest

from chassis.database import Database
from chassis.discard import Discard
from chassis.ids import new_id
from chassis.stream import parked as by_hand
from chassis.stream.kernel import Kernel
from chassis.stream.port import EventSource
from tests.clocks import SetClock
from tests.integration.stream.streams import Stream, drain
from tests.integration.stream.toy import (
    AUTHORITY,
    FORBIDDEN,
    INTAKE,
    REFUSED,
    Tally,
    heard,
    parked,
    word,
)

AUDITED = "SELECT action, details FROM audit_entry WHERE referral_id = $1"


def decided(referral: UUID, sequence: int, clock: SetClock) -> Discard:
    return Discard(
        discard_id=new_id(),
        referral_id=referral,
        authority=AUTHORITY,
        consumer="triage",
        source=INTAKE,
        sequence=sequence,
        reason="acted_on_by_hand",
        staff_id=new_id(),
        decided_at=clock(),
    )


async def carry_out(database: Database, decision: Discard, clock: SetClock) -> None:
    async with database.transaction() as connection:
        await by_hand.discard(connection, decision, clock())


async def test_the_event_is_passed_by_and_those_behind_it_go_on_in_order(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    clock: SetClock,
) -> None:
    referral = new_id()
    words = ["1", REFUSED, "3", FORBIDDEN, "5"]
    sent = [word(referral, number, said, clock()) for number, said in enumerate(words, 1)]
    await stream.publish(sent)
    await drain(kernel, source)

    first = decided(referral, 2, clock)
    await carry_out(database, first, clock)
    assert await kernel.replay() == 1
    assert await heard(database) == {referral: ["1", "3"]}
    async with database.connection() as connection:
        (shown, behind) = await by_hand.shown(connection, "triage", referral)
        since = await by_hand.oldest(connection, "triage")
        entries = await connection.fetch(AUDITED, referral)
    assert (shown["sequence"], shown["reason"]) == (4, "database_23514")
    assert behind["sequence"] == 5
    assert "body" not in shown
    assert since is not None
    assert [entry["action"] for entry in entries] == ["parked_event_discarded"]
    assert str(first.staff_id) in str(entries[0]["details"])

    await carry_out(database, decided(referral, 4, clock), clock)
    await kernel.replay()
    assert await heard(database) == {referral: ["1", "3", "5"]}
    assert await parked(database) == {}

    # What was passed by stays without effect, however often it is delivered again.
    await stream.publish([word(referral, 6, "6", clock())])
    await drain(kernel, source)
    assert await heard(database) == {referral: ["1", "3", "5", "6"]}


async def test_only_the_event_that_stands_first_is_discarded(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    clock: SetClock,
) -> None:
    referral = new_id()
    await stream.publish(
        [
            word(referral, number, said, clock())
            for number, said in enumerate(["1", REFUSED, "3"], 1)
        ]
    )
    await drain(kernel, source)
    for sequence in (1, 3):
        with pytest.raises(by_hand.NotDiscarded, match="stands first"):
            await carry_out(database, decided(referral, sequence, clock), clock)
    with pytest.raises(by_hand.NotDiscarded, match="nothing"):
        await carry_out(database, decided(new_id(), 1, clock), clock)
    assert await kernel.replay() == 0
    assert await heard(database) == {referral: ["1"]}
