"""What the house itself asks of every service about its stream and its trail. Never routed by a
gateway. Who asks for a person says for whom; whether they may is checked by whoever asks, before.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.audit import store as trail
from chassis.discard import Discard
from chassis.errors import DomainError, NotFound, Unavailable
from chassis.identity import Caller, service
from chassis.restriction import Seer
from chassis.running import Running
from chassis.stream import parked, store
from chassis.stream.port import Lag

MOST = 200

Code = Annotated[str, Field(max_length=80)]
House = Annotated[Caller, Depends(service())]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IdsBody(Body):
    ids: tuple[UUID, ...] = Field(max_length=500)
    purpose: str = Field(max_length=80)


class PersonBody(Body):
    """Somebody for whom a service asks: what their access token says."""

    staff_id: UUID
    name: Annotated[str, Field(max_length=200)]
    roles: Annotated[tuple[Code, ...], Field(max_length=20)]
    authorities: Annotated[tuple[Code, ...], Field(max_length=500)]

    @property
    def caller(self) -> Caller:
        """The person, as the trail names them."""
        return Caller("staff", self.staff_id, self.name, roles=frozenset(self.roles))


class ReplayBody(Body):
    person: PersonBody


class DiscardBody(Body):
    """A practitioner's decision, as triage keeps it."""

    person: PersonBody
    discard_id: UUID
    source: Code
    sequence: Annotated[int, Field(ge=1, lt=2**63)]
    reason: Code
    staff_id: UUID
    decided_at: AwareDatetime


class SearchBody(Body):
    """What is looked for in the trail; what is left out is anything. Times are UTC."""

    person: PersonBody
    since: AwareDatetime
    until: AwareDatetime
    referral_id: UUID | None = None
    actor_id: UUID | None = None
    action: Code | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST


def router(running: Running) -> APIRouter:
    """Health, parked events and the audit trail of one service."""
    routes = APIRouter(include_in_schema=False)
    asked = running.kernel.service
    inside = f"/internal/v1/{asked.name}"

    @routes.get(f"{inside}/health")
    async def health(caller: House) -> Mapping[str, Any]:
        """Whether it keeps up. `lag_events` is null where the stream cannot be reached."""
        del caller
        now = asked.clock()
        lag: Lag | None = None
        with suppress(Unavailable):
            lag = await running.source.lag()
        async with asked.database.transaction() as connection:
            since = await parked.oldest(connection, asked.name)
            return {
                "lag_events": lag.events if lag else None,
                "lag_seconds": lag.seconds if lag else None,
                "parked_referrals": await store.count_parked(connection, asked.name),
                "parked_oldest_seconds": _seconds(since, now),
                "unsealed_entries": await trail.count_unsealed(connection),
                **await running.watched(connection, now),
            }

    @routes.get(f"{inside}/parked")
    async def put_aside(caller: House) -> Mapping[str, Any]:
        """Every referral that the service's consumer has put aside: why, since when, and how many
        events stand behind."""
        del caller
        async with asked.database.connection() as connection:
            rows = await store.list_parked(connection, asked.name, asked.policy.authorities)
        return {"items": rows}

    @routes.get(f"{inside}/parked/{{referral_id}}")
    async def events(caller: House, referral_id: UUID) -> Mapping[str, Any]:
        """A referral's parked events in order: what each is, never what it says."""
        del caller
        async with asked.database.connection() as connection:
            authority = await parked.authority_of(connection, asked.name, referral_id)
            rows = await parked.shown(connection, asked.name, referral_id)
        return {"authority": authority, "items": rows}

    @routes.post(f"{inside}/parked/{{referral_id}}/replay")
    async def replay(caller: House, referral_id: UUID, body: ReplayBody) -> Mapping[str, Any]:
        """Have a referral's parked events tried again, for somebody. 404 where none is parked."""
        del caller
        async with asked.database.transaction() as connection:
            authority = await parked.authority_of(connection, asked.name, referral_id)
            if authority not in body.person.authorities or not await store.ask_replay(
                connection, asked.name, referral_id
            ):
                raise _nothing_parked()
            entry = AuditEntry("replay_asked", body.person.caller, authority, referral_id)
            await append_audit(connection, [entry], asked.clock())
        return {"asked": True}

    @routes.post(f"{inside}/parked/{{referral_id}}/discard")
    async def discard(caller: House, referral_id: UUID, body: DiscardBody) -> Mapping[str, Any]:
        """Carry out a practitioner's decision, for somebody. 409 where it is about another event
        than the one that stands first."""
        del caller
        async with asked.database.transaction() as connection:
            authority = await parked.authority_of(connection, asked.name, referral_id)
            if authority not in body.person.authorities:
                raise _nothing_parked()
            decided = Discard(
                body.discard_id,
                referral_id,
                authority,
                asked.name,
                body.source,
                body.sequence,
                body.reason,
                body.staff_id,
                body.decided_at,
            )
            try:
                await parked.discard(connection, decided, asked.clock(), body.person.caller)
            except parked.NotDiscarded as why:
                raise DomainError("not_discarded", f"Not discarded: {why}.") from why
        return {"discarded": True}

    @routes.post(f"{inside}/audit:search")
    async def search(caller: House, body: SearchBody) -> Mapping[str, Any]:
        """What people did here, the newest first, as far as a person may know of it."""
        del caller
        person = body.person
        wanted = trail.Search(
            person.authorities,
            body.since,
            body.until,
            body.referral_id,
            body.actor_id,
            body.action,
            body.limit,
        )
        seer = Seer(person.staff_id, tuple(sorted(person.roles)), asked.clock())
        async with asked.database.connection() as connection:
            rows = await trail.search(connection, wanted, seer)
        return {"items": [dict(row) for row in rows]}

    @routes.post(f"{inside}/audit:batch")
    async def audited(caller: House, body: IdsBody) -> Mapping[str, Any]:
        """What people did with some referrals here, and who read them: for subject access."""
        async with asked.database.transaction() as connection:
            rows = await trail.of_referrals(connection, body.ids)
        del caller
        return {"items": [dict(row) for row in rows]}

    return routes


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _nothing_parked() -> NotFound:
    return NotFound("nothing_parked", "Nothing of this referral is parked here.")
