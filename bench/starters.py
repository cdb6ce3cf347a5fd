"""How a process of ours is started: by `python -m`, as people do, or forked from one that has loaded
everything, so that two hundred processes can die in a few minutes."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

LOADED = [
    "bench.trial",
    "frontdoor.distributed.serving",
    "frontdoor.distributed.kafka",
    "frontdoor.serving",
    "frontdoor.commands.single",
    *(f"services.{name}.bootstrap" for name in
      ("intake", "triage", "allocation", "notifications", "console")),
]  # fmt: skip
SESSION_SECONDS = 10.0


class Child(Protocol):
    """A process of ours."""

    @property
    def pid(self) -> int | None: ...

    def poll(self) -> int | None:
        """The exit code once it has ended; the negative number of the signal that ended it."""
        ...

    def wait(self) -> object:
        """Until it has ended."""
        ...

    def send_signal(self, sig: int) -> None: ...


Starter = Callable[[Sequence[str], Mapping[str, str], Path], Child]
"""Starts `frontdoor` with some arguments, its whole environment, and the file it writes to."""


def by_module(module: str) -> Starter:
    """Starts what `python -m` starts: the way in which people do."""

    def start(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )

    return start


def forked(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
    """Starts a process under trial (a Starter)."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    process = context.Process(target=_live, args=(list(arguments), dict(environment), log))
    process.start()
    return _Forked(process)


class _Forked:
    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid
        until = time.monotonic() + SESSION_SECONDS
        # Whoever kills its session has to find one.
        while self.poll() is None and os.getpgid(self.pid) != self.pid:
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(0.002)

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> object:
        self._process.join()
        return self.poll()

    def send_signal(self, sig: int) -> None:
        os.kill(self.pid, sig)


def _live(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    os.setsid()
    with log.open("ab") as out, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    # Loaded already, and only there: whoever starts others has no use for it.
    from bench.trial import run

    run(arguments)
