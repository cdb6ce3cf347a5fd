"""What is believed of a provider, and what its claims give."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import ValidationError

from chassis.settings import OpenIdRights, Settings
from services.console.sessions import Attempt
from services.intake.openid.domain import rights
from services.intake.openid.provider import (
    LOGGED_OUT,
    Client,
    NotBelieved,
    Provider,
    ProviderAway,
)

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
ISSUER = "https://login.council.example/tenant"
FIRST, SECOND = (
    RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True, auto_kid=False)
    for name in ("first", "second")
)
ATTEMPT = Attempt("a-secret-that-only-the-browser-has", "/queue?state=all")


class Network(httpx2.AsyncBaseTransport):
    """A provider. `claims` and `header` change what it signs; `away` are not reached."""

    def __init__(self) -> None:
        self.keys = [FIRST]
        self.signs_with: Any = FIRST
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "first"}
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.away: set[str] = set()
        self.sent: dict[str, list[str]] = {}
        self.authorization = ""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        if name in self.away:
            raise httpx2.ConnectError("away", request=request)
        return httpx2.Response(200, json=getattr(self, f"_{name.replace('-', '_')}")(request))

    def _openid_configuration(self, request: httpx2.Request) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorise?p=1",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "end_session_endpoint": f"{ISSUER}/end",
            **self.metadata,
        }

    def _keys(self, request: httpx2.Request) -> dict[str, Any]:
        other = {"kty": "of-tomorrow", "kid": "other"}
        return {"keys": [other, *(key.as_dict(private=False) for key in self.keys)]}

    def _token(self, request: httpx2.Request) -> dict[str, Any]:
        self.sent = parse_qs(request.content.decode())
        self.authorization = request.headers.get("Authorization", "")
        claims = {
            "iss": ISSUER,
            "aud": "frontdoor",
            "sub": "mira",
            "nonce": ATTEMPT.nonce,
            "iat": int(NOON.timestamp()),
            "exp": int(NOON.timestamp()) + 300,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        algorithms = [self.header["alg"]]
        token = jwt.encode(self.header, claims, self.signs_with, algorithms=algorithms)
        return {"access_token": "theirs", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def network() -> Network:
    return Network()


def provider(network: Network, secret: str | None = "secret") -> Provider:
    client = Client(
        ISSUER, "frontdoor", secret, "openid", "https://fd.example/back", "https://fd.example/left"
    )
    return Provider(client, lambda: NOON, network)


async def proven(network: Network, issuer: str | None = None) -> dict[str, Any]:
    found = await provider(network).proven("code", ATTEMPT.nonce, ATTEMPT.verifier, issuer)
    return dict(found.claims)


async def test_the_way_in_shows_neither_secret_nor_verifier(network: Network) -> None:
    address = urlsplit(
        await provider(network).way_in(ATTEMPT.state, ATTEMPT.nonce, ATTEMPT.verifier)
    )
    digest = hashlib.sha256(ATTEMPT.verifier.encode()).digest()
    assert parse_qs(address.query) == {
        "p": ["1"],
        "response_type": ["code"],
        "client_id": ["frontdoor"],
        "redirect_uri": ["https://fd.example/back"],
        "scope": ["openid"],
        "state": [ATTEMPT.state],
        "nonce": [ATTEMPT.nonce],
        "code_challenge": [base64.urlsafe_b64encode(digest).decode().rstrip("=")],
        "code_challenge_method": ["S256"],
    }
    again = Attempt.of_cookie(ATTEMPT.cookie)
    assert (again.state, again.following) == (ATTEMPT.state, "/queue?state=all")
    assert len({ATTEMPT.state, ATTEMPT.nonce, ATTEMPT.verifier}) == 3


async def test_who_signed_in_is_who_the_token_says(network: Network) -> None:
    assert (await proven(network))["sub"] == "mira"
    assert network.sent["code_verifier"] == [ATTEMPT.verifier]
    assert network.sent["redirect_uri"] == ["https://fd.example/back"]
    assert network.authorization.startswith("Basic ")
    network.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await proven(network)
    assert (network.authorization, network.sent["client_secret"]) == ("", ["secret"])
    await provider(network, None).proven("code", ATTEMPT.nonce, ATTEMPT.verifier, None)
    assert "client_secret" not in network.sent


async def test_a_changed_key_holds_at_once_and_a_withdrawn_one_no_more(network: Network) -> None:
    ours = provider(network)
    await ours.proven("code", ATTEMPT.nonce, ATTEMPT.verifier, None)
    network.keys, network.signs_with = [FIRST, SECOND], SECOND
    network.header = {"alg": "PS256", "kid": "second"}
    await ours.proven("code", ATTEMPT.nonce, ATTEMPT.verifier, None)
    network.keys = [FIRST]
    with pytest.raises(NotBelieved):
        await ours.proven("code", ATTEMPT.nonce, ATTEMPT.verifier, None)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["frontdoor", "another"]},
        {"aud": ["frontdoor", "another"], "azp": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": int((NOON - timedelta(minutes=2)).timestamp())},
        {"exp": None},
        {"iat": int((NOON + timedelta(minutes=5)).timestamp())},
        {"sub": None},
        {"at_hash": "not-that-of-the-token"},
    ],
    ids=str,
)
async def test_a_token_for_another_purpose_is_not_believed(
    network: Network, claims: dict[str, Any]
) -> None:
    network.claims = claims
    with pytest.raises(NotBelieved):
        await proven(network)


async def test_a_token_does_not_choose_how_it_is_verified(network: Network) -> None:
    # The oldest trick: a public key taken for a shared secret.
    network.signs_with = OctKey.import_key(FIRST.as_pem(private=False).hex())
    network.header = {"alg": "HS256", "kid": "first"}
    with pytest.raises(NotBelieved):
        await proven(network)
    network.header = {"alg": "RS256", "kid": "first"}
    network.signs_with = SECOND
    with pytest.raises(NotBelieved):
        await proven(network)


async def test_an_answer_says_who_sent_it(network: Network) -> None:
    with pytest.raises(NotBelieved):
        await proven(network, "https://elsewhere.example")
    network.metadata = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(NotBelieved):
        await proven(network)
    assert await proven(network, ISSUER)


@pytest.mark.parametrize("what", ["openid-configuration", "token", "keys"])
async def test_a_provider_that_is_away_is_said_to_be(network: Network, what: str) -> None:
    network.away = {what}
    with pytest.raises(ProviderAway):
        await proven(network)
    network.away = set()
    assert await proven(network)


async def test_a_provider_that_is_not_its_issuer_is_not_used(network: Network) -> None:
    network.metadata = {"issuer": "https://elsewhere.example"}
    with pytest.raises(ProviderAway):
        await proven(network)
    network.metadata = {"token_endpoint": "http://login.council.example/token"}
    with pytest.raises(ProviderAway):
        await proven(network)


async def test_signing_out_there_where_it_is_offered(network: Network) -> None:
    address = await provider(network).way_out("token")
    assert address
    assert parse_qs(urlsplit(address).query) == {
        "id_token_hint": ["token"],
        "client_id": ["frontdoor"],
        "post_logout_redirect_uri": ["https://fd.example/left"],
    }
    network.metadata = {"end_session_endpoint": None}
    assert await provider(network).way_out("token") is None


def test_nobody_gets_more_than_was_registered() -> None:
    given = {
        "staff": OpenIdRights(roles=frozenset({"practitioner"})),
        "leads": OpenIdRights(roles=frozenset({"practitioner", "manager"})),
    }
    registered = (["practitioner"], ["walsall"])
    assert rights(*registered, ["leads", "choir"], given).roles == {"practitioner"}
    assert rights(*registered, "leads", given).authorities == {"walsall"}
    assert not rights(*registered, ["choir", 7], given).roles
    assert not rights(*registered, None, given).roles
    assert rights(*registered, None, {}).roles == {"practitioner"}
    there = {"staff": OpenIdRights(authorities=frozenset({"hartlepool"}))}
    assert not rights(*registered, ["staff"], there).authorities


def test_settings_that_cannot_be_safe_stop_the_start(tmp_path: Any) -> None:
    with pytest.raises(ValidationError, match="https"):
        Settings(openid_issuer="http://login.council.example")
    with pytest.raises(ValidationError, match="openid_rights_claim"):
        Settings(openid_rights={"staff": OpenIdRights()})
    with pytest.raises(ValidationError, match="no role wizard"):
        Settings(
            openid_rights_claim="groups",
            openid_rights={"staff": {"roles": ["wizard"]}},
        )
    assert Settings(openid_issuer="", openid_client_secret="").openid_issuer is None
    kept = tmp_path / "secret"
    kept.write_text("of the file\n")
    assert Settings(openid_client_secret_file=kept).openid_secret == "of the file"


async def test_who_signed_out_there_is_who_a_logout_token_names(network: Network) -> None:
    ours = provider(network)

    async def said(**changed: Any) -> Any:
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "frontdoor",
            "sub": "mira",
            "sid": "there-1",
            "iat": int(NOON.timestamp()),
            "exp": int(NOON.timestamp()) + 120,
            "jti": "once",
            "events": {LOGGED_OUT: {}},
            **changed,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "first", "typ": "logout+jwt"}
        return await ours.signed_out(jwt.encode(header, claims, network.signs_with))

    told = await said()
    assert (told.session, told.person, told.at) == ("there-1", "mira", NOON + timedelta(minutes=1))
    assert (await said(sid=None)).session is None
    for wrong in (
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"exp": int(NOON.timestamp()) - 61},
        {"jti": None},
        {"events": {}},
        {"events": None},
        {"nonce": "n"},
        {"sid": None, "sub": None},
    ):
        with pytest.raises(NotBelieved):
            await said(**wrong)
    network.signs_with = SECOND
    with pytest.raises(NotBelieved):
        await said()
    with pytest.raises(NotBelieved):
        await ours.signed_out("guessed")
