"""Versions of things over HTTP: `ETag` and `If-Match` (RFC 9110)."""

import re

from chassis.errors import PreconditionFailed

# A weak tag never matches: `If-Match` compares strongly.
_TAG = re.compile(r'"([0-9]{1,9})"')


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def version(if_match: str | None) -> int | None:
    """The version that the caller has seen, the newest of several; None where they don't say (no
    header, or `*`).

    Raises PreconditionFailed where no tag is one that we gave.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = [_TAG.fullmatch(tag.strip()) for tag in if_match.split(",")]
    seen = [int(tag.group(1)) for tag in found if tag]
    if not seen:
        raise PreconditionFailed("unknown_version", "If-Match is not a version that we gave.")
    return max(seen)
