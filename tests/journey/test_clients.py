"""Several systems of one organisation, and secrets that are replaced without a gap."""

from datetime import timedelta

import pytest

from chassis.errors import InvalidInput, NotFound
from services.intake.accounts import registering
from tests.journey.living import Living, bearer


async def token(home: Living, client_id: str, secret: str) -> str | None:
    answer = await home.http.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        },
    )
    return str(answer.json()["access_token"]) if answer.status_code == 200 else None


async def test_an_old_secret_holds_until_its_time(home: Living) -> None:
    school = await home.partner()
    pepper = home.house.parts.ring.token_key
    database = home.house.databases["intake"]
    async with database.transaction() as connection:
        secret, until = await registering.rotate(
            connection, school.client_id, overlap=timedelta(hours=24), pepper=pepper,
            now=home.clock(),
        )  # fmt: skip
    assert until == home.clock() + timedelta(hours=24)
    assert await token(home, school.client_id, school.secret)
    assert await token(home, school.client_id, secret)
    home.clock.forward(timedelta(hours=24))
    assert await token(home, school.client_id, school.secret) is None
    assert await token(home, school.client_id, secret)
    # Replaced again without an overlap, as after a leak: nothing older holds.
    async with database.transaction() as connection:
        latest, _ = await registering.rotate(
            connection, school.client_id, overlap=timedelta(), pepper=pepper, now=home.clock()
        )
    assert await token(home, school.client_id, secret) is None
    assert await token(home, school.client_id, latest)


async def test_an_organisation_has_several_clients_each_with_its_scopes(home: Living) -> None:
    school = await home.partner()
    pepper = home.house.parts.ring.token_key
    database = home.house.databases["intake"]
    async with database.transaction() as connection:
        secret = await registering.add_client(
            connection, beside=school.client_id, client_id="testwood-reader",
            scopes=["referral.read"], pepper=pepper, now=home.clock(),
        )  # fmt: skip
    sent = await home.refer(school)
    reader = bearer(await token(home, "testwood-reader", secret) or "")
    seen = await home.http.get(f"/v1/referrals/{sent['id']}", headers=reader)
    assert seen.status_code == 200
    refused = await home.http.post("/v1/drafts", json={"authority": "warwickshire"}, headers=reader)
    assert refused.status_code == 403
    async with database.transaction() as connection:
        await registering.disable(connection, "testwood-reader", home.clock())
    assert await token(home, "testwood-reader", secret) is None
    async with database.connection() as connection:
        for beside, scopes, wrong in (
            ("nobody", ["referral.read"], NotFound),
            (school.client_id, ["everything"], InvalidInput),
            (school.client_id, [], InvalidInput),
        ):
            with pytest.raises(wrong):
                await registering.add_client(
                    connection, beside=beside, client_id="x", scopes=scopes, pepper=pepper,
                    now=home.clock(),
                )  # fmt: skip
        with pytest.raises(NotFound):
            await registering.disable(connection, "testwood-reader", home.clock())
