"""Ports for what is started, and started again."""

import random
import socket

# Below the ports that systems hand out by themselves, so that nobody takes one between two starts.
PORTS = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on, all different."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            taken = socket.socket()
            try:
                taken.bind(("127.0.0.1", random.choice(PORTS)))
            except OSError:
                taken.close()
            else:
                held.append(taken)
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
