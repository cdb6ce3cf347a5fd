"""Requests for tokens: read or refused in OAuth's own words, and never repeated."""

import base64
from urllib.parse import urlencode

import pytest

from chassis.identity import (
    AssertionRequest,
    ClientRequest,
    OAuthRefusal,
    PersonRequest,
    read_token_request,
)
from chassis.identity.oauth import ASSERTION_TYPE, granted

FORM = "application/x-www-form-urlencoded"


def read(
    fields: dict[str, str] | bytes,
    authorization: str | None = None,
    content_type: str | None = FORM,
) -> ClientRequest | AssertionRequest | PersonRequest:
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    return read_token_request(content_type, authorization, body)


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def test_a_client_with_its_secret_in_the_body() -> None:
    asked = read(
        {"grant_type": "client_credentials", "client_id": "elmfield", "client_secret": "fds_x"}
    )
    assert asked == ClientRequest("elmfield", "fds_x")


def test_a_client_with_its_secret_in_the_header() -> None:
    asked = read({"grant_type": "client_credentials"}, basic("elm%3Afield", "fds%20x"))
    assert asked == ClientRequest("elm:field", "fds x", by_header=True)


def test_a_person_with_a_password() -> None:
    asked = read(
        {"grant_type": "password", "username": "mira", "password": "it's a long & odd: pässword"},
        content_type=FORM + "; charset=utf-8",
    )
    assert asked == PersonRequest("mira", "it's a long & odd: pässword")


def test_a_client_with_an_assertion() -> None:
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": "a" * 3_000,
    }
    assert read(fields) == AssertionRequest("a" * 3_000)
    for wrong in (
        {"client_secret": "fds_x"},
        {"client_assertion_type": "another"},
        {"client_assertion": ""},
        {"client_assertion": "a" * 8_193},
    ):
        with pytest.raises(OAuthRefusal) as refused:
            read({**fields, **wrong})
        assert refused.value.error == "invalid_request"
    with pytest.raises(OAuthRefusal):
        read(fields, basic("elmfield", "fds_x"))


def test_a_token_holds_all_scopes_or_those_asked_for() -> None:
    fields = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"}
    everything = read(fields)
    one = read({**fields, "scope": "referral.read"})
    assert isinstance(everything, ClientRequest)
    assert isinstance(one, ClientRequest)
    allowed = ["referral.create", "referral.read"]
    assert granted(everything.scopes, allowed) == frozenset(allowed)
    assert granted(one.scopes, allowed) == frozenset({"referral.read"})
    with pytest.raises(OAuthRefusal) as refused:
        granted(one.scopes, ["referral.create"])
    assert refused.value.error == "invalid_scope"


@pytest.mark.parametrize(
    ("fields", "authorization", "content_type", "error"),
    [
        ({}, None, FORM, "invalid_request"),
        ({"grant_type": "implicit"}, None, FORM, "unsupported_grant_type"),
        ({"grant_type": "password", "username": "a"}, None, FORM, "invalid_request"),
        ({"grant_type": "client_credentials"}, None, FORM, "invalid_request"),
        ({"grant_type": "client_credentials"}, None, "application/json", "invalid_request"),
        ({"grant_type": "client_credentials"}, None, None, "invalid_request"),
        (b"grant_type=password&grant_type=password", None, FORM, "invalid_request"),
        (b"grant_type=%ff", None, FORM, "invalid_request"),
        (b"\xff", None, FORM, "invalid_request"),
        (b"&".join(b"f%d=1" % i for i in range(100)), None, FORM, "invalid_request"),
        ({"grant_type": "password", "username": "a\x00", "password": "b"}, None, FORM,
         "invalid_request"),
        ({"grant_type": "password", "username": "a", "password": "b" * 5000}, None, FORM,
         "invalid_request"),
        ({"grant_type": "client_credentials"}, "Basic !!!", FORM, "invalid_client"),
        ({"grant_type": "client_credentials"}, basic("", "x"), FORM, "invalid_client"),
        ({"grant_type": "client_credentials"}, basic("a", "%00"), FORM, "invalid_client"),
        ({"grant_type": "client_credentials", "client_secret": "x"}, basic("a", "x"), FORM,
         "invalid_request"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(
    fields: dict[str, str] | bytes,
    authorization: str | None,
    content_type: str | None,
    error: str,
) -> None:
    with pytest.raises(OAuthRefusal) as refused:
        read(fields, authorization, content_type)
    assert refused.value.error == error
    assert refused.value.status == (401 if error == "invalid_client" else 400)


def test_a_wrong_client_is_told_the_same_as_an_unknown_one() -> None:
    by_header = ClientRequest("elmfield", "fds_x", by_header=True).refused()
    assert (by_header.status, by_header.challenge) == (401, True)
    assert "elmfield" not in by_header.description
    assert PersonRequest("mira", "x").refused().status == 400
