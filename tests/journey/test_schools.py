"""The register of schools: imported, found by name, and given a client."""

import pytest

from chassis.errors import InvalidInput
from services.intake.accounts.registering import add_school
from services.intake.schools import register
from tests.journey.living import Living, Partner, read

HEADER = "URN,LA (code),EstablishmentName,TypeOfEstablishment (name),EstablishmentStatus (name),Postcode\n"
OPEN = "100001,937,Mock 100% Academy,Academy converter,Open,CV32 9ZA\n"
CLOSED = "100001,937,Mock 100% Academy,Academy converter,Closed,CV32 9ZA\n"
OTHER = "100002,937,Mock School,Community school,Open,CV32 9ZB\n"


async def taken(home: Living, *rows: str) -> register.Taken:
    found = register.schools([HEADER, *rows])
    return await register.take(home.house.databases["intake"], found, home.clock())


async def test_a_school_keeps_its_id_and_says_that_it_has_closed(
    shared_home: Living, shared_school: Partner
) -> None:
    home, who = shared_home, shared_home.staff()
    assert (await taken(home, OPEN, OTHER)).changed == 2
    assert (await taken(home, OPEN, OTHER)).changed == 0

    async def named(words: str) -> list[dict[str, object]]:
        answer = await home.http.get(f"/v1/intake/organisations?name={words}", headers=who)
        return list(read(answer)["items"])

    (school,) = await named("mock 100%25 aca")
    assert (school["urn"], school["agency"], school["open"]) == ("100001", "school", True)
    assert await named("m%25k") == []
    assert await named("mo") == []

    async with home.house.databases["intake"].transaction() as connection:
        about = {
            "email_domain": "mock.school.example",
            "scopes": ["referral.create"],
            "pepper": b"p" * 32,
            "now": home.clock(),
        }
        assert await add_school(connection, client_id="mock-academy", urn="100001", **about)
        with pytest.raises(InvalidInput):
            await add_school(connection, client_id="nobody", urn="999999", **about)

    gone = await taken(home, CLOSED, OTHER)
    assert (gone.changed, gone.closed) == (1, 1)
    (closed,) = await named("100%25")
    assert (closed["organisation_id"], closed["open"]) == (school["organisation_id"], False)
    refused = await home.http.get("/v1/intake/organisations", headers=dict(shared_school.headers))
    assert refused.status_code == 403
