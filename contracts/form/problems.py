"""What is wrong with a form, by JSON pointer (RFC 6901). No detail repeats what was submitted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# A member's name may hold anything. Only what looks like a field's name is repeated.
_FIELD_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")


class FormRefused(Exception):
    """The form cannot be taken. `status` is 400 (not a JSON object) or 422; `errors` are pairs of
    a JSON pointer and what is wrong there."""

    def __init__(self, status: int, errors: tuple[tuple[str, str], ...]) -> None:
        super().__init__(f"form refused: {status}, {len(errors)} errors")
        self.status = status
        self.errors = errors


@dataclass(frozen=True, slots=True)
class FieldWarning:
    """Something that was taken although it is not as it should be. Codes: `missing`, `set_aside`,
    `shortened`, `unverified`, `unknown_field`, `characters_removed`, `read_as_yes`."""

    pointer: str
    detail: str
    code: str


def pointer_to(path: Iterable[str | int]) -> str:
    """The JSON pointer of a path. It ends above a member whose name may be personal."""
    parts = []
    for part in path:
        if isinstance(part, str) and not _FIELD_NAME.fullmatch(part):
            break
        parts.append(f"/{part}")
    return "".join(parts)
