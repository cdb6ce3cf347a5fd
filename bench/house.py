"""A real `frontdoor up` in a process of its own, that can be killed and started again."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import psutil

from bench.ports import free_ports
from bench.starters import ByModule, Child, Starter
from chassis.database.embedded import EmbeddedPostgres

PATIENCE_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.02


class NotReady(Exception):
    """The house ended, or did not get ready in time. What it wrote last is in the message."""


class HouseProcess:
    """One installation in `folder` and the process that serves it. `settings` are environment
    variables without their prefix, as in SMTP_SECONDS="2". `database` is the URI of an owner's
    database that is there already."""

    def __init__(
        self,
        folder: Path,
        *,
        smtp: str | None,
        settings: Mapping[str, str] | None = None,
        database: str | None = None,
        starter: Starter | None = None,
    ) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.kills = 0
        self._smtp = smtp
        self._database = database
        self._starter = starter or ByModule()
        self._settings = dict(settings or {})
        self._process: Child | None = None

    @property
    def credentials(self) -> Path:
        """Where the first start wrote how to sign in."""
        return self.folder / "credentials.json"

    @property
    def owner_url(self) -> str:
        """The URI of the database's superuser."""
        return self._database or self.postgres.url("frontdoor")

    @property
    def log(self) -> str:
        """What the process wrote, over all its starts."""
        return (self.folder / "house.log").read_text("utf-8", "replace")

    def start(self, **said: str) -> None:
        """Start the process, with more settings for this once; `ready` waits until it serves."""
        more = ["--smtp", self._smtp] if self._smtp else []
        more += ["--database", self._database] if self._database else []
        self._process = self._starter.start(
            ["up", "--data", str(self.folder), "--port", str(self.port), *more],
            {**self._environment(), **{f"FRONTDOOR_{key}": value for key, value in said.items()}},
            self.folder / "house.log",
        )

    def _environment(self) -> dict[str, str]:
        # Compiled modules are kept, as on a machine where it is installed.
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **{f"FRONTDOOR_{k}": v for k, v in self._settings.items()}}

    async def ready(self, within: float = PATIENCE_SECONDS) -> float:
        """Wait until /readyz says so; how many seconds that took. Raises NotReady."""
        began = time.perf_counter()
        async with httpx2.AsyncClient(base_url=self.url, timeout=5) as http:
            while time.perf_counter() - began < within:
                if self.ended is not None:
                    raise NotReady(f"it ended with {self.ended}:\n{self.log[-4000:]}")
                with suppress(httpx2.TransportError):
                    if (await http.get("/readyz")).status_code == 200:
                        return time.perf_counter() - began
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        raise NotReady(f"not ready within {within} s:\n{self.log[-4000:]}")

    async def up(self) -> float:
        """Start, and wait until it serves. Seconds that took."""
        began = time.perf_counter()
        self.start()
        await self.ready()
        return time.perf_counter() - began

    @property
    def pid(self) -> int:
        """The process that was started last."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """The exit code, once the process has ended."""
        assert self._process is not None
        return self._process.poll()

    def kill(self) -> None:
        """`kill -9`. Its PostgreSQL goes on, as it would: it belongs to no terminal of ours."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self.kills += 1

    def kill_with_postgres(self) -> None:
        """`kill -9` of the process and of every process of its PostgreSQL, as a power cut."""
        pid = int((self.postgres.data / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(pid)
        doomed = [postmaster, *postmaster.children(recursive=True)]
        self.kill()
        for one in doomed:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(doomed, timeout=10)

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def stopped(self, within: float) -> int:
        """Wait for the end; the exit code. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while self.ended is None:
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        return self.ended

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `frontdoor` command on this installation."""
        return self._starter.run([*arguments, "--data", str(self.folder)], os.environ)

    def clear(self) -> None:
        """End everything."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        if self.postgres.running():
            self.postgres.kill()


@contextmanager
def house(
    *,
    smtp: str | None,
    like: Path | None = None,
    starter: Starter | None = None,
    **settings: str,
) -> Iterator[HouseProcess]:
    """An installation in a new folder, not yet started; everything is gone afterwards. `like` is
    the folder of another one, stopped, to begin as a copy of."""
    folder = Path(tempfile.mkdtemp(prefix="frontdoor-house-"))
    if like is not None:
        subprocess.run(["cp", "-a", f"{like}/.", str(folder)], check=True)
    # PostgreSQL runs as another user where we are root, and has to get to its data.
    folder.chmod(0o711)
    one = HouseProcess(folder, smtp=smtp, settings=settings, starter=starter)
    try:
        yield one
    finally:
        one.clear()
        shutil.rmtree(folder, ignore_errors=True)


async def until(holds: Any, within: float, what: str) -> Any:
    """Ask `holds` again and again until its answer is true, and return that answer.

    Raises TimeoutError, naming `what` was waited for.
    """
    try:
        async with asyncio.timeout(within):
            while not (found := await holds()):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TimeoutError(f"{what}: not within {within} s") from None
    return found
