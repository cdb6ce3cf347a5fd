"""The case system of a council, as it signs in."""

from chassis.ids import new_id
from services.intake.accounts.registering import add_case_system
from tests.journey.living import Living, bearer, read


async def case_system(home: Living, authority: str = "warwickshire") -> dict[str, str]:
    """The headers of an authority's case system."""
    client_id = f"cases-{authority}"
    async with home.house.databases["intake"].transaction() as connection:
        secret = await add_case_system(
            connection,
            client_id=client_id,
            name="Example Cases",
            authority=authority,
            pepper=home.house.parts.ring.token_key,
            ids=new_id,
            now=home.clock(),
        )
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = await home.http.post("/oauth/token", data=asked)
    return bearer(read(answer)["access_token"])
