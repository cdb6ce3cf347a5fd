"""With PostgreSQL away people are told to come back, and the house goes on by itself when it is
there again."""

import pytest

from bench.house import HouseProcess, until
from bench.people import People
from tests.fault.looking import execute, sent


@pytest.mark.timeout(240)
@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_503_while_away_and_no_restart_after(one: HouseProcess, people: People, how: str):
    before = await people.post(0)
    headers = await people.partner("testwood-academy")
    getattr(one.postgres, how)()

    answer = await people.http.get(f"/v1/referrals/{before}", headers=headers)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "database_away"
    assert (await people.http.get("/readyz")).status_code == 503
    assert (await people.http.get("/livez")).status_code == 200

    one.postgres.start()
    await until(lambda: _ready(people), 15, "ready again")
    after = await people.post(1)
    for referral_id in (before, after):
        await people.decide(referral_id)
        await sent(people, referral_id, "decision")
    assert one.ended is None
    for service in ("intake", "triage", "allocation", "notifications", "console"):
        assert execute(one, f"SELECT count(*) FROM {service}.parked_event") == [(0,)]


async def _ready(people: People) -> bool:
    return (await people.http.get("/readyz")).status_code == 200
