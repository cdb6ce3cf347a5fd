"""Ports for what is started, and started again."""

import fcntl
import os
import random
import socket
import tempfile
import threading
from functools import cache
from pathlib import Path

# Below the ports that systems hand out by themselves, so that nobody takes one between two starts.
PORTS = range(20_000, 32_000)


class NoPorts(Exception):
    """Too few are left."""


_given: set[int] = set()
_turn = threading.Lock()


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on, all different. Each stays with this
    process for as long as it lives: neither a later call nor another process of this user is
    given it, whether something listens there yet or not. Raises NoPorts."""
    found: list[int] = []
    with _turn:
        for port in random.sample(PORTS, len(PORTS)):
            if port not in _given and _ours(port) and _unused(port):
                _given.add(port)
                found.append(port)
            if len(found) == count:
                return found
    raise NoPorts(f"{count} ports were asked for, and {PORTS} has {len(found)} left.")


def _ours(port: int) -> bool:
    """Claim the port among processes, by a lock on one byte of a file, which ends with us."""
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _claims() -> int:
    path = Path(tempfile.gettempdir()) / f"frontdoor-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _unused(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
