"""The story of the work on a referral, over HTTP: how it moved up and down, and what agencies were
asked to do."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.identity import Caller, staff
from services.allocation.actions.domain import every
from services.allocation.domain import Case
from services.allocation.domain.case import Note
from services.allocation.domain.helping import Step, StepState
from services.allocation.domain.tabling import ActionState
from services.allocation.offers.desk import Desk
from services.allocation.stepping.domain import LOOPS, turns
from services.allocation.workers import store as workers

READERS = staff("practitioner", "manager", "duty", "coordinator", "panel_chair")
WORDS: Final = ["step", "given_back", "transfer_answer", "action", "action_answer"]
TO_DO: Final = frozenset({ActionState.ASKED, ActionState.ACCEPTED})


def router(desk: Desk) -> APIRouter:
    """What staff read."""
    routes = APIRouter(tags=["allocation"])
    service = desk.kernel.service
    database = service.database

    @routes.get("/v1/allocations/referrals/{referral_id}")
    async def read(
        caller: Annotated[Caller, Depends(READERS)], referral_id: UUID
    ) -> Mapping[str, Any]:
        """How the case moved up, down or away, each with who asked for it why and what was
        answered; how often it turned, and whether that is a loop; and what agencies were asked to
        do. Audited."""
        async with database.transaction() as connection:
            found = await desk.find_referral(connection, caller, referral_id)
            case = (await desk.store.load(connection, [referral_id]))[referral_id]
            asked = list(every(case))
            notes: list[Note] = []
            if case.steps or asked:
                notes = await desk.store.written(connection, [referral_id], WORDS)
                entry = AuditEntry("work_story_read", caller, found.authority, referral_id)
                await append_audit(connection, [entry], service.clock())
            ids = sorted({one.worker_id for one in asked if one.worker_id is not None})
            names = await workers.names(connection, ids) if ids else {}
        return {
            "referral_id": referral_id,
            "steps": list(steps(case, notes)),
            "turns": turns(case.steps),
            "loops": turns(case.steps) >= LOOPS,
            "actions": list(_actions(case, notes, names, desk.today())),
        }

    return routes


def steps(case: Case, notes: Sequence[Note]) -> Iterator[Mapping[str, Any]]:
    """How a case moved, in order. `answer` is why it was given back."""
    for one in case.steps:
        yield {
            "id": one.step_id,
            "direction": one.direction,
            "planned": one.planned,
            "reason": one.reason,
            "state": one.state,
            "from_id": one.from_id,
            "to_id": one.to_id,
            "to_authority": one.to,
            "asked_at": one.asked_at,
            "answered_at": one.answered_at,
            "answer": _answer(case, one),
            "note": said(notes, one.step_id, "step"),
            "answer_note": said(notes, one.step_id, "given_back", "transfer_answer"),
        }


def said(notes: Sequence[Note], about: UUID, *kinds: str) -> str | None:
    """What was written last of these kinds about something."""
    return next(
        (note.text for note in reversed(notes) if note.about == about and note.kind in kinds), None
    )


def _answer(case: Case, step: Step) -> str | None:
    if step.state is not StepState.RETURNED or step.to_id is None:
        return step.answer
    return next((one.answer for one in case.allocations if one.allocation_id == step.to_id), None)


def _actions(
    case: Case, notes: Sequence[Note], names: Mapping[UUID, str], today: date
) -> Iterator[Mapping[str, Any]]:
    for one in every(case):
        yield {
            "id": one.action_id,
            "owner": one.owner,
            "worker_id": one.worker_id,
            "worker_name": names.get(one.worker_id) if one.worker_id else None,
            "kind": one.kind,
            "by": one.by,
            "state": one.state,
            "overdue": one.state in TO_DO and one.by < today,
            "text": said(notes, one.action_id, "action"),
            "note": said(notes, one.action_id, "action_answer"),
        }
