"""Access tokens: what is issued comes back as the caller; nothing else does."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from chassis.errors import Unauthorised
from chassis.identity import Caller, SigningKey, Verifier, issue, service_token
from chassis.identity.tokens import ALGORITHM

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = SigningKey.derived(b"an installation's secret, 32 byte")
MIRA = Caller(
    kind="staff",
    id=UUID("018f0000-0000-7000-8000-000000000001"),
    name="mira.okafor",
    authorities=frozenset({"walsall", "hartlepool"}),
    roles=frozenset({"practitioner"}),
    qualifications=frozenset({"social_worker"}),
)


def verifier(at: datetime = NOON, key: SigningKey = KEY) -> Verifier:
    return Verifier(key.public(), lambda: at)


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def claims_of(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=="))
    return claims


def test_a_token_brings_back_its_caller() -> None:
    assert verifier().caller(issue(KEY, MIRA, NOON, 60)) == MIRA


def test_a_partner_keeps_its_organisation_and_scopes() -> None:
    school = Caller(
        kind="partner",
        id=UUID(int=7),
        name="elmfield",
        organisation_id=UUID(int=8),
        scopes=frozenset({"referral.create"}),
    )
    assert verifier().caller(issue(KEY, school, NOON, 60)) == school


def test_a_service_says_for_whom_it_asks() -> None:
    caller = verifier().caller(service_token(KEY, "console", NOON, on_behalf_of=MIRA.id))
    assert (caller.kind, caller.name, caller.on_behalf_of) == ("service", "console", MIRA.id)


def test_a_token_expires_though_it_is_remembered() -> None:
    clock = [NOON]
    watched = Verifier(KEY.public(), lambda: clock[0])
    token = issue(KEY, MIRA, NOON, 60)
    watched.caller(token)
    clock[0] = NOON + timedelta(seconds=60)
    with pytest.raises(Unauthorised) as refused:
        watched.caller(token)
    assert refused.value.code == "token_expired"


def test_another_installations_token_is_refused() -> None:
    other = SigningKey.derived(b"another installation's secret, 32")
    with pytest.raises(Unauthorised):
        verifier().caller(issue(other, MIRA, NOON, 60))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_a_token_without_a_signature_is_refused(algorithm: str) -> None:
    claims = claims_of(issue(KEY, MIRA, NOON, 60))
    with pytest.raises(Unauthorised):
        verifier().caller(f"{part({'alg': algorithm, 'typ': 'at+jwt'})}.{part(claims)}.")


def test_the_public_key_cannot_be_used_as_a_shared_secret() -> None:
    claims = claims_of(issue(KEY, MIRA, NOON, 60))
    public = KEY.public()["keys"][0]
    for secret in (
        public["x"].encode(),
        json.dumps(public).encode(),
        KEY.key.as_pem(private=False),
    ):
        start = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': public['kid']})}.{part(claims)}"
        signature = hmac.digest(secret, start.encode(), "sha256")
        forged = f"{start}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
        with pytest.raises(Unauthorised):
            verifier().caller(forged)


def test_a_key_in_the_header_is_not_believed() -> None:
    attacker = SigningKey.derived(b"an attacker's own secret, 32 byte")
    claims = claims_of(issue(KEY, MIRA, NOON, 60))
    header = {
        "alg": ALGORITHM,
        "typ": "at+jwt",
        "kid": KEY.key.kid,
        "jwk": attacker.public()["keys"][0],
    }
    forged = jwt.encode(header, claims, attacker.key, algorithms=[ALGORITHM])
    with pytest.raises(Unauthorised):
        verifier().caller(forged)


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another-house"},
        {"aud": ["frontdoor", "another-house"]},
        {"iss": "someone-else"},
        {"exp": None},
        {"sub": "not an id"},
        {"roles": None},
        {"scope": None},
    ],
)
def test_claims_that_are_not_ours_are_refused(change: dict[str, Any]) -> None:
    claims = {**claims_of(issue(KEY, MIRA, NOON, 60)), **change}
    header = {"alg": ALGORITHM, "kid": KEY.key.kid, "typ": "at+jwt"}
    with pytest.raises(Unauthorised):
        verifier().caller(jwt.encode(header, claims, KEY.key, algorithms=[ALGORITHM]))


def test_another_kind_of_token_signed_by_us_is_refused() -> None:
    claims = claims_of(issue(KEY, MIRA, NOON, 60))
    header = {"alg": ALGORITHM, "kid": KEY.key.kid, "typ": "logout+jwt"}
    with pytest.raises(Unauthorised):
        verifier().caller(jwt.encode(header, claims, KEY.key, algorithms=[ALGORITHM]))


@pytest.mark.parametrize(
    "token", ["", "a", "a.b.c", "....", "é", "\x00", "a" * 100_000, "e30.e30.e30"]
)
def test_rubbish_is_refused(token: str) -> None:
    with pytest.raises(Unauthorised):
        verifier().caller(token)


def test_a_changed_claim_breaks_the_signature() -> None:
    head, _, signature = issue(KEY, MIRA, NOON, 60).split(".")
    claims = {**claims_of(issue(KEY, MIRA, NOON, 60)), "roles": ["manager"]}
    with pytest.raises(Unauthorised):
        verifier().caller(f"{head}.{part(claims)}.{signature}")


def test_the_published_key_set_holds_no_private_part() -> None:
    (key,) = KEY.public()["keys"]
    assert "d" not in key
    assert (key["kty"], key["crv"], key["use"]) == ("OKP", "Ed25519", "sig")


def test_an_hmac_key_is_never_taken_for_ours() -> None:
    secret = OctKey.import_key("x" * 32)
    token = jwt.encode({"alg": "HS256"}, {"iss": "frontdoor"}, secret)
    with pytest.raises(Unauthorised):
        verifier().caller(token)
