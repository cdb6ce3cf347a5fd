"""Reading a request for a token: OAuth 2.0 (RFC 6749) with the grants `client_credentials`,
`password` and the JWT bearer grant (RFC 7523). Only reads: the service that owns the accounts
checks them.

An OAuth client expects OAuth's own error body, so that a refusal here is no problem document.
"""

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote_plus

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20
LONGEST = 1_000
LONGEST_ASSERTION = 8_192
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANTS = ("client_credentials", "password", JWT_BEARER)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

OAuthCode = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
]


class OAuthRefusal(Exception):
    """No token. `description` is for developers and repeats nothing that was sent."""

    def __init__(self, error: OAuthCode, description: str, *, challenge: bool = False) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = 401 if error == "invalid_client" else 400
        self.challenge = challenge


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A partner's system asks for itself. `scopes` None: all that it has. `by_header`: its secret
    came by HTTP Basic, so that a refusal has to say so."""

    client_id: str
    secret: str
    scopes: frozenset[str] | None = None
    by_header: bool = False

    def refused(self) -> OAuthRefusal:
        """The refusal of an unknown client, which is that of a wrong secret."""
        return OAuthRefusal(
            "invalid_client", "No such client, or not its secret.", challenge=self.by_header
        )


@dataclass(frozen=True, slots=True)
class AssertionRequest:
    """A partner's system asks for itself with a JWT that it signed (RFC 7523)."""

    assertion: str
    client_id: str | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """A partner's system shows a token that its organisation's own provider gave it (RFC 7523)."""

    token: str
    client_id: str | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """A member of staff with a local account asks."""

    username: str
    password: str

    def refused(self) -> OAuthRefusal:
        """The refusal of an unknown person, which is that of a wrong password."""
        return OAuthRefusal("invalid_grant", "No such person, or not their password.")


def read_token_request(
    content_type: str | None, authorization: str | None, body: bytes
) -> ClientRequest | AssertionRequest | GrantRequest | PersonRequest:
    """Who asks for a token, and with what. Raises OAuthRefusal."""
    if (content_type or "").partition(";")[0].strip().lower() != FORM:
        raise OAuthRefusal("invalid_request", f"Send the fields as {FORM}.")
    fields = _fields(body)
    match fields.get("grant_type"):
        case "client_credentials":
            return _client(fields, authorization)
        case "password":
            return PersonRequest(_needed(fields, "username"), _needed(fields, "password"))
        case grant if grant == JWT_BEARER:
            return _grant(fields, authorization)
        case None:
            raise OAuthRefusal("invalid_request", "grant_type is missing.")
        case _:
            raise OAuthRefusal("unsupported_grant_type", f"The grants are {', '.join(GRANTS)}.")


def granted(asked: frozenset[str] | None, allowed: Collection[str]) -> frozenset[str]:
    """The scopes to put in a token. Raises OAuthRefusal for one that is not allowed."""
    if asked is None:
        return frozenset(allowed)
    if not asked.issubset(allowed):
        raise OAuthRefusal("invalid_scope", "The client does not have one of these scopes.")
    return asked


def _grant(fields: dict[str, str], authorization: str | None) -> GrantRequest:
    if authorization or not fields.keys().isdisjoint({"client_secret", "client_assertion"}):
        raise OAuthRefusal("invalid_request", "The provider's token is enough: send no secret.")
    token = _needed(fields, "assertion")
    return GrantRequest(token, fields.get("client_id") or None, _scopes(fields))


def _scopes(fields: dict[str, str]) -> frozenset[str] | None:
    return frozenset(fields["scope"].split()) if fields.get("scope") else None


def _client(fields: dict[str, str], authorization: str | None) -> ClientRequest | AssertionRequest:
    scopes = _scopes(fields)
    if "client_assertion" in fields or "client_assertion_type" in fields:
        if authorization or "client_secret" in fields:
            raise OAuthRefusal("invalid_request", "Send a secret or an assertion, not both.")
        if _needed(fields, "client_assertion_type") != ASSERTION_TYPE:
            raise OAuthRefusal("invalid_request", f"client_assertion_type is {ASSERTION_TYPE}.")
        assertion = _needed(fields, "client_assertion")
        return AssertionRequest(assertion, fields.get("client_id") or None, scopes)
    basic = basic_credentials(authorization)
    if authorization and not basic:
        raise OAuthRefusal(
            "invalid_client", "The Authorization header cannot be read.", challenge=True
        )
    if basic and "client_secret" in fields:
        raise OAuthRefusal("invalid_request", "Send the secret by one way only.")
    client_id, secret = basic or (
        _needed(fields, "client_id"),
        _needed(fields, "client_secret"),
    )
    return ClientRequest(client_id, secret, scopes, by_header=basic is not None)


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as fault:
        raise OAuthRefusal("invalid_request", "The fields cannot be read.") from fault
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise OAuthRefusal("invalid_request", "A field came twice.")
    if any(
        len(value) > (LONGEST_ASSERTION if name in ("assertion", "client_assertion") else LONGEST)
        or _CONTROL.search(value)
        for name, value in fields.items()
    ):
        raise OAuthRefusal("invalid_request", "A field is too long, or holds a control character.")
    return fields


def _needed(fields: dict[str, str], name: str) -> str:
    if not fields.get(name):
        raise OAuthRefusal("invalid_request", f"{name} is missing.")
    return fields[name]


def basic_credentials(authorization: str | None) -> tuple[str, str] | None:
    """The name and secret of an HTTP Basic header, each encoded as a form field (RFC 6749, 2.3.1);
    None without such a header, or where it cannot be read."""
    if not authorization or authorization[:6].lower() != "basic ":
        return None
    try:
        text = base64.b64decode(authorization[6:].strip(), validate=True).decode()
        name, _, secret = text.partition(":")
        name, secret = unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")
    except ValueError:
        return None
    if not name or not secret or _CONTROL.search(name + secret):
        return None
    return name, secret
