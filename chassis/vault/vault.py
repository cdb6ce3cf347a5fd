"""A service's vault: the data keys of its referrals, read and made in batches."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.database import Connection
from chassis.vault import store
from chassis.vault.keys import KEY_BYTES, DataKey, KeyRing, context_of


class Vault:
    """The keys of one service."""

    def __init__(self, service: str, ring: KeyRing) -> None:
        self._service = service
        self._ring = ring

    async def keys(
        self, connection: Connection, referral_ids: Sequence[UUID], *, create: bool
    ) -> dict[UUID, DataKey]:
        """The data keys of `referral_ids`. A missing one is made when `create` is set; one that
        was destroyed stays away. Raises SealBroken when the ring can't unwrap one."""
        if not referral_ids:
            return {}
        found = {
            referral_id: self.unwrapped(referral_id, *kept)
            for referral_id, kept in (await store.read(connection, referral_ids)).items()
        }
        missing = [one for one in referral_ids if one not in found]
        if not create or not missing:
            return found
        made = {one: secrets.token_bytes(KEY_BYTES) for one in missing}
        kept = await store.add(
            connection,
            {
                one: self._ring.wrap(key, context_of(self._service, one))
                for one, key in made.items()
            },
        )
        found.update({one: self.data_key(one, made[one]) for one in kept})
        if len(kept) < len(made):
            # Somebody was first: theirs is the key, unless it was destroyed.
            found.update(await self.keys(connection, [*(made.keys() - kept)], create=False))
        return found

    async def destroy(
        self, connection: Connection, referral_ids: Sequence[UUID], now: datetime
    ) -> None:
        """Make every text of these referrals unreadable, for ever."""
        await store.destroy(connection, referral_ids, now)

    async def go_with(self, connection: Connection, subject_id: UUID, referral_id: UUID) -> None:
        """Have the key of something that became a referral destroyed when that is erased."""
        await store.go_with(connection, subject_id, referral_id)

    def unwrapped(self, referral_id: UUID, key_id: str, wrapped: bytes) -> DataKey:
        """The data key that was read beside a text, wrapped. Raises SealBroken."""
        context = context_of(self._service, referral_id)
        return self.data_key(referral_id, self._ring.unwrap(key_id, wrapped, context))

    def data_key(self, referral_id: UUID, key: bytes) -> DataKey:
        """`key` as the key of one referral in this service."""
        return DataKey(AESGCM(key), context_of(self._service, referral_id))
