"""Who may say that an event which the house could not process may be discarded."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.triage.store import read_discard
from tests.journey.living import Living, read

EVENT = {
    "consumer": "allocation",
    "source": "triage/1",
    "sequence": 3,
    "reason": "acted_on_by_hand",
}


@pytest.fixture
async def referral_id(home: Living) -> str:
    told = await home.refer(await home.partner())
    await home.rated(told["id"], home.staff())
    return str(told["id"])


async def ask(
    home: Living, referral_id: str, who: dict[str, str], **changed: Any
) -> httpx2.Response:
    return await home.http.post(
        f"/v1/triage/referrals/{referral_id}/parked-discard",
        json={**EVENT, **changed},
        headers=who,
    )


async def test_a_practitioner_s_word_is_kept_with_who_and_why(
    home: Living, referral_id: str
) -> None:
    practitioner = home.staff()
    answer = await ask(home, referral_id, practitioner)
    assert answer.status_code == 201, answer.text
    told = read(answer)
    assert {name: told[name] for name in EVENT} == EVENT
    async with home.house.databases["triage"].connection() as connection:
        kept = await read_discard(connection, UUID(told["id"]))
    assert kept is not None
    assert (str(kept.referral_id), kept.authority) == (referral_id, "warwickshire")
    entries = home.query(
        "SELECT actor_id, details FROM triage.audit_entry "
        "WHERE referral_id = %s AND action = 'parked_discard_decided'",
        referral_id,
    )
    assert [(actor, details["reason"]) for actor, details in entries] == [
        (kept.staff_id, "acted_on_by_hand")
    ]
    again = await ask(home, referral_id, practitioner)
    assert again.status_code == 409
    assert (await ask(home, referral_id, practitioner, sequence=4)).status_code == 201


async def test_nobody_else_may_say_so(home: Living, referral_id: str) -> None:
    unqualified = await ask(home, referral_id, home.staff(qualified=False))
    assert read(unqualified)["code"] == "not_qualified"
    for role in ("duty", "coordinator", "operator"):
        assert (await ask(home, referral_id, home.staff(role))).status_code == 403
    elsewhere = await ask(home, referral_id, home.staff("manager", "walsall"))
    assert elsewhere.status_code == 404


@pytest.mark.parametrize(
    "changed", [{"reason": "in the way"}, {"consumer": "everyone"}, {"source": "a story"}]
)
async def test_what_no_list_holds_is_pointed_at(
    home: Living, referral_id: str, changed: dict[str, str]
) -> None:
    refused = await ask(home, referral_id, home.staff(), **changed)
    assert refused.status_code == 422
    ((name, value),) = changed.items()
    assert read(refused)["errors"][0]["pointer"] == f"/{name}"
    assert value not in refused.text
