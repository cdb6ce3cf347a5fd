"""A referral whose time has come: two people destroy it, and it is gone from everywhere, for ever."""

import base64
import json
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg

from chassis.database.embedded import PROGRAMS
from chassis.vault import Vault
from frontdoor.backups import restore
from frontdoor.epochs import SKIPPED_NUMBERS
from frontdoor.house import House, Parts
from frontdoor.installation import Installation
from policy.loading import PackSet
from services.intake.consultations.store import ConsultationStore
from tests.databases import Databases
from tests.journey.forms import child, form
from tests.journey.living import Living, Partner, living, read

NO_ACTION = {"rag": "none"}
# Who did what stays, by ids; so do the thin events, and what was answered a week ago at most.
ANOTHER_FAMILY = form(
    children=[
        child(
            given_name="Zoe",
            family_name="Otherley",
            date_of_birth="2013-07-08",
            sex="F",
            address={"lines": ["9 Elsewhere Road"], "postcode": "CV21 9ZZ"},
        )
    ],
    household=[],
)
QUESTION = "A boy comes to school hungry each day."
STAYS = {"audit_entry", "erasure", "mark", "vault_key", "event_log", "idempotency"}


async def call(
    home: Living, referral_id: str, what: str, who: Mapping[str, str], **body: Any
) -> httpx2.Response:
    return await home.http.post(
        f"/v1/intake/referrals/{referral_id}/{what}", json=body, headers=dict(who)
    )


async def asked_first(home: Living, school: Partner, said: dict[str, Any]) -> dict[str, Any]:
    """A referral that was a question without names, and then a draft."""

    async def post(path: str, body: Any = None) -> httpx2.Response:
        headers = {"Idempotency-Key": str(uuid4()), **school.headers}
        return await home.http.post(path, json=body, headers=headers)

    question = {"authority": "warwickshire", "question": QUESTION}
    asked = (await post("/v1/consultations", question)).json()["id"]
    draft = f"/v1/drafts/{(await post(f'/v1/consultations/{asked}/referral')).json()['draft_id']}"
    kept = await home.http.get(draft, headers=dict(school.headers))
    put = await home.http.put(
        draft, json=said, headers={**school.headers, "If-Match": kept.headers["ETag"]}
    )
    assert put.status_code == 200, put.text
    sent = await post(f"{draft}/submission")
    assert sent.status_code == 201, sent.text
    return read(sent)


async def decided(home: Living, **said: Any) -> dict[str, Any]:
    """A referral with everything that hangs on one, decided for no further action. It began as a
    question for advice."""
    school = await home.partner()
    told = await asked_first(home, school, form(**said))
    manager = home.staff("manager")
    await home.follow_up(school, told["id"], "information", {"information": "He was late today."})
    await home.settled()
    case = await home.rated(told["id"], manager)
    answer = await home.decide(case, manager, rag="none", lowered_because="checked_and_explained")
    assert answer.status_code == 201, answer.text
    await home.sent(told["id"], "decision", manager)
    await home.settled()
    return told


async def retaining(home: Living) -> None:
    """Let intake work out until when referrals are kept."""
    for loop in home.house.running["intake"].loops:
        owner = getattr(loop, "__self__", None)
        if type(owner).__name__ == "Retaining":
            await owner.step()
            return
    raise AssertionError


def traces(url: str, referral_id: str) -> list[str]:
    """The tables of a database in which anything mentions a referral."""
    found = []
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            row = connection.execute(
                f'SELECT count(*) FROM "{schema}"."{table}" AS one WHERE one::text LIKE %s',
                (f"%{referral_id}%",),
            ).fetchone()
            if row and row[0]:
                found.append(f"{schema}.{table}")
    return [one for one in found if one.split(".")[1] not in STAYS]


async def test_two_people_destroy_what_need_not_be_kept(home: Living) -> None:
    told = await decided(home)
    first, second = home.staff("manager"), home.staff("manager")
    proposal = {"because": "retention_ended", "legal_status": "none"}
    await retaining(home)
    early = await call(home, told["id"], "destruction", first, **proposal)
    assert early.json()["code"] == "still_kept"

    home.clock.forward(timedelta(days=366 * 6))
    first, second = home.staff("manager"), home.staff("manager")
    due = (await home.http.get("/v1/intake/retention", headers=first)).json()["items"]
    assert [one["id"] for one in due] == [told["id"]]

    held = await call(home, told["id"], "hold", first, because="inquiry")
    assert held.json()["held"]["because"] == "inquiry"
    refused = await call(home, told["id"], "destruction", first, **proposal)
    assert refused.json()["code"] == "held"
    assert (await call(home, told["id"], "hold-end", second)).status_code == 200
    for status in ("in_force", "not_known"):
        refused = await call(
            home, told["id"], "destruction", first, because="retention_ended", legal_status=status
        )
        assert refused.json()["code"] == "legal_status"
    nobody = await call(home, told["id"], "destruction-confirmation", second, legal_status="none")
    assert nobody.json()["code"] == "not_proposed"

    assert (await call(home, told["id"], "destruction", first, **proposal)).status_code == 201
    alone = await call(home, told["id"], "destruction-confirmation", first, legal_status="none")
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    assert traces(home.databases.owner, told["id"])
    questions = ConsultationStore(Vault("intake", home.house.parts.ring))
    async with home.house.databases["intake"].connection() as connection:
        found = await questions.of_referrals(connection, [UUID(told["id"])])
    ((question, words),) = found[UUID(told["id"])]
    assert words["question"] == QUESTION
    gone = await call(home, told["id"], "destruction-confirmation", second, legal_status="ended")
    assert gone.status_code == 200, gone.text
    await home.settled()

    assert traces(home.databases.owner, told["id"]) == []
    # The question that it was goes with it, here and in every backup.
    question_id = str(question.consultation_id)
    left = "SELECT count(*) FROM intake.{} WHERE {} = %s"
    assert home.query(left.format("consultation", "consultation_id"), question_id) == [(0,)]
    assert home.query(left.format("consultation_words", "consultation_id"), question_id) == [(0,)]
    key = left.format("vault_key", "wrapped IS NULL AND referral_id")
    assert home.query(key, question_id) == [(1,)]
    for service in home.house.databases:
        keys = home.query(
            f"SELECT count(*) FROM {service}.vault_key WHERE referral_id = %s"
            " AND wrapped IS NOT NULL",
            told["id"],
        )
        assert keys == [(0,)]
    assert (await home.http.get("/v1/intake/retention", headers=first)).json()["items"] == []
    for path in ("intake/referrals", "triage/referrals"):
        answer = await home.http.get(f"/v1/{path}/{told['id']}", headers=first)
        assert answer.status_code == 404
    ((details,),) = home.query("SELECT details FROM intake.audit_entry WHERE action = 'erased'")
    assert details["because"] == "retention_ended"
    assert details["proposed_by"] != details["confirmed_by"]
    # Clocks that ran out meanwhile may have spoken after it.
    (erased,) = (one for one in home.events(told["id"]) if one["type"].endswith("erased.v1"))
    assert erased["data"]["reason"] == "retention_ended"
    parked = [
        home.query(f"SELECT count(*) FROM {service}.parked_event")[0][0]
        for service in home.house.databases
    ]
    assert parked == [0] * 5


async def test_what_was_erased_stays_erased_after_a_restore(
    databases: Databases, packs: PackSet, tmp_path: Path
) -> None:
    erasures = tmp_path / "erasures.jsonl"
    archive = tmp_path / "backup"
    async with living(databases, packs, erasures=erasures) as home:
        told = await decided(home)
        other = await home.refer(await home.partner("another-school"), ANOTHER_FAMILY)
        await home.settled()
        subprocess.run(
            [str(PROGRAMS / "pg_dump"), "--format=custom", "--no-owner", "--no-privileges",
             f"--file={archive}", databases.owner],
            check=True,
        )  # fmt: skip
        first, second = home.staff("manager"), home.staff("manager")
        proposal = {"because": "court_order", "legal_status": "ended"}
        assert (await call(home, told["id"], "destruction", first, **proposal)).status_code == 201
        gone = await call(
            home, told["id"], "destruction-confirmation", second, legal_status="ended"
        )
        assert gone.status_code == 200
        await home.until(lambda: asked(erasures), lambda lines: told["id"] in lines)
        ring = home.house.parts.ring
    assert "Callum" not in erasures.read_text()

    keyring = tmp_path / "keyring.json"
    keyring.write_text(
        json.dumps(
            {
                "active": ring.active,
                "keys": {name: text(key) for name, key in ring.keys.items()},
                "index_key": text(ring.index_key),
                "token_key": text(ring.token_key),
            }
        )
    )
    installation = Installation.at(tmp_path / "restored")
    try:
        restore(installation, archive, keyring, erasures)
        assert traces(installation.owner_url(), told["id"])
        with psycopg.connect(installation.owner_url()) as connection:
            left = connection.execute("SELECT min(next) FROM intake.reference_counter").fetchone()
        # What was given after the backup is nobody else's.
        assert left is not None
        assert left[0] > SKIPPED_NUMBERS
        settings = home.house.parts.settings.model_copy(update={"erasures": installation.erasures})
        house = House(
            Parts(settings, installation.service_urls(), packs, installation.ring(), home.clock)
        )
        await house.open()
        # Before anything is served.
        assert traces(installation.owner_url(), told["id"]) == []
        assert traces(installation.owner_url(), other["id"])
        await house.close()
    finally:
        installation.stop()


async def asked(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def text(key: bytes) -> str:
    return base64.b64encode(key).decode()
