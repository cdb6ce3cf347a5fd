"""A key service: what unwraps the keys of a key ring whose file holds them wrapped.

Whoever copies the file then reads nothing, and the service can be told to unwrap no more. It is
asked at start, and when a ring is read again; a running process keeps its keys in memory.
"""

import base64
from collections.abc import Sequence
from typing import Protocol

import httpx2

from chassis.settings import Settings


class KeyServiceAway(Exception):
    """The key service did not unwrap the keys. The message says why and holds no secret."""


class KeyService(Protocol):
    """Wraps and unwraps keys. Both raise KeyServiceAway."""

    def unwrap(self, wrapped: Sequence[str]) -> list[bytes]:
        """The keys that were wrapped, in their order."""
        ...

    def wrap(self, keys: Sequence[bytes]) -> list[str]:
        """The keys, wrapped, in their order."""
        ...


class TransitService:
    """The transit engine of OpenBao or HashiCorp Vault, by HTTP: `url` is the engine's address,
    such as `https://vault.council.example/v1/transit`, `key` the name of the key that wraps."""

    def __init__(
        self,
        url: str,
        key: str,
        token: str,
        seconds: float,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._key = key
        self._client = httpx2.Client(
            base_url=url.rstrip("/") + "/",
            headers={"X-Vault-Token": token},
            timeout=seconds,
            transport=transport,
        )
        self._seconds = seconds

    def unwrap(self, wrapped: Sequence[str]) -> list[bytes]:
        asked = [{"ciphertext": one} for one in wrapped]
        return [base64.b64decode(one) for one in self._ask("decrypt", asked, "plaintext")]

    def wrap(self, keys: Sequence[bytes]) -> list[str]:
        asked = [{"plaintext": base64.b64encode(one).decode()} for one in keys]
        return self._ask("encrypt", asked, "ciphertext")

    def _ask(self, verb: str, asked: Sequence[dict[str, str]], part: str) -> list[str]:
        try:
            answer = self._client.post(f"{verb}/{self._key}", json={"batch_input": asked})
        except httpx2.TimeoutException as late:
            raise KeyServiceAway(
                f"the key service did not answer within {self._seconds:g} seconds"
            ) from late
        except httpx2.HTTPError as away:
            raise KeyServiceAway("the key service cannot be reached") from away
        if not answer.is_success:
            raise KeyServiceAway(f"the key service refused with status {answer.status_code}")
        try:
            found = [str(one[part]) for one in answer.json()["data"]["batch_results"]]
        except (ValueError, KeyError, TypeError) as odd:
            raise KeyServiceAway("the key service did not answer for each key") from odd
        if len(found) != len(asked):
            raise KeyServiceAway("the key service did not answer for each key")
        return found


def key_service_of(settings: Settings) -> KeyService | None:
    """The key service that the settings name; None where they name none."""
    if settings.key_service_url is None:
        return None
    token = settings.key_service_token
    return TransitService(
        settings.key_service_url,
        settings.key_service_key,
        token.get_secret_value() if token else "",
        settings.key_service_seconds,
    )
