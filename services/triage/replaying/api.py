"""Replaying a decision for an inspector."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter

from chassis import audit
from chassis.errors import NotFound
from chassis.identity import Caller, staff
from chassis.stream.kernel import Kernel
from services.triage.domain import Case, Seen
from services.triage.domain.replaying import replay
from services.triage.replaying import store

LOOKING = staff("manager", "analyst")
_SEEN = TypeAdapter(Seen)


def router(kernel: Kernel[Case]) -> APIRouter:
    """What managers and analysts call."""
    routes = APIRouter(tags=["triage"])
    service = kernel.service

    @routes.get("/v1/triage/decisions/{decision_id}/seen")
    async def seen(
        caller: Annotated[Caller, Depends(LOOKING)], decision_id: UUID
    ) -> Mapping[str, Any]:
        """What lay before whoever decided, as ids, codes and versions, and the suggestion made
        again from it: `replayed.same` says whether the rules still answer as they did. Audited."""
        async with service.database.transaction() as connection:
            found = await store.read(connection, decision_id, sorted(caller.authorities))
            if found is None:
                raise NotFound("decision_not_found", "There is no such decision.")
            record, what = found
            entry = audit.AuditEntry(
                "decision_replayed",
                caller,
                record["authority"],
                record["referral_id"],
                {"decision_id": str(decision_id)},
            )
            await audit.append(connection, [entry], service.clock())
        if what is None:
            return {**record, "seen": None, "replayed": None}
        again = replay(record["authority"], what, service.policy)
        return {
            **record,
            "seen": _SEEN.dump_python(what),
            "replayed": {
                "same": again.same,
                "suggested": again.suggested,
                "reasons": again.reasons,
            },
        }

    return routes
