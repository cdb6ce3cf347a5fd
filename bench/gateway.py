"""The gateway of deploy/ as a process: Caddy with the file that Compose gives it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FILE = Path(__file__).parents[1] / "deploy" / "gateway" / "Caddyfile"
CADDY = Path(sys.executable).parent / "caddy"


@contextmanager
def gateway(port: int, places: Mapping[str, str]) -> Iterator[str]:
    """A gateway at `port`, to services at HOST:PORT each. Its URL, where it answers /livez as
    soon as it listens."""
    folder = tempfile.mkdtemp(prefix="frontdoor-gateway-")
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [str(CADDY), "run", "--config", str(FILE), "--adapter", "caddyfile"],
        env={
            **os.environ,
            "FRONTDOOR_SITE": url,
            "XDG_DATA_HOME": folder,
            "XDG_CONFIG_HOME": folder,
            **{f"FRONTDOOR_{name.upper()}": place for name, place in places.items()},
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield url
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
