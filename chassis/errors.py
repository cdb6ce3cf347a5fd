"""Named refusals. A decision raises one; HTTP answers it as problem details, a consumer parks on it.

`detail` is read by people and must hold no personal data. `code` is stable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """`pointer` is a JSON pointer (RFC 6901) into what was sent; `detail` never repeats the value."""

    pointer: str
    detail: str


class DomainError(Exception):
    """The state of things does not allow it."""

    status: ClassVar[int] = 409

    def __init__(self, code: str, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)


class BadRequest(DomainError):
    status = 400


class Unauthorised(DomainError):
    status = 401


class Forbidden(DomainError):
    status = 403


class NotFound(DomainError):
    """There is no such thing, or the caller may not know that there is."""

    status = 404


class PreconditionFailed(DomainError):
    """Somebody else was first: the version that the caller saw has passed."""

    status = 412


class TooLarge(DomainError):
    status = 413


class InvalidInput(DomainError):
    status = 422


class PreconditionRequired(DomainError):
    status = 428


class Unavailable(DomainError):
    """Something that this needs is away. `retry_after` is in seconds."""

    status = 503

    def __init__(self, code: str, detail: str, *, retry_after: int = 5) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after
