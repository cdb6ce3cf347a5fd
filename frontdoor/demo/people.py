"""Whom the demonstration's work is offered to, and who is on duty at night."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import httpx2
from joserfc import jws

from frontdoor.accounts import samples
from policy.working_time import LONDON

NIGHT = "edt"
BEGINS, ENDS = time(17, 30), time(8, 30)
NIGHTS = 4
"""How many nights have somebody on duty, from today."""

Person = Callable[[str, str], Awaitable[dict[str, str]]]
"""The headers of who has a role in an authority, or (an address) an account of a partner's."""


async def register(http: httpx2.AsyncClient, person: Person, today: date) -> int:
    """Put everybody on the register, and somebody on duty each night. How many they are. Raises
    httpx2.HTTPStatusError."""
    rows: list[dict[str, Any]] = samples("workers.json")
    headers = {one["authority"]: await person("coordinator", one["authority"]) for one in rows}
    kept = await asyncio.gather(*(_keep(http, person, row, headers) for row in rows))
    awake: dict[str, list[str]] = {}
    for row, worker_id in zip(rows, kept, strict=True):
        if row["team"] == NIGHT:
            awake.setdefault(row["authority"], []).append(worker_id)
    nights = [
        (one, turns[place % len(turns)], place)
        for one, turns in awake.items()
        for place in range(NIGHTS)
    ]
    await asyncio.gather(
        *(
            _night(http, headers[one], worker_id, today + timedelta(days=place))
            for one, worker_id, place in nights
        )
    )
    return len(rows)


async def _keep(
    http: httpx2.AsyncClient,
    person: Person,
    row: Mapping[str, Any],
    headers: Mapping[str, Mapping[str, str]],
) -> str:
    authority = row["authority"]
    body = {name: row[name] for name in row if name not in ("authority", "code", "account")}
    if row.get("account"):
        body["staff_id"] = _subject(await person(row["account"], authority))
    path = f"/v1/workers/{authority}/{row['code']}"
    answer = await http.put(path, json=body, headers=dict(headers[authority]))
    answer.raise_for_status()
    return str(answer.json()["id"])


async def _night(
    http: httpx2.AsyncClient, who: Mapping[str, str], worker_id: str, on: date
) -> None:
    begins = datetime.combine(on, BEGINS, LONDON)
    ends = datetime.combine(on + timedelta(days=1), ENDS, LONDON)
    body = {"team": NIGHT, "starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
    answer = await http.post(f"/v1/workers/{worker_id}/shifts", json=body, headers=dict(who))
    answer.raise_for_status()


async def take_on(
    http: httpx2.AsyncClient, person: Person, referrals: Sequence[tuple[str, str]], today: date
) -> int:
    """Let every second offer be accepted, and record of those that the family was met. `referrals`:
    ids and authorities. How many were accepted. Raises httpx2.HTTPStatusError."""
    headers = {authority: await person("coordinator", authority) for _, authority in referrals}

    async def offers(referral_id: str, authority: str) -> list[tuple[str, dict[str, str]]]:
        who = headers[authority]
        asked = await http.get(f"/v1/allocations?referral_id={referral_id}", headers=who)
        asked.raise_for_status()
        held = asked.json()["items"]
        return [(one["id"], who) for one in held if one["state"] == "offered" and one["worker_id"]]

    async def accept(allocation_id: str, who: dict[str, str]) -> None:
        path = f"/v1/allocations/{allocation_id}/acceptance"
        (await http.post(path, headers=who)).raise_for_status()
        met = {"milestone": "first_contact", "on": today.isoformat()}
        path = f"/v1/work/{allocation_id}/milestones"
        key = {"Idempotency-Key": allocation_id}
        (await http.post(path, json=met, headers={**who, **key})).raise_for_status()

    found = await asyncio.gather(*(offers(*one) for one in referrals))
    taken = [offer for each in found for offer in each][::2]
    await asyncio.gather(*(accept(*one) for one in taken))
    return len(taken)


async def ask_school(
    http: httpx2.AsyncClient, person: Person, referrals: Sequence[tuple[str, str]], today: date
) -> bool:
    """Ask somebody of a school, who has an account, to do something for one of these families: the
    first that has not refused help. Whether any was. Raises httpx2.HTTPStatusError."""
    row = next(one for one in samples("workers.json") if "@" in one.get("account", ""))
    register = await http.get("/v1/workers", headers=await person("coordinator", row["authority"]))
    register.raise_for_status()
    asked = next(one for one in register.json()["items"] if one["name"] == row["name"])
    who = await person("practitioner", row["authority"])
    body = {
        "worker_id": asked["id"],
        "kind": "school_support",
        "by": (today + timedelta(days=14)).isoformat(),
        "text": "A place at the breakfast club for the oldest, and a word with us if it is not used.",
    }
    for referral_id, authority in referrals:
        if authority == row["authority"]:
            path = f"/v1/allocations/referrals/{referral_id}/actions"
            key = {"Idempotency-Key": referral_id}
            answer = await http.post(path, json=body, headers={**who, **key})
            if answer.is_success:
                return True
    return False


def _subject(headers: Mapping[str, str]) -> str:
    """Whose token it is: the house gave it a moment ago."""
    token = headers["Authorization"].removeprefix("Bearer ")
    return str(json.loads(jws.extract_compact(token.encode()).payload)["sub"])
