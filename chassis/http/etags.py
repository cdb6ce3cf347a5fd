"""Versions of things over HTTP: `ETag`, `If-Match` and `If-None-Match` (RFC 9110)."""

import hashlib
import re

from chassis.errors import PreconditionFailed

# A weak tag never matches: `If-Match` compares strongly.
_TAG = re.compile(r'"([0-9]{1,9})"')


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def of_content(content: bytes) -> str:
    """The entity tag of what has no version of its own. It matches no `If-Match`."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


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


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has what `tag` stands for already: `If-None-Match` compares weakly."""
    if if_none_match is None:
        return False
    seen = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in seen or tag.removeprefix("W/") in seen
