"""A process beside this one, really started."""

import os
from operator import add
from typing import NoReturn

import pytest

from chassis.beside import FEW, Beside
from chassis.errors import Unavailable

MANY = FEW + 1


def die(context: int, argument: int) -> NoReturn:
    os._exit(context + argument)


async def test_it_is_ready_once_it_was_asked_for_and_has_started() -> None:
    beside = Beside(urgent=True)
    try:
        assert not beside.is_ready(1)
        assert await beside.run(add, 1, 2, pieces=MANY) == 3
        assert beside.is_ready(1)
        assert not beside.is_ready(2)
    finally:
        beside.end()


async def test_one_that_dies_is_told_and_another_takes_its_place() -> None:
    beside = Beside()
    try:
        with pytest.raises(Unavailable):
            await beside.run(die, 1, 2, pieces=MANY)
        assert not beside.is_ready(1)
        assert await beside.run(add, 1, 2, pieces=MANY) == 3
    finally:
        beside.end()


async def test_one_that_cannot_start_is_never_ready() -> None:
    async def inside() -> None:
        """No process can be sent what lives in another's function."""

    beside = Beside()
    try:
        assert not beside.is_ready(inside)
        with pytest.raises(AttributeError):
            await beside.run(add, inside, 1, pieces=MANY)
        assert not beside.is_ready(inside)
    finally:
        beside.end()
