"""What people's commands about allocations have in common: where the work is, and who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Response

from chassis.audit import AuditEntry
from chassis.change import Decide
from chassis.database import Connection
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.http.claims import Claim
from chassis.identity import Caller
from chassis.restriction import seer_of
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.telemetry import traces
from policy.allocation import AllocationSection, Candidate, Load
from policy.working_time import LONDON
from services.allocation.domain import Answerer, Case
from services.allocation.offers import store
from services.allocation.store import AllocationStore, Found


@dataclass(frozen=True, slots=True)
class Desk:
    """Where commands about allocations are taken."""

    kernel: Kernel[Case]
    store: AllocationStore

    async def find(self, connection: Connection, caller: Caller, allocation_id: UUID) -> Found:
        """An allocation that the caller may know of: of their authority, or of a worker of their
        organisation. Raises NotFound."""
        found = await self.store.find(connection, allocation_id)
        if found is None or not await self.may_know(connection, caller, found):
            raise NotFound("allocation_not_found", "There is no such allocation.")
        return found

    async def may_know(self, connection: Connection, caller: Caller, found: Found) -> bool:
        """Whether the caller may know of something: it is of their authority and not hidden from
        them, or of them, or of a worker of the organisation whose system they are."""
        if caller.kind == "partner":
            return _theirs(caller, found)
        hidden = await self._hidden(connection, caller, found.referral_id)
        return found.authority in caller.authorities and not hidden

    async def find_referral(
        self, connection: Connection, caller: Caller, referral_id: UUID
    ) -> Found:
        """A referral of the caller's authority, whether or not anybody has its work yet. Raises
        NotFound."""
        case = (await self.store.load(connection, [referral_id])).get(referral_id)
        if (
            case is None
            or case.authority not in caller.authorities
            or await self._hidden(connection, caller, referral_id)
        ):
            raise NotFound("referral_not_found", "There is no such referral.")
        return Found(referral_id, case.authority, None, None, None)

    async def _hidden(self, connection: Connection, caller: Caller, referral_id: UUID) -> bool:
        if caller.kind != "staff":
            return False
        kept = (await restrictions.read(connection, [referral_id])).get(referral_id)
        seer = seer_of(caller, self.kernel.service.clock())
        return kept is not None and not kept.restriction.shows(seer)

    def today(self) -> date:
        """The day in England."""
        return self.kernel.service.clock().astimezone(LONDON).date()

    def section(self, authority: str) -> AllocationSection:
        """What an authority's pack says today of allocation."""
        return self.kernel.service.policy.current(authority, self.today()).allocation

    async def roster(
        self, connection: Connection, authority: str
    ) -> tuple[dict[UUID, Candidate], dict[UUID, Load]]:
        """Who is on an authority's register, and what each carries and was given."""
        section = self.section(authority)
        now = self.kernel.service.clock()
        return await store.roster(connection, authority, section, now, self.today())

    async def do(
        self,
        action: str,
        caller: Caller,
        found: Found,
        decide: Decide[Case],
        *,
        status: int = 200,
        details: dict[str, Any] | None = None,
        claim: Claim | None = None,
    ) -> Answer:
        """One command to the case that an allocation is of, audited."""
        return await self.kernel.submit(
            Command(
                referral_id=found.referral_id,
                authority=found.authority,
                decide=decide,
                audit=AuditEntry(action, caller, found.authority, found.referral_id, details or {}),
                claim=claim,
                status=status,
                traceparent=traces.current_traceparent(),
            )
        )


def answerer(caller: Caller, found: Found) -> Answerer:
    """Who the caller is to this piece of work."""
    own = found.worker_id is not None and _theirs(caller, found)
    return Answerer(
        caller.id, caller.roles, frozenset({found.worker_id} if own and found.worker_id else ())
    )


def told(answer: Answer) -> Response:
    """The HTTP answer of a command; a replayed one says so."""
    headers = {"Idempotent-Replay": "true"} if answer.replayed else None
    return Response(answer.body, answer.status, headers, media_type="application/json")


def _theirs(caller: Caller, found: Found) -> bool:
    """Whether they answer for the worker: by their own account, or as their organisation's
    system."""
    by_account = caller.person is not None and caller.person == found.staff_id
    return by_account or (
        caller.system_of is not None and caller.system_of == found.organisation_id
    )


def candidate(candidates: Mapping[UUID, Candidate], worker_id: UUID, at: str) -> Candidate:
    found = candidates.get(worker_id)
    if found is None:
        raise unknown(at)
    return found


def unknown(at: str) -> InvalidInput:
    wrong = FieldError(at, "There is nobody with this id on the authority's register.")
    return InvalidInput("unknown_worker", "Some fields are wrong.", errors=(wrong,))
