"""How many messages a second are written and handed to a mail server, beside the SMTP client alone.

    python -m bench.mail --messages 5000 --rounds 3 [--connections 20] [--profile]

The mail server (`bench/sink.py`, aiosmtpd) is a process of its own. In each round so many messages
about decisions are queued in notifications' own database, a real PostgreSQL (its usual settings,
fsync on), and its sender empties the queue as it does in a house: it claims, reads what intake
and triage say, writes the email from the shipped templates, hands it over, seals what was sent and
commits what became of it. What intake and triage say is JSON that was made beforehand; what it costs
them to say it is not counted. Then the same SMTP client (aiosmtplib) sends the same bytes, ready in
memory, over as many connections that are kept open to the same server, and does nothing else.

Twenty connections are what a relay of one's own takes; a house opens ten unless it is told
otherwise, for hosted ones take fewer (FRONTDOOR_SMTP_CONNECTIONS): more of them keep the server
busy while outcomes are committed.

The time is from the first claim until the last outcome is committed. `cpu_us_per_message` is this
process's, the server's and PostgreSQL's. A run in which a message is missing, taken twice, or that
misses the aim, ends with 1.
"""

import asyncio
import cProfile
import json
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import uvloop
from aiosmtplib import SMTP

from bench.subjects import Spent
from bench.telling import NAME, Post
from chassis.database.embedded import EmbeddedPostgres
from chassis.database.migrate import migrate
from chassis.database.schemas import ServiceSchema
from frontdoor import memory
from services.notifications.channels.port import Letter
from services.notifications.channels.smtp import Relay

AIM = 0.8
PASSWORD = "a-role-in-a-bench"


class MailServer:
    """`bench.sink` in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.sink"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self.port = int(self._said())

    def taken(self) -> dict[str, int]:
        """How many messages it took since it was last asked, and how many of them again."""
        assert self._process.stdin
        print("?", file=self._process.stdin, flush=True)
        found: dict[str, int] = json.loads(self._said())
        return found

    def _said(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def stop(self) -> None:
        """Its input ends, and so does it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=10)


@dataclass(slots=True)
class Alone:
    """The SMTP client and nothing else, over connections that stay open."""

    clients: list[SMTP]

    @classmethod
    async def to(cls, relay: Relay) -> "Alone":
        clients = [SMTP(hostname=relay.host, port=relay.port) for _ in range(relay.connections)]
        for client in clients:
            await client.connect()
            await client.ehlo()
        return cls(clients)

    async def send(self, letters: Sequence[Letter]) -> None:
        """Send ready letters, as many at once as there are connections."""
        queue = deque(letters)

        async def lane(client: SMTP) -> None:
            while queue:
                letter = queue.popleft()
                await client.mail(letter.sender)
                await client.rcpt(letter.recipient)
                await client.data(letter.content)

        await asyncio.gather(*(lane(client) for client in self.clients))

    async def close(self) -> None:
        for client in self.clients:
            await client.quit()


@dataclass(slots=True)
class Figures:
    """What one subject took in each round: seconds, and CPU by process."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[dict[str, float]] = field(default_factory=list)
    wrong: int = 0

    async def of(
        self, work: Callable[[], Awaitable[None]], count: int, server: MailServer, spent: Spent
    ) -> None:
        """One round. Whatever was not taken exactly once is `wrong`."""
        before, own, began = spent.seconds(), time.process_time(), time.perf_counter()
        await work()
        self.seconds.append(time.perf_counter() - began)
        own, after = time.process_time() - own, spent.seconds()
        self.cpu.append({"client": own, **{name: after[name] - before[name] for name in after}})
        took = server.taken()
        self.wrong += abs(took["taken"] - count) + took["again"]


async def measure(
    url: str, server: MailServer, spent: Spent, count: int, rounds: int, relay: Relay, *,
    profiled: bool,
) -> bool:  # fmt: skip
    """Measure and print. Whether the aim was met and nothing was wrong."""
    post = Post(url, relay)
    await post.database.open()
    commands = asyncio.create_task(post.kernel.run_commands())
    decided = await post.receive(count * rounds)
    # The acknowledgements go first, and warm everything up.
    await post.send(count * rounds)
    server.taken()
    alone = await Alone.to(relay)
    memory.settle()
    ours, theirs = Figures(), Figures()
    profile = cProfile.Profile()
    for start in range(0, count * rounds, count):
        await post.decide(decided[start : start + count])
        if profiled:
            profile.enable()
        await ours.of(lambda: post.send(count), count, server, spent)
        profile.disable()
        await theirs.of(lambda: alone.send(post.letters), count, server, spent)
    await alone.close()
    commands.cancel()
    await asyncio.gather(commands, return_exceptions=True)
    size = sum(len(one.content) for one in post.letters) // len(post.letters)
    await post.close()
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    return _print(ours, theirs, count, size, relay)


def _print(ours: Figures, theirs: Figures, count: int, size: int, relay: Relay) -> bool:
    bare = statistics.median(theirs.seconds)
    reached = bare / statistics.median(ours.seconds)
    well = reached >= AIM and not ours.wrong and not theirs.wrong
    for name, one in (("notifications to SMTP", ours), ("the SMTP client alone", theirs)):
        figures: dict[str, Any] = {
            "bench": "mail",
            "subject": name,
            "messages": count,
            "bytes_per_message": size,
            "connections": relay.connections,
            "rounds": len(one.seconds),
            "messages_per_second": round(count / statistics.median(one.seconds)),
            "cpu_us_per_message": {
                part: round(statistics.median(each[part] for each in one.cpu) / count * 1e6)
                for part in one.cpu[0]
            },
            "missing_or_twice": one.wrong,
        }
        if one is ours:
            figures |= {"of_the_client_alone": round(reached, 2), "aim": AIM, "met": well}
        print(json.dumps(figures), flush=True)
    return well


@contextmanager
def _database(folder: Path) -> Iterator[tuple[str, int]]:
    """The URI of notifications' database, and its server's process."""
    postgres = EmbeddedPostgres(folder / "postgres")
    url = postgres.start()
    try:
        migrations = Path(__file__).parents[1] / "services" / NAME / "migrations"
        migrate(url, [ServiceSchema(NAME, migrations, PASSWORD)], ("pre", "post"))
        yield url, int((postgres.data / "postmaster.pid").read_text().split()[0])
    finally:
        postgres.stop()


@click.command()
@click.option("--messages", "count", default=5000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--connections", default=20, show_default=True)
@click.option("--profile", "profiled", is_flag=True, help="Profile the sender, which slows it.")
def main(count: int, rounds: int, connections: int, profiled: bool) -> None:
    memory.look_seldom()
    with tempfile.TemporaryDirectory(prefix="frontdoor-mail-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = MailServer()
        try:
            with (
                _database(folder) as (url, postmaster),
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                relay = Relay("127.0.0.1", server.port, connections=connections)
                spent = Spent({"mail server": server.pid}, postmaster)
                well = runner.run(
                    measure(url, server, spent, count, rounds, relay, profiled=profiled)
                )
        finally:
            server.stop()
    if not well:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
