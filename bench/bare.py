"""Intake alone without encryption and without an audit trail: `python -m bench.bare up …` is
`bench.alone` where texts are stored as they are, no key is made, and no entry is written. What being
safe costs, and no product."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from bench.alone import IntakeAlone
from chassis.audit import AuditEntry
from chassis.database import Connection
from chassis.stream.kernel import batch
from chassis.vault import Vault
from chassis.vault.vault import DataKey
from frontdoor import serving
from frontdoor.commandline import main


class Plain(DataKey):
    """A key that changes nothing."""

    def seal(self, text: str, field: str) -> bytes:
        del field
        return text.encode()

    def open(self, sealed: bytes, field: str) -> str:
        del field
        return sealed.decode()


def undressed() -> None:
    """Take both away. Raises AttributeError where they are no longer called so."""

    async def no_keys(
        self: Vault, connection: Connection, referral_ids: Sequence[UUID], *, create: bool
    ) -> dict[UUID, DataKey]:
        del self, connection, create
        return {one: Plain(None, b"") for one in referral_ids}  # type: ignore[arg-type]

    async def no_entries(
        connection: Connection, entries: Sequence[AuditEntry], now: datetime
    ) -> None:
        del connection, entries, now

    Vault.keys.__name__  # noqa: B018
    Vault.keys = no_keys  # type: ignore[method-assign]
    batch.append_audit.__name__  # noqa: B018
    batch.append_audit = no_entries


if __name__ == "__main__":
    undressed()
    # The command serves whatever is called so.
    vars(serving)["House"] = IntakeAlone
    main()
