"""A Kafka broker for tests: one for a whole run of pytest, however many workers it has.

`FRONTDOOR_TEST_KAFKA` names a broker outside the tests. Else Kafka's jars are run on Java
(bench/broker.py); else, where Docker answers, its image. Tests that stop a broker run one of their
own, from the jars.

The broker of a run belongs to no worker, because nobody knows which worker ends last: a keeper
process starts it and stops it when the last worker has let go of a lock, which it also does by
dying.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.broker import Brokers, NoBroker, Secured, jars
from bench.certificates import Authority
from bench.ports import free_ports
from tests.absent import absent

GIVEN = "FRONTDOOR_TEST_KAFKA"
IMAGE = "apache/kafka:4.3.0"
ROOT = Path(__file__).parents[1]
PATHS = ("ca", "other_ca", "certificate")
LOOK_EVERY_SECONDS = 0.02
START_SECONDS = 90.0


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """Where clients connect. `folder` is shared by the workers of a run. Skips where the machine
    has no broker."""
    given = os.environ.get(GIVEN)
    if given:
        yield given
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield _bootstrap(folder)


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """Where the run's broker listens over TLS, and what opens it: for a password, for a certificate.
    `certificate` holds its key too; `other_ca` is somebody else's."""

    with_password: str
    with_certificate: str
    username: str
    password: str
    ca: Path
    other_ca: Path
    certificate: Path


def secured(folder: Path) -> SecuredKafka:
    """The same broker as `broker` started, over TLS. Skips where it runs none from the jars."""
    said = folder / "secured"
    if not said.exists():
        absent("kafka", "Only a broker that the tests run from its jars listens over TLS.")
    return SecuredKafka(
        **{
            name: kept if name not in PATHS else Path(kept)
            for name, kept in json.loads(said.read_text()).items()
        }
    )


@contextmanager
def own(nodes: int = 1) -> Iterator[Brokers]:
    """A broker that the test may stop. Skips where the jars can't be run."""
    try:
        brokers = Brokers(nodes=nodes)
    except NoBroker as why:
        absent("kafka", str(why))
    with brokers:
        yield brokers


def _bootstrap(folder: Path) -> str:
    ready, failed = folder / "bootstrap", folder / "failed"
    with (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not ready.exists() and not failed.exists():
            with (folder / "keeper.log").open("ab") as log:
                keeper = subprocess.Popen(
                    [sys.executable, "-m", "tests.brokers", str(folder)],
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            until = time.monotonic() + START_SECONDS
            while not ready.exists() and not failed.exists():
                if keeper.poll() is not None or time.monotonic() > until:
                    said = (folder / "keeper.log").read_text(errors="replace")
                    failed.write_text(f"the keeper ended: {said[-1000:]}")
                time.sleep(LOOK_EVERY_SECONDS)
            # It outlives us; nobody waits for it.
            keeper.returncode = 0
    if failed.exists():
        absent("kafka", failed.read_text())
    return ready.read_text()


def keep(folder: Path) -> None:
    """Run a broker as long as somebody shares the lock."""
    ready, failed = folder / "bootstrap", folder / "failed"
    try:
        with _started(folder) as bootstrap, (folder / "users").open("a") as users:
            _write(ready, bootstrap)
            fcntl.flock(users, fcntl.LOCK_EX)
            ready.unlink()
    except NoBroker as why:
        _write(failed, str(why))


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    try:
        jars()
    except NoBroker as why:
        if not _docker("info"):
            raise
        with _container(why) as bootstrap:
            yield bootstrap
        return
    data = folder / "kafka"
    authority = Authority(folder / "certificates", "ca")
    someone = Secured(authority, "frontdoor", "let me in")
    with Brokers(data, secured=someone) as brokers:
        (node,) = brokers.nodes
        said = SecuredKafka(
            node.with_password,
            node.with_certificate,
            someone.username,
            someone.password,
            authority.certificate,
            Authority(folder / "certificates", "other-ca").certificate,
            authority.sign("frontdoor"),
        )
        _write(folder / "secured", json.dumps(asdict(said), default=str))
        yield brokers.bootstrap
    shutil.rmtree(data, ignore_errors=True)


@contextmanager
def _container(why: NoBroker) -> Iterator[str]:
    (port,) = free_ports(1)
    name = f"frontdoor-kafka-{port}"
    environment = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
    settings = [part for key, value in environment.items() for part in ("-e", f"{key}={value}")]
    if not _docker("run", "-d", "--rm", "--name", name, "-p", f"127.0.0.1:{port}:{port}",
                   *settings, IMAGE):  # fmt: skip
        raise NoBroker(f"{why} Docker cannot run {IMAGE}.")
    try:
        until = time.monotonic() + START_SECONDS
        while not _docker("exec", name, "/opt/kafka/bin/kafka-broker-api-versions.sh",
                          "--bootstrap-server", f"127.0.0.1:{port}"):  # fmt: skip
            if time.monotonic() > until:
                raise NoBroker(f"{IMAGE} did not start.")
        yield f"127.0.0.1:{port}"
    finally:
        _docker("rm", "-f", name)


def _docker(*arguments: str) -> bool:
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _write(path: Path, text: str) -> None:
    """All of it or nothing: another process waits for the file."""
    partly = path.with_suffix(".partly")
    partly.write_text(text)
    partly.rename(path)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
