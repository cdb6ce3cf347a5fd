"""Keys that services publish for each other."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from chassis.errors import Unauthorised, Unavailable
from chassis.identity import (
    Caller,
    FetchingVerifier,
    Publisher,
    SigningKey,
    issue,
    only,
    outsiders,
    service_token,
)
from chassis.ids import new_id

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
PEOPLE = SigningKey.derived(b"intake's secret, 32 bytes of it..")
INTAKE = SigningKey.derived(b"intake's secret, 32 bytes of it..", "service tokens")
TRIAGE = SigningKey.derived(b"triage's secret, 32 bytes of it..", "service tokens")
MIRA = Caller(kind="staff", id=new_id(), name="mira", authorities=frozenset({"walsall"}))


class Network(httpx2.AsyncBaseTransport):
    """Where key sets are published. `away` are not reached."""

    def __init__(self) -> None:
        self.sets: dict[str, Any] = {
            "/people": PEOPLE.public(),
            "/intake": INTAKE.public(),
        }
        self.away: set[str] = set()
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.asked.append(path)
        if path in self.away:
            raise httpx2.ConnectError("away", request=request)
        return httpx2.Response(200, json=self.sets[path], request=request)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def triage(network: Network) -> FetchingVerifier:
    """The verifier of triage."""
    return FetchingVerifier(
        [(TRIAGE.public(), only("triage"))],
        [
            Publisher("people", "http://house/people", outsiders),
            Publisher("intake", "http://house/intake", only("intake")),
        ],
        httpx2.AsyncClient(transport=network),
        lambda: NOON,
    )


async def test_a_key_is_fetched_when_a_token_names_it(
    triage: FetchingVerifier, network: Network
) -> None:
    assert await triage.verified(issue(PEOPLE, MIRA, NOON, 60)) == MIRA
    assert (await triage.verified(service_token(INTAKE, "intake", NOON))).name == "intake"
    assert sorted(network.asked) == ["/intake", "/people"]


async def test_a_services_own_token_asks_nobody(triage: FetchingVerifier, network: Network) -> None:
    assert (await triage.verified(service_token(TRIAGE, "triage", NOON))).name == "triage"
    assert network.asked == []


@pytest.mark.parametrize(
    "token",
    [
        service_token(INTAKE, "triage", NOON),
        issue(INTAKE, MIRA, NOON, 60),
        service_token(PEOPLE, "intake", NOON),
        service_token(TRIAGE, "intake", NOON),
        issue(TRIAGE, MIRA, NOON, 60),
    ],
)
async def test_a_key_signs_for_its_own_and_nobody_else(
    triage: FetchingVerifier, token: str
) -> None:
    with pytest.raises(Unauthorised):
        await triage.verified(token)


async def test_a_key_under_anothers_name_is_known_by_its_own(
    triage: FetchingVerifier, network: Network
) -> None:
    (people,) = PEOPLE.public()["keys"]
    (intake,) = INTAKE.public()["keys"]
    network.sets["/intake"] = {"keys": [{**intake, "kid": people["kid"]}, people]}
    assert await triage.verified(issue(PEOPLE, MIRA, NOON, 60)) == MIRA
    with pytest.raises(Unauthorised):
        await triage.verified(issue(INTAKE, MIRA, NOON, 60))


async def test_an_unknown_key_makes_us_ask_once_in_a_while(
    triage: FetchingVerifier, network: Network
) -> None:
    stranger = SigningKey.derived(b"a stranger's secret, 32 bytes of it")
    for _ in range(50):
        with pytest.raises(Unauthorised):
            await triage.verified(issue(stranger, MIRA, NOON, 60))
    assert len(network.asked) == 2


async def test_a_token_waits_for_a_publisher_that_was_never_reached(
    triage: FetchingVerifier, network: Network
) -> None:
    network.away = {"/people", "/intake"}
    with pytest.raises(Unavailable):
        await triage.verified(issue(PEOPLE, MIRA, NOON, 60))


async def test_keys_that_are_known_are_good_while_their_publisher_is_away(
    triage: FetchingVerifier, network: Network
) -> None:
    await triage.verified(issue(PEOPLE, MIRA, NOON, 60))
    network.away = {"/people", "/intake"}
    assert await triage.verified(issue(PEOPLE, MIRA, NOON, 90)) == MIRA


@pytest.mark.parametrize("said", [{}, {"keys": []}, {"keys": [{"kty": "nothing"}]}, []])
async def test_rubbish_for_a_key_set_is_as_none(
    triage: FetchingVerifier, network: Network, said: Any
) -> None:
    network.sets["/people"] = said
    assert (await triage.verified(service_token(INTAKE, "intake", NOON))).name == "intake"
    with pytest.raises(Unavailable):
        await triage.verified(issue(PEOPLE, MIRA, NOON, 60))
