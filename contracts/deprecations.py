"""Operations of the API that will go, as data: contracts/deprecated.yaml.

Whoever calls one reads it in the headers of each answer: `Deprecation` (RFC 9745), `Sunset` (RFC
8594), and a link to what to do instead.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

FILE: Final = Path(__file__).with_name("deprecated.yaml")
NOTICE: Final = timedelta(days=183)
"""Partners have at least half a year: many release software once a term."""

Headers = tuple[tuple[bytes, bytes], ...]


class Deprecated(BaseModel):
    """One operation. `since` and `until` are moments; `until` is left out while it is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[str, Field(pattern=r"^/")]
    since: AwareDatetime
    until: AwareDatetime | None = None
    read: Annotated[str, Field(pattern=r"^https://[!-;=?-~]+$")]

    @model_validator(mode="after")
    def _gives_notice(self) -> "Deprecated":
        if self.until is not None and self.until - self.since < NOTICE:
            raise ValueError(f"goes less than {NOTICE.days} days after it was deprecated")
        return self

    @property
    def headers(self) -> Headers:
        """What every answer says of it."""
        said = [(b"deprecation", f"@{int(self.since.timestamp())}".encode())]
        relations = ["deprecation"]
        if self.until is not None:
            at = self.until.astimezone(UTC)
            said.append((b"sunset", format_datetime(at, usegmt=True).encode()))
            relations.append("sunset")
        links = ", ".join(f'<{self.read}>; rel="{one}"; type="text/html"' for one in relations)
        return (*said, (b"link", links.encode()))


def _once(operations: tuple[Deprecated, ...]) -> tuple[Deprecated, ...]:
    twice = [
        name
        for name, times in Counter((one.method, one.path) for one in operations).items()
        if times > 1
    ]
    if twice:
        raise ValueError(f"stands there twice: {twice}")
    return operations


class Listed(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operations: Annotated[tuple[Deprecated, ...], AfterValidator(_once)]


def read(text: str) -> Mapping[tuple[str, str], Deprecated]:
    """Each operation by its method and path. Raises pydantic.ValidationError."""
    listed = Listed.model_validate(yaml.safe_load(text))
    return {(one.method, one.path): one for one in listed.operations}


@cache
def deprecated() -> Mapping[tuple[str, str], Deprecated]:
    """What is deprecated in this release."""
    return read(FILE.read_text(encoding="utf-8"))
