"""A partner's system comes with a token of its organisation's own identity provider, a real one."""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from chassis.identity.oauth import JWT_BEARER
from policy.loading import PackSet
from services.intake.vouching import keys
from tests import provider
from tests.databases import Server
from tests.journey.forms import form
from tests.journey.living import Living, Partner, bearer, living, read

HOUSE = "http://house.example"
LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def running() -> Iterator[tuple[str, ExitStack]]:
    """The issuer, and what ends it."""
    with ExitStack() as stack:
        yield stack.enter_context(provider.running(HOUSE)), stack


async def shown(home: Living, token: str, **said: str) -> httpx2.Response:
    asked = {"grant_type": JWT_BEARER, "assertion": token, **said}
    return await home.http.post("/oauth/token", data=asked)


def why(answer: httpx2.Response) -> str:
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), answer.text
    return str(answer.json()["error_description"])


def altered(token: str, header: dict[str, Any]) -> str:
    """A token with another header, and the signature that it had."""
    said = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    return ".".join((said, *token.split(".")[1:]))


async def test_a_token_of_the_organisations_own_provider(
    postgres: Server, packs: PackSet, running: tuple[str, ExitStack]
) -> None:
    issuer, stack = running
    with postgres.fresh() as databases:
        async with living(databases, packs, provider_networks=LOOPBACK) as home:
            home.clock.now = datetime.now(UTC)
            school = await home.partner(scopes=("referral.create", "referral.read"))
            operator = home.staff("operator", *sorted(home.house.parts.policy.authorities))
            place = f"/v1/intake/clients/{school.client_id}/provider"
            about = {
                "issuer": issuer, "subject": "school-software", "audience": HOUSE,
                "jwks_url": f"{issuer}/jwks", "scope_claim": "scope",
            }  # fmt: skip
            ours = await provider.token_of(issuer, HOUSE, scope="referral.create everything")
            assert "Nobody is registered" in why(await shown(home, ours))
            put = await home.http.put(place, json=about, headers=operator)
            assert put.status_code == 200, put.text
            assert (
                await home.http.put(place, json=about, headers=school.headers)
            ).status_code == 403
            listed = read(await home.http.get("/v1/intake/clients", headers=operator))["items"]
            assert {**about, "key_names": []} in [one["provider"] for one in listed]

            await lets_in(home, ours)
            await refuses(home, issuer, ours)
            await another_has_its_own(home, operator, about)

            # The provider goes away: its keys go on for a while, then nobody can say.
            read_now = {**about, "jwks_url": f"{issuer}/jwks?of=now"}
            assert (await home.http.put(place, json=read_now, headers=operator)).status_code == 200
            assert (await shown(home, ours)).status_code == 200
            stack.close()
            fresh = home.clock.now
            for later, status in ((keys.KEPT, 200), (keys.KEPT + timedelta(seconds=1), 503)):
                home.clock.now = fresh + later
                answer = await shown(home, ours)
                assert answer.status_code == status, answer.text
            assert answer.headers["Retry-After"] == "10"
            assert answer.json()["code"] == "partners_provider_away"
            home.clock.now = fresh
            await ends(home, school, operator, ours, place)


async def lets_in(home: Living, token: str) -> None:
    """With what the provider leaves of the client's scopes, for five minutes."""
    answer = read(await shown(home, token))
    assert (answer["expires_in"], answer["scope"]) == (300, "referral.create")
    me = bearer(answer["access_token"])
    sent = await home.http.post(
        "/v1/referrals", json=form(), headers={**me, "Idempotency-Key": str(uuid4())}
    )
    assert sent.status_code == 201, sent.text
    assert (await home.http.get("/v1/referrals", headers=me)).status_code == 403
    wider = await shown(home, token, scope="referral.read")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")


async def refuses(home: Living, issuer: str, ours: str) -> None:
    """Everything else, and says why to whoever has a token that the provider signed."""
    elsewhere = await provider.token_of(issuer, "https://elsewhere.example")
    assert "aud" in why(await shown(home, elsewhere))
    canteen = await provider.token_of(issuer, HOUSE, 1)
    assert "Nobody is registered" in why(await shown(home, canteen))
    none_left = await shown(home, await provider.token_of(issuer, HOUSE, scope="everything"))
    assert none_left.json()["error"] == "invalid_scope"
    header = json.loads(base64.urlsafe_b64decode(ours.split(".")[0] + "=="))
    for changed, said in (
        ({"alg": "none"}, "signed with one of"),
        ({"alg": "HS256"}, "signed with one of"),
        ({"kid": "of-nobody"}, "no key of the provider signed it"),
        ({"typ": "logout+jwt"}, "typ"),
        ({"crit": ["exp"], "exp": 1}, "crit"),
    ):
        assert said in why(await shown(home, altered(ours, {**header, **changed})))
    assert "not a signed JWT" in why(await shown(home, "eyJ"))
    now = home.clock.now
    for away, said in (
        (timedelta(hours=-1), "It holds only in 3600 seconds"),
        (timedelta(hours=2, minutes=2), "older than two hours"),
        (timedelta(hours=5), "expired 3600 seconds ago"),
    ):
        home.clock.now = now + away
        told = why(await shown(home, ours))
        assert said.split("36")[0] in told
        assert "60 seconds of difference are allowed" in told
    home.clock.now = now
    mixed = await shown(home, ours, client_secret="x")
    assert mixed.json()["error"] == "invalid_request"


async def another_has_its_own(
    home: Living, operator: dict[str, str], about: dict[str, str]
) -> None:
    """Nobody is registered twice, nor with keys at an address within."""
    other = await home.partner("rugby-sample")
    place = f"/v1/intake/clients/{other.client_id}/provider"
    for change, status in (
        ({}, 409),
        ({"subject": "x", "jwks_url": "https://169.254.169.254/keys"}, 422),
        ({"subject": "x", "jwks_url": None}, 422),
        ({"subject": "x", "issuer": "urn:example"}, 422),
    ):
        put = await home.http.put(place, json={**about, **change}, headers=operator)
        assert put.status_code == status, put.text


async def ends(
    home: Living, school: Partner, operator: dict[str, str], token: str, place: str
) -> None:
    """What is registered ends at once; the secret goes on, being another way."""
    assert (await shown(home, token)).status_code == 200
    ended = await home.http.post(f"{place}-end", headers=operator)
    assert ended.status_code == 200
    assert "Nobody is registered" in why(await shown(home, token))
    assert (await home.http.post(f"{place}-end", headers=operator)).status_code == 404
    assert (await home.http.get("/v1/referrals", headers=school.headers)).status_code == 200
    actions = home.query("SELECT DISTINCT action FROM intake.audit_entry ORDER BY 1")
    assert {("client_provider_registered",), ("client_provider_ended",)} <= set(actions)
