"""Who saw and did what is written down, once, and a later change of it shows."""

import psycopg
import pytest

from chassis.audit import Sealer, verify
from tests.journey.forms import form
from tests.journey.living import Living


@pytest.fixture
def who(home: Living) -> dict[str, str]:
    return home.staff()


def entries(home: Living, service: str, referral_id: str) -> list[tuple[str, str, dict]]:
    return home.query(
        f"SELECT action, actor_kind, details FROM {service}.audit_entry "
        "WHERE referral_id = %s ORDER BY position",
        referral_id,
    )


async def sealed(home: Living, service: str) -> None:
    database = home.house.databases[service]
    await Sealer(database, home.clock).step()


async def holds(home: Living, service: str) -> tuple[bool, int | None]:
    async with home.house.databases[service].connection() as connection:
        found = await verify(connection)
    return found.holds, found.broken_at


async def test_opening_a_case_is_one_entry(home: Living, who: dict[str, str]) -> None:
    told = await home.refer(await home.partner())
    await home.rated(told["id"], home.staff())
    await home.sent(told["id"], "acknowledgement", home.staff())
    for service, path in (
        ("triage", f"/v1/triage/referrals/{told['id']}"),
        ("intake", f"/v1/intake/referrals/{told['id']}"),
    ):
        before = len(entries(home, service, told["id"]))
        assert (await home.http.get(path, headers=who)).status_code == 200
        after = entries(home, service, told["id"])[before:]
        assert after == [("case_opened", "staff", {})]


async def test_what_was_not_found_was_not_opened(home: Living) -> None:
    told = await home.refer(await home.partner())
    await home.rated(told["id"], home.staff())
    elsewhere = home.staff("manager", "walsall")
    before = len(entries(home, "triage", told["id"]))
    answer = await home.http.get(f"/v1/triage/referrals/{told['id']}", headers=elsewhere)
    assert answer.status_code == 404
    assert len(entries(home, "triage", told["id"])) == before


async def test_a_list_notes_what_it_newly_showed_that_day(
    home: Living, who: dict[str, str]
) -> None:
    school = await home.partner()
    first = await home.refer(school)
    await home.rated(first["id"], home.staff())

    def lists() -> list[list[str]]:
        return [
            row[0]["referral_ids"]
            for row in home.query(
                "SELECT details FROM triage.audit_entry WHERE action = 'list_read' "
                "ORDER BY position"
            )
        ]

    for _ in range(2):
        assert (await home.http.get("/v1/triage/referrals", headers=who)).status_code == 200
    assert lists() == [[first["id"]]]
    second = await home.refer(school, form())
    await home.rated(second["id"], home.staff())
    await home.http.get("/v1/triage/referrals", headers=who)
    assert lists() == [[first["id"]], [second["id"]]]


async def test_each_change_has_its_entry_in_its_own_transaction(
    home: Living, who: dict[str, str]
) -> None:
    school = await home.partner()
    told = await home.refer(school)
    case = await home.rated(told["id"], who)
    refused = await home.decide(case, who, actions=[])
    assert refused.status_code == 422
    assert (await home.decide(case, who)).status_code == 201
    assert (await home.rerate(case, who, rag="amber")).status_code == 201
    actions = [action for action, *_ in entries(home, "triage", told["id"])]
    assert [one for one in actions if one in {"decided", "rerated"}] == ["decided", "rerated"]
    received = [one for one in entries(home, "intake", told["id"]) if one[1] == "partner"]
    assert [one[0] for one in received] == ["referral_received"]


async def test_a_read_between_services_says_what_for(home: Living, who: dict[str, str]) -> None:
    told = await home.refer(await home.partner())
    await home.sent(told["id"], "acknowledgement", who)
    reads = [one for one in entries(home, "intake", told["id"]) if one[0] == "referrer_read"]
    assert reads
    assert all(kind == "service" and details["purpose"] for _, kind, details in reads)


async def test_the_chain_holds_and_tampering_is_found(home: Living, who: dict[str, str]) -> None:
    told = await home.refer(await home.partner())
    await home.rated(told["id"], who)
    await sealed(home, "triage")
    assert await holds(home, "triage") == (True, None)

    for statement in (
        "UPDATE triage.audit_entry SET action = 'nothing'",
        "DELETE FROM triage.audit_entry",
        "TRUNCATE triage.audit_entry",
        "DELETE FROM triage.audit_seal",
    ):
        with pytest.raises(psycopg.errors.RaiseException):
            home.databases.execute(statement)
    assert await holds(home, "triage") == (True, None)

    ((position,),) = home.query("SELECT min(position) FROM triage.audit_entry")
    home.databases.execute(
        "ALTER TABLE triage.audit_entry DISABLE TRIGGER audit_entry_is_kept;"
        f"UPDATE triage.audit_entry SET actor_id = NULL WHERE position = {position};"
        "ALTER TABLE triage.audit_entry ENABLE TRIGGER audit_entry_is_kept"
    )
    assert await holds(home, "triage") == (False, position)


async def test_a_service_cannot_change_what_was_written(home: Living, who: dict[str, str]) -> None:
    told = await home.refer(await home.partner())
    await home.rated(told["id"], who)
    with psycopg.connect(home.databases.urls["triage"], autocommit=True) as connection:
        for statement in (
            "UPDATE triage.audit_entry SET action = 'nothing'",
            "ALTER TABLE triage.audit_entry DISABLE TRIGGER audit_entry_is_kept",
            "UPDATE event_stream.event_log SET type = 'nothing'",
            "SELECT * FROM intake.words",
            "SELECT * FROM intake.staff",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement.encode())
