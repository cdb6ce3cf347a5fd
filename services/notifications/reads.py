"""What messages need of the other services, read when they are sent: addresses and words.

Nothing read here is kept but what was sent, sealed. Reads take batches, and are audited by the
service that owns the words.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import httpx2
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chassis.errors import Unavailable
from contracts.events import Outcome, Rag

PURPOSE = "message"
SECONDS = 5.0

# Not let in, asked to wait, or nobody there: nothing is said about what was asked for.
AWAY = frozenset({401, 403, 404, 408, 429, 502, 503, 504})

R = TypeVar("R")


class Read(BaseModel):
    """An answer of another service, which may say more than is asked for here."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Referral(Read):
    """Whom to tell. `trusted`: intake knows the address's domain as the organisation's own.
    `write_safely`: nothing that somebody else may read puts them at risk.
    `status_token` ends the link of whoever came by the web form, and has no system to look in."""

    referral_id: UUID
    reference: str
    referrer_email: str | None = None
    organisation: str | None = None
    received_at: datetime
    authority: str
    trusted: bool = False
    write_safely: bool = True
    status_token: str | None = None


class Clause(Read):
    id: str
    title: str
    version: str


class Action(Read):
    """`by` is a date in England, `service_id` the service of the directory that it names."""

    action: str
    owner: str
    by: date | None = None
    service_id: UUID | None = None


class DecidedChild(Read):
    child_id: UUID
    rag: Rag
    outcome: Outcome


class Family(Read):
    """What bears on whether the family may be told. Codes."""

    parents_informed: bool | None = None
    reason_not_informed: str | None = None
    concerns: tuple[str, ...] = ()


class Decision(Read):
    """A decision, a re-rating, or the end of a withdrawn referral, with its words."""

    decision_id: UUID
    referral_id: UUID
    rag: Rag
    level: int | None = None
    children: tuple[DecidedChild, ...] = ()
    rationale: str | None = None
    clauses: tuple[Clause, ...] = ()
    no_clause_because: str | None = None
    actions: tuple[Action, ...] = ()
    decided_at: datetime
    disagree_token: str | None = None
    family: Family = Family()


class Named(Read):
    child_id: UUID
    given_name: str


class Wanted(Read):
    """A request for information: where its link goes (None: to the referrer), the last part of
    the link, and whether it is still to be answered. Times are UTC."""

    request_id: UUID
    address: str | None = None
    token: str
    due_at: datetime | None = None
    link_until: datetime
    wanted: bool


class DueClock(Read):
    """A clock that is due soon or overdue, and the team, panel or worker that has its referral.
    UTC."""

    clock_id: UUID
    referral_id: UUID
    name: str
    due_at: datetime
    rag: Rag | None = None
    team: str | None = None


class SummarisedReferral(Read):
    referral_id: UUID
    reference: str
    stage: str
    received_at: datetime


class Summary(Read):
    """An organisation's referrals that wait or changed lately, for its safeguarding leads."""

    organisation_id: UUID
    name: str
    address: str
    referrals: tuple[SummarisedReferral, ...]


class AskedPerson(Read):
    """Something that waits for the answer of somebody with an account: `lead` or `do`."""

    thing_id: UUID
    staff_id: UUID
    what: str


class _Registered(Read):
    worker: str
    staff_id: UUID


class _Account(Read):
    staff_id: UUID
    address: str
    authorities: tuple[str, ...] = ()


class Unreadable(Exception):
    """The other service answered, but not with what was asked for: something that was asked for
    cannot be read."""


class Reads(Protocol):
    """The way to the other services' words. Raises Unavailable when one is away, Unreadable when
    something asked for cannot be read."""

    async def referrals(self, ids: Sequence[UUID]) -> dict[UUID, Referral]:
        """Those of `ids` that intake has, by referral."""
        ...

    async def decisions(self, ids: Sequence[UUID]) -> dict[UUID, Decision]:
        """All decisions about the referrals `ids`, by decision."""
        ...

    async def wanted(self, ids: Sequence[UUID]) -> dict[UUID, Wanted]:
        """Those of the requests `ids` that triage has, by request."""
        ...

    async def names(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        """The given names of the children of the referrals `ids`, by child; without those who
        have none yet."""
        ...

    async def due_clocks(self, authority: str, until: datetime) -> list[DueClock]:
        """An authority's clocks that are due by `until` or overdue, the longest first."""
        ...

    async def summaries(
        self, authority: str, since: datetime, organisation_id: UUID | None = None
    ) -> list[Summary]:
        """Organisations whose safeguarding leads have an address, of all or of one, with their
        referrals to an authority that wait or changed since."""
        ...

    async def asked_people(self, authority: str) -> list[AskedPerson]:
        """What waits in an authority for the answer of people with an account."""
        ...

    async def addresses(self, staff_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The addresses of those people who sign in with one."""
        ...

    async def workers(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """The addresses of workers, asked for by authority and by their id or code on its register:
        of the authority's own who sign in with one. Nothing of another referral reaches a partner
        (practice rule 14)."""
        ...


class _Answer(Read):
    items: list[Any] = Field(default_factory=list)


_REFERRALS = TypeAdapter(list[Referral])
_DECISIONS = TypeAdapter(list[Decision])
_WANTED = TypeAdapter(list[Wanted])
_NAMES = TypeAdapter(list[Named])
_SUMMARIES = TypeAdapter(list[Summary])
_DUE = TypeAdapter(list[DueClock])
_ASKED = TypeAdapter(list[AskedPerson])
_REGISTERED = TypeAdapter(list[_Registered])
_ACCOUNTS = TypeAdapter(list[_Account])


class HttpReads:
    """Reads over HTTP, in-process or not. `client` carries the service's token."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def referrals(self, ids: Sequence[UUID]) -> dict[UUID, Referral]:
        items = await self._read(_REFERRALS, "/internal/v1/referrals:batch", ids)
        return {each.referral_id: each for each in items}

    async def decisions(self, ids: Sequence[UUID]) -> dict[UUID, Decision]:
        items = await self._read(_DECISIONS, "/internal/v1/decisions:batch", ids)
        return {each.decision_id: each for each in items}

    async def wanted(self, ids: Sequence[UUID]) -> dict[UUID, Wanted]:
        items = await self._read(_WANTED, "/internal/v1/triage/requests:batch", ids)
        return {each.request_id: each for each in items}

    async def names(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        items = await self._read(_NAMES, "/internal/v1/intake/names:batch", ids)
        return {each.child_id: each.given_name for each in items}

    async def due_clocks(self, authority: str, until: datetime) -> list[DueClock]:
        asked = {"authority": authority, "until": until.isoformat()}
        return await self._ask(_DUE, "/internal/v1/allocation/clocks:due", asked)

    async def summaries(
        self, authority: str, since: datetime, organisation_id: UUID | None = None
    ) -> list[Summary]:
        only = {"organisation_id": str(organisation_id)} if organisation_id else {}
        asked = {"authority": authority, "since": since.isoformat(), **only}
        return await self._ask(_SUMMARIES, "/internal/v1/intake/summaries", asked)

    async def asked_people(self, authority: str) -> list[AskedPerson]:
        path = "/internal/v1/allocation/asked"
        return await self._ask(_ASKED, path, {"authority": authority})

    async def addresses(self, staff_ids: Sequence[UUID]) -> dict[UUID, str]:
        return {one.staff_id: one.address for one in await self._accounts(staff_ids)}

    async def workers(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        path, found = "/internal/v1/allocation/workers:batch", {}
        for authority in sorted({authority for authority, _ in asked}):
            body = {
                "authority": authority,
                "workers": [worker for place, worker in asked if place == authority],
            }
            for one in await self._ask(_REGISTERED, path, body):
                found[authority, one.worker] = one.staff_id
        accounts = {one.staff_id: one for one in await self._accounts(sorted(set(found.values())))}
        return {
            (authority, worker): accounts[staff_id].address
            for (authority, worker), staff_id in found.items()
            if staff_id in accounts and authority in accounts[staff_id].authorities
        }

    async def _accounts(self, staff_ids: Sequence[UUID]) -> list[_Account]:
        if not staff_ids:
            return []
        asked = {"ids": [str(each) for each in staff_ids]}
        return await self._ask(_ACCOUNTS, "/internal/v1/intake/staff:addresses", asked)

    async def _read(self, kind: TypeAdapter[list[R]], path: str, ids: Sequence[UUID]) -> list[R]:
        if not ids:
            return []
        asked = {"ids": [str(each) for each in ids], "purpose": PURPOSE}
        return await self._ask(kind, path, asked)

    async def _ask(
        self, kind: TypeAdapter[list[R]], path: str, body: Mapping[str, object]
    ) -> list[R]:
        try:
            answer = await self._client.post(path, json=body, timeout=SECONDS)
        except httpx2.HTTPError as fault:
            raise _away() from fault
        if answer.status_code in AWAY:
            raise _away()
        try:
            answer.raise_for_status()
            return kind.validate_python(_Answer.model_validate_json(answer.content).items)
        except (httpx2.HTTPError, ValidationError) as fault:
            raise Unreadable from fault


def _away() -> Unavailable:
    return Unavailable("words_away", "The words of messages cannot be read now.")
