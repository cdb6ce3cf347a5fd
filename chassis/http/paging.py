"""Cursors: a place in an ordered list, as an opaque text.

A cursor isn't signed: a forged one can only ask for another place in a list that the caller may
read. It is checked, so that it can't ask for what PostgreSQL does not take.
"""

import base64
import binascii
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from chassis.errors import FieldError, InvalidInput

LONGEST = 1_000
MOST = 2**31
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def encode(place: Sequence[object]) -> str:
    """The cursor of the values that order a list."""
    return base64.urlsafe_b64encode(to_json(list(place))).decode().rstrip("=")


def decode(cursor: str, kinds: Sequence[type]) -> tuple[Any, ...]:
    """The values that a cursor of ours stands for: an int, float, str, datetime or UUID for each
    of `kinds`. Raises InvalidInput."""
    try:
        if len(cursor) > LONGEST:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        values = from_json(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError
        return tuple(_value(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, AttributeError, binascii.Error) as fault:
        raise InvalidInput(
            "invalid_cursor",
            "The cursor is not one that this list gave.",
            errors=(FieldError("/cursor", "Not a cursor of this list."),),
        ) from fault


def _value(value: Any, kind: type) -> Any:
    if kind is datetime:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None or not EARLIEST <= at < LATEST:
            raise ValueError
        return at
    if kind is UUID:
        return UUID(value)
    if kind is float and type(value) in {int, float} and math.isfinite(value):
        return float(value)
    if kind is int and type(value) is int and -MOST <= value < MOST:
        return value
    if kind is str and type(value) is str and "\x00" not in value:
        return value
    raise ValueError
