"""Sealed texts: opened with the right key for the right place, and by nothing else."""

import json
import stat
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.vault import BlindIndex, DataKey, KeyRing, RingFile, SealBroken
from chassis.vault.vault import Vault

STORY = "Sam Sampleton hides under the table when his father comes home. ’\u202e\U0001f9d2"
ONE, OTHER = UUID(int=1), UUID(int=2)


def key_of(service: str, referral_id: UUID, key: bytes = b"k" * 32) -> DataKey:
    return Vault(service, KeyRing.new()).data_key(referral_id, key)


@given(st.text())
def test_any_text_is_opened_as_it_was_sealed(text: str) -> None:
    key = key_of("intake", ONE)
    assert key.open(key.seal(text, "narrative"), "narrative") == text


def test_nothing_of_a_text_shows_and_no_two_seals_are_alike() -> None:
    key = key_of("intake", ONE)
    first, second = key.seal(STORY, "narrative"), key.seal(STORY, "narrative")
    assert b"Sam" not in first
    assert first != second


@pytest.mark.parametrize(
    ("service", "referral_id", "field"),
    [
        ("intake", ONE, "analysis"),
        ("intake", OTHER, "narrative"),
        ("triage", ONE, "narrative"),
        ("intake", ONE, "narrative "),
        ("intake", ONE, ""),
    ],
)
def test_a_text_cannot_take_anothers_place(service: str, referral_id: UUID, field: str) -> None:
    sealed = key_of("intake", ONE).seal(STORY, "narrative")
    with pytest.raises(SealBroken):
        key_of(service, referral_id).open(sealed, field)


def test_another_key_opens_nothing() -> None:
    sealed = key_of("intake", ONE).seal(STORY, "narrative")
    with pytest.raises(SealBroken):
        key_of("intake", ONE, b"x" * 32).open(sealed, "narrative")


def test_a_change_anywhere_is_noticed() -> None:
    key = key_of("intake", ONE)
    sealed = key.seal("Sam", "narrative")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            key.open(bytes(changed), "narrative")
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            key.open(sealed[:length], "narrative")


def test_a_wrapped_key_belongs_to_its_context() -> None:
    ring = KeyRing.new()
    name, wrapped = ring.wrap(b"k" * 32, b"intake|1|")
    assert ring.unwrap(name, wrapped, b"intake|1|") == b"k" * 32
    for asked, by, content, context in (
        (ring, name, wrapped, b"intake|2|"),
        (ring, "k9", wrapped, b"intake|1|"),
        (ring, name, b"", b"intake|1|"),
        (KeyRing.new(), name, wrapped, b"intake|1|"),
    ):
        with pytest.raises(SealBroken):
            asked.unwrap(by, content, context)


def test_an_older_key_of_the_ring_still_opens() -> None:
    old = KeyRing.new()
    name, wrapped = old.wrap(b"k" * 32, b"c")
    new = KeyRing(
        active="k2",
        keys={**old.keys, "k2": b"n" * 32},
        index_key=old.index_key,
        token_key=old.token_key,
    )
    assert new.unwrap(name, wrapped, b"c") == b"k" * 32
    assert new.wrap(b"k" * 32, b"c")[0] == "k2"


def test_a_ring_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    made = RingFile(path).load_or_create()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert RingFile(path).load_or_create() == made
    assert list(tmp_path.iterdir()) == [path]
    assert set(json.loads(path.read_text())) == {
        "active",
        "wrapped",
        "keys",
        "index_key",
        "token_key",
    }


def test_no_key_shows_in_a_printout() -> None:
    ring = KeyRing.new()
    printed = repr(ring) + repr(key_of("intake", ONE)) + repr(BlindIndex(ring.index_key))
    for key in (*ring.keys.values(), ring.index_key, ring.token_key):
        assert repr(key)[2:-1] not in printed


def test_a_digest_finds_the_same_value_and_tells_nothing() -> None:
    index = BlindIndex(b"i" * 32)
    assert index.of("nhs", "9434765919") == index.of("nhs", "9434765919")
    assert index.of("nhs", "9434765919") != index.of("upn", "9434765919")
    assert index.of("ab", "c") != index.of("a", "bc")
    assert BlindIndex(b"j" * 32).of("nhs", "9434765919") != index.of("nhs", "9434765919")
