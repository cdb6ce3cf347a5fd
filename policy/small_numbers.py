"""Numbers that are not published, because people might be known by them."""

from typing import Final

SMALL: Final = 5
"""One to five are not published."""


def is_small(count: int | None) -> bool:
    """Whether a count is left out where figures are published."""
    return 0 < (count or 0) <= SMALL
