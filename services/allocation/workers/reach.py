"""Which workers and packs a caller may reach, and how what they do is written down."""

from datetime import date
from uuid import UUID

from chassis.audit import AuditEntry
from chassis.database import Connection
from chassis.errors import DomainError, NotFound
from chassis.identity import Caller, staff
from chassis.stream.kernel import Service
from policy.allocation import AllocationSection
from policy.working_time import LONDON
from services.allocation.domain import Case
from services.allocation.workers import store
from services.allocation.workers.domain import Worker

READERS = staff("practitioner", "manager", "duty", "coordinator", "panel_chair")
KEEPERS = staff("manager", "coordinator", "operator")


def today(service: Service[Case]) -> date:
    return service.clock().astimezone(LONDON).date()


def section(service: Service[Case], caller: Caller, authority: str) -> AllocationSection:
    """What the pack in force says of an authority that the caller works for. Raises NotFound."""
    if authority not in caller.authorities or authority not in service.policy.authorities:
        raise NotFound("authority_not_found", "There is no such authority here.")
    return service.policy.current(authority, today(service)).allocation


async def worker(
    connection: Connection, caller: Caller, worker_id: UUID, *, lock: bool = False
) -> Worker:
    found = await store.read(connection, worker_id, sorted(caller.authorities), lock=lock)
    if found is None:
        raise NotFound("worker_not_found", "There is no such worker.")
    if lock and found.left_on is not None:
        raise DomainError("worker_left", "This worker has left already.")
    return found


def entry(action: str, caller: Caller, worker: Worker) -> AuditEntry:
    details = {"worker_id": str(worker.worker_id)}
    return AuditEntry(action, caller, worker.authority, None, details)
