"""The OpenID Connect provider that staff sign in at: authorization code with PKCE (OpenID Connect
Core 1.0, section 3.1; RFC 7636), and signing out there (RP-Initiated Logout 1.0), also where the
provider says it of somebody by itself (Back-Channel Logout 1.0).

Nothing that the provider says is believed before the ID token is verified. Its keys are read anew
at every sign-in, so that one it has changed is known at once and one it withdrew holds no longer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jwt import JWTClaimsRegistry

from chassis.clock import Clock
from chassis.errors import BadRequest, Unavailable
from chassis.telemetry import logs

SECONDS = 5.0
# As long as a provider that went away may go unnoticed; nobody can make us ask it more often.
KNOWN_FOR = timedelta(seconds=10)
LEEWAY_SECONDS = 60
LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST = 65_536
# Never a secret's (HS…) nor none: a token must not choose how it is verified.
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")

log = logs.get_logger(__name__)


class ProviderAway(Unavailable):
    """The provider cannot be reached, or answers with nothing of use."""

    def __init__(self) -> None:
        super().__init__("provider_away", "The sign-in provider cannot be reached.")


class NotBelieved(BadRequest):
    """What came back does not prove who it is."""

    def __init__(self) -> None:
        super().__init__("sign_in_not_believed", "The sign-in could not be verified.")


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """What we are to the provider. `return_to` and `left_to` are pages of ours that are
    registered there: where people come back to from signing in, and from signing out."""

    issuer: str
    client_id: str
    secret: str | None
    scope: str
    return_to: str
    left_to: str


@dataclass(frozen=True, slots=True, repr=False)
class Proven:
    """Who signed in there, as a verified ID token says, and the token."""

    claims: Mapping[str, Any]
    id_token: str


@dataclass(frozen=True, slots=True, repr=False)
class SignedOut:
    """Whose session there has ended, by what the provider calls them; `session` is None where all
    of theirs that began before `at` (UTC) have."""

    session: str | None
    person: str | None
    at: datetime


class Provider:
    """`transport` is how it is reached; the network's own without it."""

    def __init__(
        self, client: Client, clock: Clock, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._transport = transport
        self._said: tuple[datetime, Mapping[str, Any]] | None = None
        self._published: tuple[datetime, KeySet] | None = None

    async def way_in(self, state: str, nonce: str, verifier: str) -> str:
        """Where to send somebody to sign in. Raises ProviderAway."""
        metadata = await self._metadata()
        address, _ = OAuth2Client(
            None,
            self._client.client_id,
            scope=self._client.scope,
            redirect_uri=self._client.return_to,
            code_challenge_method="S256",
        ).create_authorization_url(
            metadata["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
        )
        return str(address)

    async def proven(self, code: str, nonce: str, verifier: str, issuer: str | None) -> Proven:
        """Who came back with `code`. `issuer` is what the answer itself said of its sender
        (RFC 9207). Raises ProviderAway, NotBelieved."""
        metadata = await self._metadata()
        named = metadata.get("authorization_response_iss_parameter_supported", False)
        if issuer != self._client.issuer and (named or issuer is not None):
            raise self._doubt("issuer")
        token = await self._token(metadata, code, verifier)
        id_token = token.get("id_token")
        if not isinstance(id_token, str) or len(id_token) > LONGEST:
            raise self._doubt("no_id_token")
        keys = await self._keys(metadata)
        try:
            read = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self._client.issuer},
                    "aud": {"essential": True, "value": self._client.client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": self._client.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as fault:
            raise self._doubt(type(fault).__name__) from fault
        return Proven(dict(claims), id_token)

    async def way_out(self, id_token: str) -> str | None:
        """Where to send somebody to sign out there too; None where the provider offers no such
        place. Raises ProviderAway."""
        end = (await self._metadata()).get("end_session_endpoint")
        if not isinstance(end, str):
            return None
        said = {
            "id_token_hint": id_token,
            "client_id": self._client.client_id,
            "post_logout_redirect_uri": self._client.left_to,
        }
        return f"{end}{'&' if urlsplit(end).query else '?'}{urlencode(said)}"

    async def signed_out(self, logout_token: str) -> SignedOut:
        """Of whom the provider says that they have signed out there. Anybody may send such a token,
        so that the keys to judge it with are read every ten seconds at most. Raises ProviderAway,
        NotBelieved."""
        keys = await self._keys_lately()
        expected: dict[str, Any] = {
            "iss": {"essential": True, "value": self._client.issuer},
            "aud": {"essential": True, "value": self._client.client_id},
            "iat": {"essential": True},
            "exp": {"essential": True},
            "jti": {"essential": True},
        }
        now = int(self._clock().timestamp())
        try:
            claims = jwt.decode(logout_token, keys, algorithms=ALGORITHMS).claims
            JWTClaimsRegistry(now, LEEWAY_SECONDS, **expected).validate(claims)
            if not isinstance(claims["events"][LOGGED_OUT], dict) or "nonce" in claims:
                raise self._doubt("no_logout_token")
            session, person = (_text(claims.get(name)) for name in ("sid", "sub"))
            at = datetime.fromtimestamp(claims["iat"] + LEEWAY_SECONDS, UTC)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as fault:
            raise self._doubt(type(fault).__name__) from fault
        if session is None and person is None:
            raise self._doubt("nobody")
        return SignedOut(session, person, at)

    async def _keys_lately(self) -> KeySet:
        now = self._clock()
        if not self._published or now - self._published[0] >= KNOWN_FOR:
            self._published = now, await self._keys(await self._metadata())
        return self._published[1]

    async def _token(
        self, metadata: Mapping[str, Any], code: str, verifier: str
    ) -> Mapping[str, Any]:
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in methods
        secret = self._client.secret
        method = ("client_secret_basic" if basic else "client_secret_post") if secret else "none"
        async with AsyncOAuth2Client(
            self._client.client_id,
            secret,
            token_endpoint_auth_method=method,
            redirect_uri=self._client.return_to,
            transport=self._transport,
            timeout=SECONDS,
        ) as http:
            try:
                token: Mapping[str, Any] = await http.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
            except OAuthError as refused:
                raise self._doubt("code") from refused
            except (httpx2.HTTPError, ValueError) as fault:
                raise self._away(fault) from fault
        return token

    async def _keys(self, metadata: Mapping[str, Any]) -> KeySet:
        told = await self._read(metadata["jwks_uri"])
        keys: list[Key] = []
        for one in told.get("keys", ()):
            try:
                keys.append(import_key(one))
            except (JoseError, ValueError, TypeError, KeyError):
                log.warning("provider_key_not_read")
        return KeySet(keys)

    async def _metadata(self) -> Mapping[str, Any]:
        now = self._clock()
        if self._said and now - self._said[0] < KNOWN_FOR:
            return self._said[1]
        issuer = self._client.issuer
        told = await self._read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        scheme = urlsplit(issuer).scheme
        if told.get("issuer") != issuer or not all(
            urlsplit(str(told.get(name))).scheme in (scheme, "https") for name in needed
        ):
            log.error("provider_is_not_its_issuer")
            raise ProviderAway
        self._said = now, told
        return told

    async def _read(self, address: str) -> Mapping[str, Any]:
        try:
            async with httpx2.AsyncClient(transport=self._transport, timeout=SECONDS) as http:
                answer = await http.get(address)
            answer.raise_for_status()
            told = answer.json()
        except (httpx2.HTTPError, ValueError) as fault:
            raise self._away(fault) from fault
        if not isinstance(told, dict):
            raise ProviderAway
        return told

    def _away(self, fault: Exception) -> ProviderAway:
        log.warning("provider_away", fault=type(fault).__name__)
        return ProviderAway()

    def _doubt(self, about: str) -> NotBelieved:
        log.warning("sign_in_not_believed", reason=about)
        return NotBelieved()


def _text(said: Any) -> str | None:
    return said if isinstance(said, str) and said else None
