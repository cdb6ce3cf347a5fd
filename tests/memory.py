"""Where tests keep what need not outlive them."""

import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path("/dev/shm")  # noqa: S108
ROOM_BYTES = 4 * 2**30


def keep_files_in_memory() -> None:
    """Have whatever is temporary made in memory, by us and by the processes that we start, where
    there is room and TMPDIR says nothing else. A fresh database is a copy of a thousand small
    files: a disk takes up to a second of a processor's time for them, memory next to none."""
    if "TMPDIR" in os.environ or not os.access(FOLDER, os.W_OK):
        return
    if shutil.disk_usage(FOLDER).free >= ROOM_BYTES:
        os.environ["TMPDIR"] = str(FOLDER)
        tempfile.tempdir = None
