"""The mailbox that bounces come to: a Maildir folder, which any mail server can deliver into."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MOST = 100
MOST_BYTES = 2_000_000
SEEN = ":2,S"


def waiting(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The mails that nobody has looked at, the oldest name first. A mail that is too large for a
    notification is given without content. Raises OSError."""
    for path in sorted((folder / "new").iterdir())[:MOST]:
        yield path, path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""


def put_away(path: Path) -> None:
    """Mark a mail as seen, as mail programs do. Another process may have done it."""
    target = path.parents[1] / "cur" / f"{path.name.partition(':')[0]}{SEEN}"
    target.parent.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        path.rename(target)


async def read(folder: Path) -> list[tuple[Path, bytes]]:
    """Those that wait. The disk may be slow. Raises OSError."""
    return await asyncio.to_thread(lambda: list(waiting(folder)))
