"""Entity tags, cursors and idempotency keys: what we gave is read back, nothing else is taken."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import BadRequest, InvalidInput, PreconditionFailed
from chassis.http import etags, paging
from chassis.http.idempotency import claim_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_tag_brings_back_its_version() -> None:
    assert etags.version(etags.etag(7)) == 7
    assert etags.version(f" {etags.etag(7)} ") == 7


def test_of_several_tags_the_newest_counts_and_weak_ones_do_not() -> None:
    assert etags.version('"3", W/"9", "5", "x"') == 5


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_whoever_does_not_say_what_they_saw(header: str | None) -> None:
    assert etags.version(header) is None


@pytest.mark.parametrize(
    "header", ["", "7", 'W/"7"', '"-1"', '"7', '"seven"', '"99999999999999"', '"", ""', '"٣"']
)
def test_a_tag_that_we_never_gave_matches_nothing(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        etags.version(header)


KINDS = (int, datetime, UUID, str, float)
PLACE = (3, NOON, UUID(int=9), "amber", 0.5)


def test_a_cursor_brings_back_its_place() -> None:
    assert paging.decode(paging.encode(PLACE), KINDS) == PLACE


def forged(values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("cursor", "kinds"),
    [
        ("", (int,)),
        ("é", (int,)),
        ("!!!!", (int,)),
        ("x" * 5_000, (int,)),
        (forged({"0": 1}), (int,)),
        (forged([1, 2]), (int,)),
        (forged([]), (int,)),
        (forged(["1"]), (int,)),
        (forged([True]), (int,)),
        (forged([2**40]), (int,)),
        (forged([1.5]), (int,)),
        (forged([[1]]), (str,)),
        (forged(["a\x00b"]), (str,)),
        (forged([float("nan")]), (float,)),
        (forged([float("inf")]), (float,)),
        (forged(["x"]), (UUID,)),
        (forged([5]), (UUID,)),
        (forged(["2026-11-20T12:00:00"]), (datetime,)),
        (forged(["0001-01-01T00:00:00+14:00"]), (datetime,)),
        (forged(["9999-12-31T23:59:59-14:00"]), (datetime,)),
        (forged([5]), (datetime,)),
        (forged([None]), (datetime,)),
    ],
)
def test_a_forged_cursor_is_refused(cursor: str, kinds: tuple[type, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        paging.decode(cursor, kinds)
    assert refused.value.errors[0].pointer == "/cursor"


@given(st.text(max_size=60))
def test_no_text_as_cursor_is_a_fault(text: str) -> None:
    try:
        paging.decode(text, KINDS)
    except InvalidInput:
        pass


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists), st.data())
def test_no_content_of_a_cursor_is_a_fault(value: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    try:
        (found,) = paging.decode(forged([value]), (kind,))
    except InvalidInput:
        return
    assert type(found) is kind


@pytest.mark.parametrize("header", ["abc", '"abc"', ' "abc" '])
def test_a_key_is_the_same_with_and_without_quotes(header: str) -> None:
    assert claim_of("elmfield", header, b"{}").key == "abc"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "idempotency_key_missing"),
        ("", "idempotency_key_missing"),
        ("  ", "idempotency_key_missing"),
        ('""', "idempotency_key_invalid"),
        ('"abc', "idempotency_key_invalid"),
        ('a"b', "idempotency_key_invalid"),
        ("ä", "idempotency_key_invalid"),
        ("a\x00b", "idempotency_key_invalid"),
        ("x" * 256, "idempotency_key_invalid"),
    ],
)
def test_without_a_usable_key_nothing_is_done(header: str | None, code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        claim_of("elmfield", header, b"{}")
    assert refused.value.code == code


def test_the_same_words_sent_elsewhere_are_another_request() -> None:
    one = claim_of("elmfield", "k", b"{}", target="/v1/referrals/1/withdrawal")
    other = claim_of("elmfield", "k", b"{}", target="/v1/referrals/2/withdrawal")
    assert one.key == other.key
    assert one.request_hash != other.request_hash
