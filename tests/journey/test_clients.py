"""Several systems of one organisation, and secrets that are replaced without a gap."""

from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.errors import InvalidInput, NotFound
from chassis.identity.oauth import ASSERTION_TYPE
from services.intake.accounts import registering, store
from services.intake.summaries import store as summaries
from tests.journey.living import Living, bearer, read


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
    operator = home.staff("operator", *sorted(home.house.parts.policy.authorities))
    place, lead = "/v1/intake/clients/testwood-reader/lead", "leads@testwood.school.example"
    for sent_lead, status in (("nobody at all", 422), (lead, 200)):
        put = await home.http.put(place, json={"lead_email": sent_lead}, headers=operator)
        assert put.status_code == status
    await home.refer(await home.partner("rugby-sample"))
    async with database.connection() as connection:
        week = home.clock() - timedelta(days=7)
        (row,) = await summaries.open_or_changed(connection, "warwickshire", week, None)
        assert (row["reference"], row["lead_email"]) == (sent["reference"], lead)
        assert await summaries.open_or_changed(connection, "walsall", week, None) == []
        await connection.execute(
            "INSERT INTO restriction VALUES ($1, 'warwickshire', '{}', '{}', '{}')",
            row["referral_id"],
        )
        assert await summaries.open_or_changed(connection, "warwickshire", week, None) == []
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


async def test_a_client_proves_who_it_is_with_a_key_of_its_own(home: Living) -> None:
    school, operator = (
        await home.partner(),
        home.staff("operator", *sorted(home.house.parts.policy.authorities)),
    )
    place = f"/v1/intake/clients/{school.client_id}/keys"
    first, second = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    told = read(await home.http.get("/.well-known/oauth-authorization-server"))
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]

    async def asks(key: ECKey, **said: object) -> httpx2.Response:
        claims = {
            "iss": school.client_id,
            "sub": school.client_id,
            "aud": told["token_endpoint"],
            "exp": int(home.clock().timestamp()) + 60,
            "jti": str(uuid4()),
            **said,
        }
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": jwt.encode({"alg": "ES256"}, claims, key),
        }
        return await home.http.post("/oauth/token", data=form)

    assert (await asks(first)).status_code == 401
    private = {"keys": [first.as_dict(private=True)]}
    refused = await home.http.put(place, json=private, headers=operator)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/keys")
    assert (await home.http.put(place, json={}, headers=school.headers)).status_code == 403
    both = {"keys": [one.as_dict(private=False) for one in (first, second)]}
    assert len(read(await home.http.put(place, json=both, headers=operator))["key_names"]) == 2
    listed = read(await home.http.get("/v1/intake/clients", headers=operator))["items"]
    assert [len(one["key_names"]) for one in listed if one["client_id"] == school.client_id] == [2]

    answer = read(await asks(first, jti="once"))
    seen = await home.http.get("/v1/referrals", headers=bearer(answer["access_token"]))
    assert seen.status_code == 200
    again = await asks(first, jti="once")
    assert (again.status_code, "used before" in again.json()["error_description"]) == (401, True)
    assert (await asks(first, aud="http://elsewhere.example")).status_code == 401
    # The new key takes over; then the old one, and the secret, hold no more.
    assert (await asks(second)).status_code == 200
    only = {"pem": second.as_pem(private=False).decode(), "end_secret": True}
    assert await token(home, school.client_id, school.secret)
    read(await home.http.put(place, json=only, headers=operator))
    assert (await asks(first)).status_code == 401
    assert (await asks(second, jti="two")).status_code == 200
    assert await token(home, school.client_id, school.secret) is None
    home.clock.forward(timedelta(minutes=5))
    async with home.house.databases["intake"].transaction() as connection:
        await store.forget_assertions(connection, home.clock())
    assert home.query("SELECT count(*) FROM intake.client_assertion") == [(0,)]
    await home.http.post(
        f"/v1/intake/clients/{school.client_id}/disablement", json={}, headers=operator
    )
    assert (await asks(second)).status_code == 401


async def test_an_organisations_people_are_given_accounts(home: Living) -> None:
    school, other = await home.partner(), await home.partner("other-school")
    operator = home.staff("operator", *sorted(home.house.parts.policy.authorities))
    place = f"/v1/intake/clients/{school.client_id}/people"
    person = {"username": "dawn@testwood.school.example", "role": "referrer"}
    made = await home.http.post(place, json=person, headers=operator)
    assert made.status_code == 201, made.text
    assert made.headers["Cache-Control"] == "no-store"
    again = await home.http.post(place, json=person, headers=operator)
    assert again.status_code == 409
    manager = {**person, "username": "b@testwood.school.example", "role": "manager"}
    assert (await home.http.post(place, json=manager, headers=operator)).status_code == 422
    no_mail = {**person, "username": "dawn"}
    assert (await home.http.post(place, json=no_mail, headers=operator)).status_code == 422
    some = home.staff("operator")
    assert (await home.http.post(place, json=person, headers=some)).status_code == 403
    assert (await home.http.get(place, headers=some)).status_code == 403
    (listed,) = read(await home.http.get(place, headers=operator))["items"]
    assert (listed["username"], listed["roles"]) == (person["username"], ["referrer"])

    async def signs_in() -> int:
        said = {"username": person["username"], "password": read(made)["password"]}
        form = {"grant_type": "password", **said}
        return (await home.http.post("/oauth/token", data=form)).status_code

    assert await signs_in() == 200
    name = {"username": person["username"]}
    theirs = f"/v1/intake/clients/{other.client_id}/people/disablement"
    assert (await home.http.post(theirs, json=name, headers=operator)).status_code == 404
    ended = await home.http.post(f"{place}/disablement", json=name, headers=operator)
    assert ended.status_code == 200, ended.text
    assert await signs_in() == 400
    assert "dawn@" not in str(home.query("SELECT details FROM intake.audit_entry"))
