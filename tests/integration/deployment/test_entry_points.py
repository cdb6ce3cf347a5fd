"""Each command line of docker-compose.yml, run with its environment as the image would run it.
Only where things are differs: a PostgreSQL made ready by the init script, the test broker, and
ports and files of this machine."""

import os
import secrets
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx2
import psycopg
import pytest

from bench.house import until
from bench.ports import free_ports
from chassis.database.embedded import PROGRAMS, EmbeddedPostgres
from frontdoor.catalogue import SERVICES
from tests.compose import ROOT, ours, services
from tests.databases import embedded

FRONTDOOR = Path(sys.executable).parent / "frontdoor"


class Machine:
    """Runs containers of ours as processes."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, kafka: str) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._postgres = urlsplit(postgres.url("postgres")).query
        self._kafka = kafka
        self._topic = f"frontdoor.events.{secrets.token_hex(4)}"
        ports = free_ports(2 * len(SERVICES))
        self.ports = {name: ports[2 * place] for place, name in enumerate(SERVICES)}
        self._inside = {name: ports[2 * place + 1] for place, name in enumerate(SERVICES)}

    def command(self, container: str) -> list[str]:
        keys = {f"/keys/{name}/": f"{self.folder}/{name}/" for name in SERVICES}
        found = [str(FRONTDOOR)]
        for word in ours()[container]["command"]:
            for there, here in keys.items():
                word = word.replace(there, here)  # noqa: PLW2901
            found.append(word)
        return found

    def environment(self, container: str) -> dict[str, str]:
        said = {key: str(value) for key, value in ours()[container].get("environment", {}).items()}
        if said:
            service = said["FRONTDOOR_SERVICE"]
            for key in ("FRONTDOOR_DATABASE_URL", "FRONTDOOR_MIGRATION_URL"):
                if key in said:
                    said[key] = self._here(said[key])
            assert said["FRONTDOOR_KAFKA_BOOTSTRAP"] == "kafka:9092"
            said |= {
                "FRONTDOOR_KAFKA_BOOTSTRAP": self._kafka,
                "FRONTDOOR_KAFKA_TOPIC": self._topic,
                "FRONTDOOR_KEYRING": f"{self.folder}/{service}/keyring.json",
                "FRONTDOOR_PORT": str(self.ports[service]),
                "FRONTDOOR_INTERNAL_PORT": str(self._inside[service]),
                "FRONTDOOR_OTLP_ENDPOINT": "http://127.0.0.1:9",
                **{
                    f"FRONTDOOR_URL_{name.upper()}": f"http://127.0.0.1:{port}"
                    for name, port in self._inside.items()
                },
            }
        kept = {key: os.environ[key] for key in ("PATH", "PYTHONPATH") if key in os.environ}
        return {**kept, "FRONTDOOR_HOST": "127.0.0.1", **said}

    def run(self, container: str) -> str:
        done = subprocess.run(
            self.command(container),
            env=self.environment(container),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, container: str) -> None:
        with (self.folder / f"{container}.log").open("wb") as log:
            self.processes[container] = subprocess.Popen(
                self.command(container),
                env=self.environment(container),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def ready(self, container: str) -> bool:
        assert self.processes[container].poll() is None, self.log(container)
        with suppress(httpx2.TransportError):
            async with httpx2.AsyncClient() as http:
                answer = await http.get(f"http://127.0.0.1:{self._inside[container]}/readyz")
                return answer.status_code == 200
        return False

    def healthy(self, container: str) -> bool:
        """Whether the container's own health check says so."""
        kind, program, *rest = services()[container]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "python")
        port = str(self._inside[container])
        check = [sys.executable, *(word.replace("8081", port) for word in rest)]
        return subprocess.run(check, capture_output=True, check=False).returncode == 0

    def log(self, container: str) -> str:
        return (self.folder / f"{container}.log").read_text("utf-8", "replace")

    def _here(self, url: str) -> str:
        parts = urlsplit(url)
        who, _, host = parts.netloc.rpartition("@")
        assert host == "postgres"
        return urlunsplit(parts._replace(netloc=f"{who}@", query=self._postgres))


@pytest.mark.timeout(240)
async def test_each_command_line_does_what_it_is_there_for(tmp_path: Path, kafka: str) -> None:
    with embedded() as postgres:
        _initialise(postgres)
        machine = Machine(tmp_path, postgres, kafka)
        for name in SERVICES:
            (tmp_path / name).mkdir()
        assert machine.run("keyring").count(": made") == len(SERVICES)
        for name in SERVICES:
            said = machine.run(f"migrate-{name}")
            assert f"{name}: chassis_0001" in said
            assert "as it should be" in said
        try:
            for name in SERVICES:
                machine.start(name)
            for name in SERVICES:
                await until(lambda name=name: machine.ready(name), 60, f"{name} ready")
                assert machine.healthy(name), machine.log(name)
            for process in machine.processes.values():
                process.terminate()
            codes = {name: process.wait(40) for name, process in machine.processes.items()}
            assert codes == dict.fromkeys(SERVICES, 0)
        finally:
            for process in machine.processes.values():
                if process.poll() is None:
                    process.kill()
                    process.wait()
        _no_service_may_enter_anothers_database(machine)


def _initialise(postgres: EmbeddedPostgres) -> None:
    """Run what the image of PostgreSQL runs at its first start."""
    superuser = urlsplit(postgres.url("postgres"))
    given = services()["postgres"]["environment"]
    socket = superuser.query.removeprefix("host=").replace("%2F", "/")
    subprocess.run(
        ["sh", str(ROOT / "deploy/postgres/10-databases.sh")],
        env={
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "PGHOST": socket,
            "PGUSER": str(superuser.username),
            "PGPASSWORD": str(superuser.password),
            "PGDATABASE": "postgres",
            **{key: value for key, value in given.items() if key.startswith("FRONTDOOR_")},
        },
        check=True,
    )


def _no_service_may_enter_anothers_database(machine: Machine) -> None:
    own = machine.environment("triage")["FRONTDOOR_DATABASE_URL"]
    with psycopg.connect(own) as connection:
        connection.execute("SELECT count(*) FROM triage.mark")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE triage.another (id integer)")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(own.replace("@/frontdoor_triage", "@/frontdoor_intake"))
