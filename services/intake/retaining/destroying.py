"""Works out how long referrals are kept, and carries out what two people decided."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from pydantic_core import from_json

from chassis.audit import AuditEntry
from chassis.change import Change, Ids
from chassis.errors import NotFound
from chassis.rounds import go_round
from chassis.stream.kernel import Command, Kernel
from contracts.codes import DestroyedBecause
from contracts.events import Outcome, ReferralErased
from policy.loading import PackSet
from policy.records import keep_until
from policy.working_time import LONDON
from services.intake.domain import Case, known
from services.intake.retaining import store
from services.intake.retaining.closing import closed_on
from services.intake.retaining.domain import Keeping
from services.intake.store import IntakeStore

EVERY_SECONDS = 5.0
MOST = 100


class Retaining:
    """Looks until cancelled."""

    def __init__(self, kernel: Kernel[Case], cases: IntakeStore) -> None:
        self._kernel = kernel
        self._cases = cases

    async def run(self) -> None:
        """Begin with what another version of a pack worked out, then look every few seconds; at
        once again where there is much."""
        begun = False

        async def look() -> int:
            nonlocal begun
            if not begun:
                await self._ask_again()
                begun = True
            return await self.step()

        await go_round(look, EVERY_SECONDS, most=MOST)

    async def step(self) -> int:
        """Look once. How many were worked out."""
        service = self._kernel.service
        today = service.clock().astimezone(LONDON).date()
        async with service.database.transaction() as connection:
            ids = await store.take(connection, service.policy.authorities, MOST)
            cases = await self._cases.load(connection, ids)
            words = await self._cases.words(connection, list(cases), ["form"])
            forms = {one["referral_id"]: from_json(one["content"]) for one in words}
            found = []
            for case in cases.values():
                closed = closed_on(case)
                if closed is not None:
                    pack = service.policy.current(case.authority, today)
                    children = children_of(forms.get(case.referral_id, {}), case)
                    until = keep_until(children, closed, pack.records.retention)
                    found.append((case.referral_id, case.authority, until, pack.version))
            await store.note(connection, found)
            confirmed = await store.confirmed(connection)
        for keeping in confirmed:
            await self.destroy(keeping)
        return len(ids)

    async def destroy(self, keeping: Keeping) -> None:
        """Carry out what two people decided. Once more does no harm."""
        proposal = keeping.proposal
        assert proposal is not None
        try:
            await self._kernel.submit(
                Command(
                    referral_id=keeping.referral_id,
                    authority=keeping.authority,
                    decide=partial(_erase, proposal.because),
                    audit=AuditEntry(
                        "erased",
                        None,
                        keeping.authority,
                        keeping.referral_id,
                        {
                            "because": proposal.because,
                            "proposed_by": str(proposal.staff_id),
                            "confirmed_by": str(keeping.confirmed_by),
                        },
                    ),
                )
            )
        except NotFound:
            # Another process was first.
            return

    async def _ask_again(self) -> None:
        service = self._kernel.service
        today = service.clock().astimezone(LONDON).date()
        async with service.database.transaction() as connection:
            for authority in service.policy.authorities:
                version = service.policy.current(authority, today).version
                await store.ask_again(connection, authority, version)


def children_of(
    form: Mapping[str, Any], case: Case
) -> Sequence[tuple[Outcome | None, date | None]]:
    """Each child of a form, the household's too: what was decided, and when it was, or is to be,
    born."""
    outcomes = {child.child_id: child.outcome for child in case.outcomes}
    return [
        (outcomes.get(UUID(child["child_id"])), _born(child))
        for child in (*form.get("children", ()), *form.get("household", ()))
        if child.get("child_id")
    ]


def _born(child: Mapping[str, Any]) -> date | None:
    said = child.get("date_of_birth") or child.get("expected_date_of_delivery")
    return date.fromisoformat(said) if said else None


def _erase(
    because: DestroyedBecause, state: Case | None, policy: PackSet, ids: Ids, now: Any
) -> Any:
    del policy, ids
    case = known(state)
    event = ReferralErased(erased_at=now, reason=because.value)
    return Change(case, (event,)), {"id": case.referral_id, "erased_at": now}
