"""Versions of things over HTTP: `ETag` and `If-Match` (RFC 9110)."""

import re

from chassis.errors import PreconditionFailed

_TAG = re.compile(r'"(\d{1,9})"')


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def version(if_match: str | None) -> int | None:
    """The version that the caller has seen; None where they don't say (no header, or `*`).

    Raises PreconditionFailed for a tag that we never gave.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if not found:
        raise PreconditionFailed("unknown_version", "If-Match is not a version that we gave.")
    return int(found.group(1))
