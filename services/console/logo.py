"""The picture at the head of every page: the authority's or the partnership's own, from a file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 100_000
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, repr=False)
class Logo:
    """A picture as it is sent; its address changes when it does."""

    content: bytes
    media_type: str

    @property
    def address(self) -> str:
        """Where pages find it."""
        return f"/static/console/logo?v={hashlib.sha256(self.content).hexdigest()[:12]}"


def read_logo(path: Path | None) -> Logo | None:
    """The picture in a file, None where none is named. Raises ValueError for one that is neither
    PNG nor SVG, or is too large for every page; OSError where it can't be read."""
    if path is None:
        return None
    content = path.read_bytes()
    if len(content) > MOST_BYTES:
        raise ValueError(f"FRONTDOOR_LOGO: {path.name} has more than {MOST_BYTES:,} bytes")
    if content.startswith(PNG):
        return Logo(content, "image/png")
    if b"<svg" in content[:1_000]:
        return Logo(content, "image/svg+xml")
    raise ValueError(f"FRONTDOOR_LOGO: {path.name} is neither PNG nor SVG")
