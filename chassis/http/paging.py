"""Cursors: a place in an ordered list, as an opaque text."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from chassis.errors import FieldError, InvalidInput


def encode(place: Sequence[object]) -> str:
    """The cursor of the values that order a list."""
    return base64.urlsafe_b64encode(to_json(list(place))).decode().rstrip("=")


def decode(cursor: str, kinds: Sequence[type]) -> tuple[Any, ...]:
    """The values that a cursor of ours stands for. Raises InvalidInput."""
    try:
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
        if at.tzinfo is None:
            raise ValueError
        return at
    if kind is UUID:
        return UUID(value)
    if kind is int and not -(2**31) <= int(value) < 2**31:
        raise ValueError
    return kind(value)
