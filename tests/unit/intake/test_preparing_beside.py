"""Forms are read here as a rule, and in the process beside while many are sent at once."""

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.beside import Beside
from chassis.errors import InvalidInput, Unavailable
from chassis.ids import new_id
from chassis.vault import BlindIndex
from services.intake.preparing import Preparing, Written
from services.intake.preparing_beside import BUSY, Preparer
from tests.journey.forms import form
from tests.shipped import SHIPPED

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)
PREPARING = Preparing(SHIPPED, BlindIndex(b"a key of tests"), new_id)


@dataclass
class Neighbour(Beside):
    """A process beside that is no process, started or not, alive or dead."""

    ready: bool = True
    alive: bool = True
    read: list[int] = field(default_factory=list)

    def is_ready(self, context: object) -> bool:
        return self.ready

    async def run(
        self, function: Callable[..., Any], context: Any, argument: Any, *, pieces: int
    ) -> Any:
        self.read.append(len(argument))
        if not self.alive:
            raise Unavailable("process_died", "")
        return function(context, argument)


def written(**said: Any) -> Written:
    return Written(json.dumps(form(**said)).encode())


async def take(preparer: Preparer, *forms: Written) -> list[str]:
    """Forms that come at the same moment: the authority that each was read for."""
    with ExitStack() as taking:
        for _ in forms:
            taking.enter_context(preparer.taking())
        prepared = await asyncio.gather(*(preparer.prepare(one, NOW) for one in forms))
    return [one.authority for one in prepared]


async def test_a_few_are_read_here() -> None:
    beside = Neighbour()
    few = [written()] * (BUSY - 1)
    assert await take(Preparer(PREPARING, beside, lasting=0), *few) == ["warwickshire"] * len(few)
    assert beside.read == []


async def test_many_are_read_beside_together() -> None:
    beside = Neighbour()
    many = [written()] * (2 * BUSY)
    preparer = Preparer(PREPARING, beside, lasting=0)
    assert await take(preparer, *many) == ["warwickshire"] * len(many)
    assert beside.read == [BUSY, BUSY]


async def test_many_for_a_moment_are_read_here() -> None:
    beside = Neighbour()
    many = [written()] * (2 * BUSY)
    assert await take(Preparer(PREPARING, beside), *many) == ["warwickshire"] * len(many)
    assert beside.read == []


@pytest.mark.parametrize("beside", [Neighbour(ready=False), Neighbour(alive=False)])
async def test_none_is_lost_where_the_process_has_not_started_or_died(beside: Neighbour) -> None:
    many = [written()] * BUSY
    assert await take(Preparer(PREPARING, beside, lasting=0), *many) == ["warwickshire"] * BUSY


async def test_who_sent_a_form_that_is_refused_hears_which_field_it_is() -> None:
    preparer = Preparer(PREPARING, Neighbour(), lasting=0)
    good, bad = written(), written(authority="atlantis")
    with ExitStack() as taking:
        for _ in range(BUSY):
            taking.enter_context(preparer.taking())
        found = await asyncio.gather(
            *(preparer.prepare(one, NOW) for one in (good, bad)), return_exceptions=True
        )
    assert not isinstance(found[0], BaseException)
    assert isinstance(found[1], InvalidInput)
    assert [error.pointer for error in found[1].errors] == ["/authority"]


async def test_what_a_process_beside_reads_is_what_would_be_read_here() -> None:
    beside = Beside(urgent=True)
    try:
        await beside.run(_nothing, PREPARING, None, pieces=BUSY)
        assert beside.is_ready(PREPARING)
        preparer = Preparer(PREPARING, beside, lasting=0)
        with ExitStack() as taking:
            for _ in range(BUSY):
                taking.enter_context(preparer.taking())
            there = await preparer.prepare(written(), NOW)
    finally:
        beside.end()
    here = PREPARING.prepare(written(), NOW)
    assert json.loads(there.form)["narrative"] == json.loads(here.form)["narrative"]
    assert there.facts["signals"] == here.facts["signals"]
    assert there.facts["concerns"][0].code == here.facts["concerns"][0].code
    assert len(there.keys) == len(here.keys)
    assert there.answer["completeness"] == here.answer["completeness"]


def _nothing(preparing: Preparing, argument: None) -> None:
    """Starts the process."""
