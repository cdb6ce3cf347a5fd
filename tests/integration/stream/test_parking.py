"""Conformance: what can't be answered is put aside with what comes behind it, and holds up nobody
else."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.database import Database
from chassis.ids import new_id
from chassis.stream import store
from chassis.stream.kernel import Kernel
from chassis.stream.port import EventSource
from policy.loading import UnknownVersion
from tests.clocks import SetClock
from tests.integration.stream.streams import Delivery, Stream, drain
from tests.integration.stream.toy import (
    EARLY,
    FAULTY,
    FORBIDDEN,
    NUL,
    REFUSED,
    TROUBLE,
    UNSAVEABLE,
    Tally,
    Toy,
    heard,
    parked,
    told,
    word,
)

REASONS = {
    REFUSED: "cannot_hear",
    FAULTY: "fault_ZeroDivisionError",
    NUL: "database_22021",
    FORBIDDEN: "database_23514",
    UNSAVEABLE: "fault_LookupError",
}


async def ask_replay(database: Database, referral_id: UUID) -> bool:
    """As an operator does."""
    async with database.transaction() as connection:
        return await store.ask_replay(connection, "triage", referral_id)


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("most", [2, 500])
async def test_trouble_parks_its_referral_and_what_is_behind_it(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    clock: SetClock,
    trouble: str,
    most: int,
) -> None:
    before, culprit, after = new_id(), new_id(), new_id()
    events = [
        word(one, number, f"{number}", clock())
        for number in (1, 2, 3, 4)
        for one in (before, culprit, after)
    ]
    events[4] = word(culprit, 2, trouble, clock())
    await stream.publish(events)
    await drain(kernel, source, most)
    assert await parked(database) == {culprit: (REASONS[trouble], 3)}
    whole = ["1", "2", "3", "4"]
    assert await heard(database) == {before: whole, culprit: ["1"], after: whole}
    assert await told(database, "triage/1") == {before: whole, culprit: ["1"], after: whole}


async def test_a_case_that_cannot_be_read_is_parked_alone(
    stream: Stream, source: EventSource, kernel: Kernel[Tally], database: Database, toy: Toy,
    clock: SetClock,
) -> None:  # fmt: skip
    culprit, other = new_id(), new_id()
    toy.unreadable.add(culprit)
    await stream.publish([word(one, 1, "1", clock()) for one in (culprit, other)])
    await drain(kernel, source)
    assert await parked(database) == {culprit: ("fault_LookupError", 1)}
    assert await heard(database) == {other: ["1"]}
    toy.unreadable.clear()
    await ask_replay(database, culprit)
    await kernel.replay()
    assert await heard(database) == {other: ["1"], culprit: ["1"]}


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_a_replay_restores_the_order(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    toy: Toy,
    clock: SetClock,
    trouble: str,
) -> None:
    referral = new_id()
    words = ["1", trouble, "3", "4"]
    await stream.publish(
        [word(referral, number, said, clock()) for number, said in enumerate(words, 1)]
    )
    await drain(kernel, source)
    assert await kernel.replay() == 0
    toy.mended.add(trouble)
    assert await ask_replay(database, referral)
    await stream.publish([word(referral, 5, "5", clock())])
    await drain(kernel, source)
    assert await kernel.replay() == 1
    await stream.publish([word(referral, 6, "6", clock())])
    await drain(kernel, source)
    mended = f"mended {trouble}".strip("\0")
    assert await heard(database) == {referral: ["1", mended, "3", "4", "5", "6"]}
    assert await told(database, "triage/1") == await heard(database)
    assert await parked(database) == {}
    assert await kernel.replay() == 0


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_a_replay_that_fails_again_stays_parked_where_it_failed(
    stream: Stream,
    source: EventSource,
    kernel: Kernel[Tally],
    database: Database,
    toy: Toy,
    clock: SetClock,
    trouble: str,
) -> None:
    referral = new_id()
    words = [REFUSED, "2", trouble, "4"]
    if trouble == REFUSED:
        words[0] = FAULTY
    await stream.publish(
        [word(referral, number, said, clock()) for number, said in enumerate(words, 1)]
    )
    await drain(kernel, source)
    toy.mended.add(words[0])
    await ask_replay(database, referral)
    assert await kernel.replay() == 1
    first = f"mended {words[0]}"
    assert await heard(database) == {referral: [first, "2"]}
    assert await parked(database) == {referral: (REASONS[trouble], 2)}
    assert await kernel.replay() == 0, "a replay is tried once for each time it is asked for"
    toy.mended.add(trouble)
    await ask_replay(database, referral)
    await kernel.replay()
    assert await heard(database) == {referral: [first, "2", f"mended {trouble}".strip("\0"), "4"]}
    assert await told(database, "triage/1") == await heard(database)


async def test_a_parked_event_that_is_delivered_again_has_one_effect(
    kernel: Kernel[Tally], database: Database, toy: Toy, clock: SetClock
) -> None:
    referral = new_id()
    events = [word(referral, number, said, clock()) for number, said in ((1, REFUSED), (2, "2"))]
    delivery = Delivery()
    await kernel.answer_events(delivery, delivery.batch(events))
    await kernel.answer_events(delivery, delivery.batch(events))
    toy.mended.add(REFUSED)
    await ask_replay(database, referral)
    await kernel.replay()
    assert await heard(database) == {referral: ["mended refused", "2"]}
    assert await parked(database) == {}


async def test_nothing_parked_is_nothing_to_replay(database: Database) -> None:
    assert not await ask_replay(database, new_id())


async def test_an_unknown_version_of_a_pack_waits(
    stream: Stream, source: EventSource, kernel: Kernel[Tally], database: Database, toy: Toy,
    clock: SetClock,
) -> None:  # fmt: skip
    referral = new_id()
    await stream.publish(
        [word(referral, number, said, clock()) for number, said in ((1, "1"), (2, EARLY))]
    )
    with pytest.raises(UnknownVersion):
        await drain(kernel, source)
    assert await parked(database) == {}
    toy.mended.add(EARLY)
    await drain(kernel, source)
    assert await heard(database) == {referral: ["1", "mended early"]}


async def test_a_replay_that_has_to_wait_holds_up_no_other_replay(
    stream: Stream, source: EventSource, kernel: Kernel[Tally], database: Database, toy: Toy,
    clock: SetClock,
) -> None:  # fmt: skip
    waits, ready = new_id(), new_id()
    await stream.publish(
        [
            word(one, number, said, clock())
            for one, words in ((waits, (REFUSED, EARLY)), (ready, (REFUSED, "2")))
            for number, said in enumerate(words, 1)
        ]
    )
    await drain(kernel, source)
    toy.mended.add(REFUSED)
    await ask_replay(database, waits)
    await ask_replay(database, ready)
    await kernel.replay()
    assert (await heard(database))[ready] == ["mended refused", "2"]
    toy.mended.add(EARLY)
    await kernel.replay()
    assert (await heard(database))[waits] == ["mended refused", "mended early"]
    assert await parked(database) == {}


async def test_a_source_of_a_new_epoch_leaves_a_parked_referral_parked(
    kernel: Kernel[Tally], database: Database, toy: Toy, clock: SetClock
) -> None:
    referral = new_id()
    delivery = Delivery()
    await kernel.answer_events(delivery, delivery.batch([word(referral, 1, REFUSED, clock())]))
    object.__setattr__(kernel.service, "source", "triage/2")
    await kernel.answer_events(delivery, delivery.batch([word(referral, 2, "2", clock())]))
    assert await parked(database) == {referral: ("cannot_hear", 2)}
    toy.mended.add(REFUSED)
    assert await ask_replay(database, referral)
    await kernel.replay()
    assert await heard(database) == {referral: ["mended refused", "2"]}
    assert await parked(database) == {}


WORDS = st.sampled_from(["a", "b", "c", *TROUBLE])
STREAMS_OF_WORDS = st.lists(st.tuples(st.integers(0, 3), WORDS), max_size=12)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(said=STREAMS_OF_WORDS, sizes=st.lists(st.integers(1, 5), min_size=1), again=st.booleans())
async def test_any_stream_ends_with_every_word_once_and_in_order(
    kernel: Kernel[Tally],
    database: Database,
    toy: Toy,
    clock: SetClock,
    said: list[tuple[int, str]],
    sizes: list[int],
    again: bool,
) -> None:
    toy.mended.clear()
    referrals = [new_id() for _ in range(4)]
    words: dict[UUID, list[str]] = {}
    events = []
    for place, spoken in said:
        words.setdefault(referrals[place], []).append(spoken)
        number = len(words[referrals[place]])
        events.append(word(referrals[place], number, spoken, clock()))
    delivery = Delivery()
    place = turn = 0
    while place < len(events):
        size = sizes[turn % len(sizes)]
        batch = delivery.batch(events[place : place + size])
        for _ in range(2 if again else 1):
            await kernel.answer_events(delivery, batch)
        place, turn = place + size, turn + 1

    clean = {}
    for one, sentence in words.items():
        good = [place for place, each in enumerate(sentence) if each in TROUBLE]
        clean[one] = sentence[: good[0]] if good else sentence
    found = await heard(database)
    assert {one: found.get(one, []) for one in words} == clean

    toy.mended.update(TROUBLE)
    for one in words:
        await ask_replay(database, one)
    await kernel.replay()
    whole = {
        one: [
            f"mended {each}".strip("\0") if place >= len(clean[one]) and each in TROUBLE else each
            for place, each in enumerate(sentence)
        ]
        for one, sentence in words.items()
    }
    found, spoken_of = await heard(database), await told(database, "triage/1")
    assert {one: found[one] for one in words} == whole
    assert {one: spoken_of[one] for one in words} == whole
    assert await parked(database) == {}
