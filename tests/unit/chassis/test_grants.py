"""Tokens of somebody else's provider: each way to be refused, and what is said of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from chassis.identity import OAuthRefusal
from chassis.identity.grants import hold_to, narrowed, read_shown, signed_by
from chassis.identity.keys import BadKey, published_keys

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
KEY = ECKey.generate_key("P-256", {"kid": "theirs"})
CLAIMS: dict[str, Any] = {
    "iss": "https://login.example", "sub": "software", "aud": ["us", "others"], "iat": AT,
    "exp": AT + 3600,
}  # fmt: skip
LONG_HEADER = {"kid": "theirs", "typ": "at+JWT", "nonce": "n" * 600}


def token(key: Any = KEY, algorithm: str = "ES256", header: Any = None, **said: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **said}.items() if value is not None}
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = 4_096
    return jwt.encode({"alg": algorithm, **(header or {})}, claims, key, registry=registry)


def why(sent: str) -> str:
    with pytest.raises(OAuthRefusal) as refused:
        hold_to(read_shown(sent), "us", NOW)
    assert refused.value.error == "invalid_grant"
    return refused.value.description


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (KEY, "ES256"), (RSAKey.generate_key(2048), "RS256"), (RSAKey.generate_key(2048), "PS512"),
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
    ],
)  # fmt: skip
def test_what_the_provider_signed_holds(key: Any, algorithm: str) -> None:
    shown = read_shown(token(key, algorithm, LONG_HEADER))
    keys = published_keys({"keys": [key.as_dict(private=False)]})
    hold_to(shown, "us", NOW)
    assert signed_by(shown, [(None, keys[0][1])])
    assert signed_by(shown, [("theirs", keys[0][1])])
    # Not with a key of another name, nor another's key of that name.
    assert not signed_by(shown, [("another", keys[0][1])])
    other = RSAKey.generate_key(2048) if algorithm == "ES256" else KEY
    assert not signed_by(shown, [("theirs", other)])


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ({"aud": "elsewhere"}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": None}, "no exp or no iat"),
        ({"iat": None}, "no exp or no iat"),
        ({"exp": AT - 60}, "expired 60 seconds ago (exp). It is 2026-03-05T09:30:00Z here"),
        ({"nbf": AT + 61}, "only in 61 seconds (nbf)"),
        ({"iat": AT + 61}, "only in 61 seconds (iat)"),
        ({"iat": AT - 7_260}, "older than two hours"),
        ({"exp": 10**400}, "exp is not a time"),
        ({"exp": "soon"}, "exp is not a time"),
        ({"iat": True}, "iat is not a time"),
        ({"sub": "a\x00b"}, "iss and its sub"),
        ({"iss": ""}, "iss and its sub"),
        ({"sub": 7}, "iss and its sub"),
        ({"sub": None}, "not a signed JWT"),
    ],
)
def test_what_does_not_hold_says_why(said: dict[str, Any], because: str) -> None:
    assert because in why(token(**said))


def test_leeway_and_shared_secrets() -> None:
    for said in ({"exp": AT - 59}, {"nbf": AT + 60}, {"iat": AT - 7_259}):
        hold_to(read_shown(token(**said)), "us", NOW)
    secret = OctKey.import_key("a-secret-that-two-sides-keep-to-themselves")
    assert "signed with one of" in why(token(secret, "HS256"))
    with pytest.raises(BadKey):
        published_keys([])
    set_of_others = {"keys": [secret.as_dict(), {**KEY.as_dict(private=False), "use": "enc"}, 7]}
    assert published_keys(set_of_others) == []


def test_a_claim_narrows_and_never_widens() -> None:
    held = ("referral.create", "referral.read")
    shown = read_shown(token(scope="referral.read everything", roles=["referral.create", 7]))
    assert narrowed(shown, None, held) == set(held)
    assert narrowed(shown, "scope", held) == {"referral.read"}
    assert narrowed(shown, "roles", held) == {"referral.create"}
    for claim in ("missing", "iat"):
        with pytest.raises(OAuthRefusal, match="invalid_scope"):
            narrowed(shown, claim, held)
