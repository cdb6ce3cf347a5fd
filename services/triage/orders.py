"""What staff of the hub order: one command about one referral, audited, answered after the commit."""

from typing import Any
from uuid import UUID

from fastapi import Response

from chassis.audit import AuditEntry
from chassis.change import Decide
from chassis.errors import NotFound
from chassis.identity import Caller
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import traces
from services.triage.domain import Case, Person
from services.triage.opening import Openings
from services.triage.store import TriageStore


class Orders:
    """Carries out what somebody may order about a referral of their authority."""

    def __init__(self, kernel: Kernel[Case], store: TriageStore) -> None:
        self._kernel = kernel
        self.openings = Openings(kernel.service.database, store, kernel.service.clock)

    async def obey(
        self,
        caller: Caller,
        referral_id: UUID,
        action: str,
        decide: Decide[Case],
        *,
        status: int = 201,
        details: dict[str, Any] | None = None,
    ) -> Response:
        """Decide, and answer with what came of it. `action` and `details`, codes and ids, are what
        the audit trail says. Raises NotFound for a referral that this caller has none such, and
        what `decide` raises."""
        authority = await self.openings.authority(caller, referral_id)
        if authority is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        answer = await self._kernel.submit(
            Command(
                referral_id=referral_id,
                authority=authority,
                decide=decide,
                audit=AuditEntry(
                    action=action,
                    caller=caller,
                    authority=authority,
                    referral_id=referral_id,
                    details=details or {},
                ),
                status=status,
                traceparent=traces.current_traceparent(),
            )
        )
        return Response(answer.body, answer.status, media_type="application/json")


def person(caller: Caller) -> Person:
    """Who acts, as the domain knows them."""
    return Person(caller.id, caller.name, caller.roles, caller.qualifications)
