"""Telling a call that its written form has come."""

from functools import partial
from typing import Any

from chassis.audit import AuditEntry
from chassis.identity import Caller
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.telemetry import traces
from services.intake.calls import domain
from services.intake.domain import Case


async def join(
    kernel: Kernel[Case], call: Case, arrived: domain.Arrived, caller: Caller | None
) -> Answer:
    """Note at a call that its form has come. Raises DomainError where none is awaited."""
    details = {"written_referral_id": arrived.referral_id}
    return await kernel.submit(
        Command(
            referral_id=call.referral_id,
            authority=call.authority,
            decide=partial(_written, arrived),
            audit=AuditEntry(
                "written_form_joined", caller, call.authority, call.referral_id, details
            ),
            traceparent=traces.current_traceparent(),
        )
    )


def _written(command: domain.Arrived, state: Case | None, *rest: Any) -> Any:
    return domain.written(state, command, *rest)
