"""How a process of ours is started: by `python -m`, as people do, or forked from one that has loaded
everything, so that two hundred processes can die in a few minutes. Commands are run to their end in
the same two ways."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LOADED = ["bench.loaded"]
SESSION_SECONDS = 10.0
COMMAND_SECONDS = 120.0


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


class Starter(Protocol):
    """Runs `frontdoor` with some arguments and its whole environment."""

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        """A process that goes on, and writes to a file."""
        ...

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """A command, to its end. Raises subprocess.TimeoutExpired."""
        ...


@dataclass(frozen=True, slots=True)
class ByModule:
    """What `python -m` starts: the way in which people do (a Starter)."""

    module: str = "frontdoor"

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", self.module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", self.module, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            env=dict(environment),
        )


class ByFork:
    """Processes under trial (a Starter)."""

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        return _Forked(_forked(arguments, environment, log, log))

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as folder:
            out, errors = Path(folder) / "out", Path(folder) / "errors"
            process = _forked(arguments, environment, out, errors)
            process.join(COMMAND_SECONDS)
            if process.exitcode is None:
                process.kill()
                raise subprocess.TimeoutExpired(list(arguments), COMMAND_SECONDS)
            return subprocess.CompletedProcess(
                list(arguments), process.exitcode, out.read_text(), errors.read_text()
            )


def _forked(
    arguments: Sequence[str], environment: Mapping[str, str], out: Path, errors: Path
) -> multiprocessing.process.BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    said = (list(arguments), dict(environment), out, errors)
    process = context.Process(target=_live, args=said)
    process.start()
    return process


class _Forked:
    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid
        until = time.monotonic() + SESSION_SECONDS
        # Whoever kills its session has to find one, unless it has ended already.
        with suppress(ProcessLookupError):
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


def _live(arguments: list[str], environment: dict[str, str], out: Path, errors: Path) -> None:
    os.setsid()
    with Path(os.devnull).open("rb") as nothing, out.open("ab") as said, errors.open("ab") as wrong:
        for number, file in enumerate((nothing, said, wrong)):
            os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(environment)
    # Loaded already, and only there: whoever starts others has no use for it.
    if arguments[0] in ("up", "serve"):
        from bench.trial import run

        run(arguments)
    else:
        from frontdoor.commandline import main

        main(arguments)
