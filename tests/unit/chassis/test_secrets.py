"""Secrets and passwords: kept so that they can be checked and not read, and guessed slowly."""

import asyncio

import pytest

from chassis.identity import Guesses, TooManyGuesses
from chassis.identity.secrets import (
    hash_password,
    new_client_secret,
    nobodys_hash,
    same_password,
    same_secret,
    secret_digest,
)


def test_a_client_secret_can_be_found_by_scanners_and_is_kept_as_a_digest() -> None:
    secret = new_client_secret()
    digest = secret_digest(b"pepper", secret)
    assert secret.startswith("fds_")
    assert len(secret) > 40
    assert secret.encode() not in digest
    assert same_secret(b"pepper", secret, digest)
    assert not same_secret(b"pepper", secret + "x", digest)
    assert not same_secret(b"another pepper", secret, digest)


def test_a_password_is_checked_against_its_hash() -> None:
    async def checked() -> tuple[bool, bool, bool, bool]:
        kept = await hash_password("a long enough password")
        assert kept.startswith("$argon2id$")
        return (
            await same_password(kept, "a long enough password"),
            await same_password(kept, "another password"),
            await same_password(nobodys_hash(), "a long enough password"),
            await same_password("not a hash", "a long enough password"),
        )

    assert asyncio.run(checked()) == (True, False, False, False)


def test_guessing_is_slowed_for_one_account_and_no_other() -> None:
    async def guessed() -> None:
        guesses = Guesses(per_minute=3)
        for _ in range(3):
            await guesses.check("mira")
            await guesses.wrong("mira")
        await guesses.check("tom")
        with pytest.raises(TooManyGuesses) as refused:
            await guesses.check("mira")
        assert refused.value.retry_after > 0

    asyncio.run(guessed())
