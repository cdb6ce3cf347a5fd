"""Apache Kafka 4 on this machine, from its jars on Java 17: one node or three, that can be
stopped, killed and started again on the same data and ports.

It stands here and not in tests/ because benchmarks and trials run it too. It is no way to run
Kafka for anybody's data: it listens on the loopback address without passwords, with a small heap.

python -m bench.broker --fetch    only fetch the jars, and keep their classes as Java wants them, which
                                  takes 10 seconds and spares each later start a third of its work
python -m bench.broker            run one node until Ctrl-C, and say where it listens
"""

import argparse
import base64
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self
from xml.etree import ElementTree as ET

from bench.certificates import Authority
from bench.ports import free_ports

POM = Path(__file__).with_name("kafka.pom.xml")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
OLDEST_JAVA = 17

# A small heap, and no compiler that only pays off after minutes.
JAVA_OPTIONS = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.02

PROPERTIES = """\
process.roles=broker,controller
node.id={node}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}{more_listeners}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}{more_listeners}
controller.listener.names=CONTROLLER
listener.security.protocol.map=\
 PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
controller.quorum.voters={voters}
log.dirs={folder}
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor={replicas}
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor={replicas}
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controlled.shutdown.retry.backoff.ms=200
"""

# One listener asks for a password, the other for a certificate.
SECURED = """\
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
 org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keys}
ssl.truststore.type=PEM
ssl.truststore.location={trusted}
listener.name.ssl.ssl.client.auth=required
"""


class NoBroker(Exception):
    """This machine lacks what a broker needs, or it did not start. The message says what."""


@dataclass(frozen=True, slots=True)
class Secured:
    """Who may speak to a node over TLS: with that password, or with a certificate of `authority`."""

    authority: Authority
    username: str
    password: str


class Broker:
    """One node, its data and log in `folder`. `voters` are all nodes of the cluster."""

    def __init__(
        self,
        folder: Path,
        node: int,
        ports: tuple[int, int],
        voters: str,
        nodes: int,
        secured: Secured | None = None,
    ) -> None:
        self.folder = folder
        self.node = node
        self.port, controller = ports
        self._jars = jars()
        self._properties = folder / "server.properties"
        self._process: subprocess.Popen[bytes] | None = None
        self._secured = secured
        self._secured_ports = free_ports(2) if secured else []
        folder.mkdir(parents=True, exist_ok=True)
        said = PROPERTIES.format(
            node=node,
            port=self.port,
            controller=controller,
            more_listeners="".join(
                f",{name}://127.0.0.1:{port}"
                for name, port in zip(("SASL_SSL", "SSL"), self._secured_ports, strict=False)
            ),
            voters=voters,
            folder=folder / "data",
            replicas=nodes,
        )
        if secured:
            said += SECURED.format(
                keys=secured.authority.sign(f"broker-{node}"),
                trusted=secured.authority.certificate,
            )
        self._properties.write_text(said)

    @property
    def bootstrap(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    @property
    def with_password(self) -> str:
        """Where clients connect over TLS and sign in with a password."""
        return f"127.0.0.1:{self._secured_ports[0]}"

    @property
    def with_certificate(self) -> str:
        """Where clients connect over TLS and show a certificate."""
        return f"127.0.0.1:{self._secured_ports[1]}"

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    def format(self, cluster: str) -> None:
        """Prepare an empty folder for the cluster of that id."""
        # One word with its name: an id may begin with a hyphen.
        format_ = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"]
        format_ += ["--config", str(self._properties)]
        if self._secured:
            who = f"name={self._secured.username},password={self._secured.password}"
            format_ += ["--add-scram", f"SCRAM-SHA-512=[{who}]"]
        done = subprocess.run(self._java(*format_), capture_output=True, check=False)
        if done.returncode:
            raise NoBroker(done.stderr.decode(errors="replace"))

    def start(self) -> None:
        """Start the process. Returns before it listens; see `wait`."""
        if not self.running:
            with (self.folder / "server.log").open("ab") as log:
                self._process = subprocess.Popen(
                    self._java("kafka.Kafka", str(self._properties)),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def wait(self) -> None:
        """Return when it listens. Raises NoBroker."""
        until = time.monotonic() + START_SECONDS
        while not _listens(self.port):
            if not self.running or time.monotonic() > until:
                said = (self.folder / "server.log").read_text(errors="replace")
                raise NoBroker(f"Kafka did not start: {said[-2000:]}")
            time.sleep(LOOK_EVERY_SECONDS)

    def stop(self) -> None:
        """Stop it in order, as an operator would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop it as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang: it keeps its connections and answers nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _java(self, *arguments: str) -> list[str]:
        kept = _classes(self._jars)
        use = [f"-XX:SharedArchiveFile={kept}"] if kept.exists() else []
        return ["java", *JAVA_OPTIONS, *use, "-cp", f"{self._jars}/*", *arguments]


class Brokers:
    """A cluster of `nodes` (one or three) in `folder`, which is made where none is given. It
    listens over TLS too where `secured` says for whom."""

    def __init__(
        self, folder: Path | None = None, *, nodes: int = 1, secured: Secured | None = None
    ) -> None:
        self._own = None if folder else tempfile.TemporaryDirectory(prefix="frontdoor-kafka-")
        self.folder = folder or Path(self._own.name if self._own else "")
        ports = free_ports(2 * nodes)
        pairs = list(zip(ports[::2], ports[1::2], strict=True))
        voters = ",".join(f"{node}@127.0.0.1:{pair[1]}" for node, pair in enumerate(pairs, 1))
        self.nodes = [
            Broker(self.folder / f"node-{node}", node, pair, voters, nodes, secured)
            for node, pair in enumerate(pairs, 1)
        ]
        self._formatted = False

    @property
    def bootstrap(self) -> str:
        """Where clients connect: every node."""
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self) -> None:
        """Start every node that does not run, and return when all listen. Raises NoBroker."""
        if not self._formatted:
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            with ThreadPoolExecutor() as at_once:
                list(at_once.map(lambda node: node.format(cluster), self.nodes))
            self._formatted = True
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait()

    def stop(self) -> None:
        """Stop every node in order."""
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        """Kill every node at once."""
        for node in self.nodes:
            node.kill()

    def close(self) -> None:
        """Kill every node and remove the data, if the folder is our own."""
        self.kill()
        if self._own:
            self._own.cleanup()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def jars() -> Path:
    """The folder of Kafka's jars, fetched by Maven the first time. Raises NoBroker."""
    if _java_version() < OLDEST_JAVA:
        raise NoBroker(f"Kafka needs Java {OLDEST_JAVA}.")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "frontdoor"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"kafka-{_version()}"
    with (cache / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not folder.exists():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise NoBroker("Kafka's jars are fetched by Maven (mvn), which is not here.")
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fetched = Path(scratch) / "jars"
        done = subprocess.run(
            ["mvn", "-q", "-B", "-f", str(POM), COPY, "-DincludeScope=runtime",
             f"-DoutputDirectory={fetched}"],
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise NoBroker(f"Maven cannot fetch Kafka: {done.stdout.decode(errors='replace')}")
        fetched.rename(folder)


def _classes(folder: Path) -> Path:
    return folder / f"classes-{_java_version()}.jsa"


def keep_classes() -> None:
    """Keep the classes that a broker loads as Java maps them into memory, unless they are kept."""
    kept = _classes(jars())
    if kept.exists():
        return
    made = kept.with_suffix(f".{os.getpid()}")
    # The option that only this one start has.
    os.environ["JDK_JAVA_OPTIONS"] = f"-XX:ArchiveClassesAtExit={made}"
    try:
        with Brokers() as brokers:
            brokers.stop()
        made.rename(kept)
    finally:
        del os.environ["JDK_JAVA_OPTIONS"]
        made.unlink(missing_ok=True)


def _version() -> str:
    found = ET.parse(POM).find(".//{*}dependency/{*}version")
    assert found is not None
    assert found.text
    return found.text


@cache
def _java_version() -> int:
    try:
        said = subprocess.run(["java", "-version"], capture_output=True, check=True).stderr.decode()
        return int(said.split('"')[1].split(".")[0])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return 0


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.broker", description=__doc__)
    parser.add_argument("--fetch", action="store_true", help="fetch the jars, serve nothing")
    if parser.parse_args(arguments).fetch:
        keep_classes()
        print(jars())
        return
    with Brokers() as brokers:
        print(f"Kafka listens on {brokers.bootstrap}. Ctrl-C stops it.", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            brokers.stop()


if __name__ == "__main__":
    main()
