"""Assertions by which a client proves who it is: each way to be refused, and keys in their forms."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from chassis.identity import OAuthRefusal
from chassis.identity.assertions import Assertion, read_assertion, verified
from chassis.identity.keys import MOST_KEYS, BadKey, PublicKey, public_keys, read_keys

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
ENDPOINT, ISSUER = "https://house.example/oauth/token", "https://house.example"
KEY, OLDER = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
CLAIMS: dict[str, Any] = {
    "iss": "school", "sub": "school", "aud": ENDPOINT, "exp": AT + 60, "jti": "one",
}  # fmt: skip


def public(*keys: PublicKey) -> list[dict[str, Any]]:
    return public_keys([key.as_dict(private=False) for key in keys])


KEYS = public(KEY, OLDER)


def signed(key: Any = KEY, algorithm: str = "ES256", header: Any = None, **said: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **said}.items() if value is not None}
    head = {"alg": algorithm, **(header or {})}
    return jwt.encode(head, claims, key, algorithms=[algorithm])


def held(token: str, keys: Any = None) -> Assertion:
    claimed = read_assertion(token)
    assert claimed.client_id == "school"
    return verified(claimed, KEYS if keys is None else keys, (ENDPOINT, ISSUER), NOW)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (KEY, "ES256"),
        (OLDER, "RS256"),
        (OLDER, "RS512"),
        (OLDER, "PS256"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
    ],
)
def test_an_assertion_holds_once_for_each_kind_of_key(key: PublicKey, algorithm: str) -> None:
    until = NOW + timedelta(seconds=90)
    assert held(signed(key, algorithm), public(key)) == Assertion("one", until)


def test_several_keys_hold_at_once_so_that_one_can_be_replaced() -> None:
    named = {"kid": KEYS[1]["kid"]}
    assert held(signed(OLDER, "RS256", named)).jti == "one"
    assert held(signed(OLDER, "RS256")).jti == "one"
    assert held(signed(aud=["https://elsewhere.example", ISSUER], iat=AT, nbf=AT)).jti == "one"
    with pytest.raises(OAuthRefusal):
        held(signed(OLDER, "RS256", named), KEYS[:1])


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("", "not a signed JWT"),
        ("a.b", "not a signed JWT"),
        ("e30.W10.x", "not a signed JWT"),
        (signed(sub=None), "names its client"),
        (signed(iss="other"), "both the client's id"),
        (signed(iss=None), "both the client's id"),
        (
            signed(OctKey.import_key("a secret that both know, long enough"), "HS256"),
            "one of RS256",
        ),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiaXNzIjoiYSJ9.", "one of RS256"),
        (signed(ECKey.generate_key("P-256")), "not signed with a key of its own"),
        (signed(header={"kid": "unknown"}), "not signed with a key of its own"),
        (signed()[:-8] + "AAAAAAAA", "not signed with a key of its own"),
        (signed(aud="https://elsewhere.example/oauth/token"), "aud"),
        (signed(aud=None), "aud"),
        (signed(exp=None), "no exp"),
        (signed(exp=AT - 31), "expired"),
        (signed(exp=AT + 331), "five minutes"),
        (signed(exp="soon"), "not a time"),
        (signed(exp=True), "not a time"),
        (signed(exp=1e300), "not a time"),
        (signed(nbf=AT + 60), "does not hold yet (nbf)"),
        (signed(iat=AT + 60), "does not hold yet (iat)"),
        (signed(jti=None), "no jti"),
        (signed(jti=""), "no jti"),
        (signed(jti="x" * 256), "no jti"),
    ],
)
def test_an_assertion_is_refused(token: str, why: str) -> None:
    with pytest.raises(OAuthRefusal) as refused:
        held(token)
    assert (refused.value.error, refused.value.status) == ("invalid_client", 401)
    assert why in refused.value.description


def test_what_is_wrong_is_said_only_to_whoever_has_the_key() -> None:
    with pytest.raises(OAuthRefusal) as refused:
        held(signed(ECKey.generate_key("P-256"), exp=AT - 100))
    assert "expired" not in refused.value.description


def test_a_key_is_read_from_a_set_alone_or_from_pem() -> None:
    alone = KEY.as_dict(private=False)
    (kept,) = read_keys(json.dumps(alone))
    assert kept == {**alone, "kid": KEY.thumbprint(), "use": "sig"}
    assert read_keys(json.dumps({"keys": [alone]})) == [kept]
    assert read_keys(KEY.as_pem(private=False).decode()) == [kept]
    (odd,) = public_keys([{**alone, "kid": "2026", "x5c": ["AAAA"], "note": "a < b"}])
    assert odd == {**kept, "kid": "2026"}


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (json.dumps(KEY.as_dict(private=True)), "private key"),
        (KEY.as_pem(private=True).decode(), "private key"),
        (json.dumps(OctKey.generate_key(256).as_dict()), "private key"),
        (json.dumps({"kty": "RSA", "n": "u" * 171, "e": "AQAB"}), "2048 to"),
        (json.dumps(ECKey.generate_key("secp256k1").as_dict(private=False)), "P-256"),
        (json.dumps(OKPKey.generate_key("X25519").as_dict(private=False)), "Ed25519"),
        (json.dumps({**KEY.as_dict(private=False), "x": "AAAA"}), "cannot be read"),
        (json.dumps({**KEY.as_dict(private=False), "use": "enc"}), "for signing"),
        (json.dumps({**KEY.as_dict(private=False), "kid": "a\nb"}), "kid"),
        (json.dumps({"keys": [KEY.as_dict(private=False)] * 2}), "one name"),
        (json.dumps({"keys": [{}] * (MOST_KEYS + 1)}), "at most"),
        ('{"keys": [5]}', "object"),
        ('{"keys": "x"}', "object"),
        ('{"kty"', "JSON"),
        ("hello", "neither"),
        ("", "neither"),
    ],
    # Keys are made anew by each worker, and their tests have to have the same names.
    ids=lambda text: "key" if "{" in text or "KEY" in text else text,
)
def test_a_key_that_cannot_be_registered_is_refused(sent: str, why: str) -> None:
    with pytest.raises(BadKey, match=why):
        read_keys(sent)
