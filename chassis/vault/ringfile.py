"""The file that holds a key ring: plain, or with each key wrapped by a key service."""

import base64
import binascii
import contextlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.vault.keys import KEY_BYTES, KeyRing
from chassis.vault.keyservice import KeyService, KeyServiceAway

OWN = ("index_key", "token_key")


class NoSuchKey(Exception):
    """The ring has no key of this name, or it is the active one."""


@dataclass(slots=True)
class RingFile:
    """A key ring in a file, for its owner alone. Whoever loses it loses every text; whoever copies
    it, unless its keys are wrapped, can read them."""

    path: Path
    service: KeyService | None = None
    _read: tuple[int, KeyRing] | None = field(init=False, default=None, repr=False)

    def load(self) -> KeyRing:
        """The ring; the key service is asked only where the file has changed. Raises
        FileNotFoundError (a new ring beside a database that has texts would read none of them, so
        only a first start makes one) and KeyServiceAway."""
        changed = self.path.stat().st_mtime_ns
        if self._read is None or self._read[0] != changed:
            self._read = changed, self._ring(json.loads(self.path.read_text()))
        return self._read[1]

    def load_or_create(self) -> KeyRing:
        """The ring, made where there is none; wrapped where there is a key service."""
        if not self.path.exists():
            self.keep(KeyRing.new())
        return self.load()

    def keep(self, ring: KeyRing, *, over: bool = False) -> None:
        """Write a ring, whole or not at all. One that came first is left alone, unless `over`."""
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        content = self._content(ring)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        if over:
            draft.replace(self.path)
            return
        with contextlib.suppress(FileExistsError):
            os.link(draft, self.path)
        draft.unlink()

    def rotate(self) -> str:
        """Add a key and make it the active one. Its name. Running processes take it up, and wrap
        with it what the others wrapped."""
        ring = self.load()
        numbers = [int(name[1:]) for name in ring.keys if name[1:].isdigit()]
        name = f"k{max(numbers, default=0) + 1}"
        keys = {**ring.keys, name: secrets.token_bytes(KEY_BYTES)}
        self.keep(KeyRing(name, keys, ring.index_key, ring.token_key), over=True)
        return name

    def retire(self, name: str) -> None:
        """Take a key out, once nothing is wrapped with it. Raises NoSuchKey."""
        ring = self.load()
        if name not in ring.keys or name == ring.active:
            raise NoSuchKey
        keys = {one: key for one, key in ring.keys.items() if one != name}
        self.keep(KeyRing(ring.active, keys, ring.index_key, ring.token_key), over=True)

    def _content(self, ring: KeyRing) -> dict[str, Any]:
        names = sorted(ring.keys)
        keys = [*(ring.keys[name] for name in names), ring.index_key, ring.token_key]
        if self.service:
            written = self.service.wrap(keys)
        else:
            written = [base64.b64encode(key).decode() for key in keys]
        return {
            "active": ring.active,
            "wrapped": self.service is not None,
            "keys": dict(zip(names, written, strict=False)),
            **dict(zip(OWN, written[len(names) :], strict=True)),
        }

    def _ring(self, content: dict[str, Any]) -> KeyRing:
        names = list(content["keys"])
        written = [*content["keys"].values(), *(content[name] for name in OWN)]
        if not content.get("wrapped"):
            keys = [base64.b64decode(one) for one in written]
        elif self.service is None:
            raise KeyServiceAway("its keys are wrapped, and the settings name no key service")
        else:
            try:
                keys = self.service.unwrap(written)
            except binascii.Error as odd:
                raise KeyServiceAway("the key service answered with what is no key") from odd
        if any(len(key) != KEY_BYTES for key in keys):
            raise KeyServiceAway("the key service answered with what is no key")
        index_key, token_key = keys[len(names) :]
        return KeyRing(
            content["active"], dict(zip(names, keys, strict=False)), index_key, token_key
        )
