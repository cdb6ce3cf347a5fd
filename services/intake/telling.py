"""What a referrer may be told of a referral, over the API.

Never a suggested rating, never that somebody else referred too. The reasons are triage's; where
triage is away the rest is told, and that the reasons are missing for the moment.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2

from contracts.codes import AGENCY_TYPES, AgencyGroup
from contracts.events import ContinuedBecause, Outcome
from contracts.form import FieldWarning, FormReading
from policy.clocks import falls_due
from policy.loading import PackSet
from policy.pack import Pack
from policy.working_time import is_open, opens_next
from services.intake.domain import Case, Stage

RECEIVED = "A practitioner reads the referral and decides."

CONTINUED = {
    ContinuedBecause.TO_BE_DECIDED: "Your request to withdraw was read. The referral goes on, "
    "because a decision is still needed.",
    ContinuedBecause.DECIDED: "Your request to withdraw was read. The referral goes on as it was "
    "decided.",
}

# Agencies that are told that it was received and read, and a number, and no more (design, 10).
TOLD_LITTLE = frozenset(
    code for code, agency in AGENCY_TYPES.items() if agency.group is AgencyGroup.INDIVIDUAL
)

NEXT = {
    Outcome.STRATEGY_DISCUSSION: "Social care, police and health talk about the child's safety.",
    Outcome.CHILD_AND_FAMILY_ASSESSMENT: "A social worker assesses the child's needs.",
    Outcome.EARLY_HELP_ASSESSMENT: "Early help is offered, with a lead professional.",
    Outcome.LOCALITY_PANEL: "A locality panel looks at how to help.",
    Outcome.SINGLE_AGENCY_SUPPORT: "One service offers help.",
    Outcome.INFORMATION_AND_ADVICE: "Advice is given; no service follows from this referral.",
    Outcome.NO_FURTHER_ACTION: "Nothing further follows from this referral.",
    Outcome.ALREADY_OPEN: "It goes to the worker who already holds the case.",
    Outcome.ANOTHER_AUTHORITY: "It goes to the child's own authority.",
}


class Telling:
    """Puts together what a referrer is told."""

    def __init__(self, policy: PackSet, reads: httpx2.AsyncClient) -> None:
        self._policy = policy
        self._reads = reads

    def listed(self, case: Case) -> Mapping[str, Any]:
        """One row of a partner's list."""
        little = case.source_agency in TOLD_LITTLE
        return {
            "id": case.referral_id,
            "reference": case.reference,
            "authority": case.authority,
            "status": case.stage,
            "received_at": case.received_at,
            "updated_at": case.updated_at,
            "rating": None if little else case.rag,
            "version": case.version,
        }

    async def status(self, case: Case, now: datetime) -> Mapping[str, Any]:
        """One referral, as its referrer may see it at `now`."""
        pack = self._policy.version(case.authority, case.pack_version)
        told: dict[str, Any] = {
            **self.listed(case),
            "stage": case.stage,
            "withdrawal_requested_at": case.withdrawal_requested_at,
            "withdrawal_continued_at": case.withdrawal_continued_at,
            "telephone": pack.messages.phone,
        }
        if case.source_agency in TOLD_LITTLE:
            told["what_happens_next"] = (
                RECEIVED if case.decided_at is None else "It has been read. Ring us to ask more."
            )
            return told
        told["withdrawal_continued_because"] = case.withdrawal_continued_because
        told["clocks"] = [
            {
                "name": clock.name,
                "state": clock.state,
                "due_at": clock.due_at,
                "explanation": clock.explanation,
                "overdue": clock.state == "running" and clock.due_at < now,
            }
            for clock in case.clocks
        ]
        told["decision"] = await self._decision(case) if case.decided_at else None
        told["what_happens_next"] = self._next(case)
        running = [clock.due_at for clock in case.clocks if clock.state == "running"]
        told["by"] = min(running, default=None)
        return told

    async def _decision(self, case: Case) -> Mapping[str, Any]:
        known: dict[str, Any] = {
            "decision_id": case.decision_id,
            "decided_at": case.decided_at,
            "rating": case.rag,
            "outcomes": sorted({child.outcome for child in case.outcomes}),
        }
        try:
            answer = await self._reads.post(
                "/internal/v1/decisions:batch",
                json={"ids": [str(case.referral_id)], "purpose": "status_for_referrer"},
            )
            answer.raise_for_status()
            # What concluded a request to withdraw is no decision about the children.
            latest = [one for one in answer.json()["items"] if one["kind"] != "withdrawal"][-1]
        except (httpx2.HTTPError, IndexError):
            return {**known, "reasons": "away_for_the_moment"}
        return {
            **known,
            **{
                name: latest[name]
                for name in (
                    "level", "rationale", "clauses", "no_clause_because", "actions", "previous_rag",
                )
            },
        }  # fmt: skip

    def _next(self, case: Case) -> str:
        if case.stage is Stage.WITHDRAWN:
            return "The referral was withdrawn and is closed."
        if case.decided_at is None:
            if case.withdrawal_requested_at:
                return "A practitioner closes the referral, or says why it goes on."
            because = case.withdrawal_continued_because
            return f"{CONTINUED[because]} {RECEIVED}" if because else RECEIVED
        outcomes = sorted({child.outcome for child in case.outcomes}, key=list(NEXT).index)
        return " ".join(NEXT[outcome] for outcome in outcomes)


def received(
    referral_id: UUID,
    pack: Pack,
    reading: FormReading,
    warnings: Sequence[FieldWarning],
    now: datetime,
) -> Mapping[str, Any]:
    """What the referrer is told at once. When the hub is closed, that and what to do (rule 3)."""
    calendar = pack.calendar
    acknowledged_by = falls_due(pack.clocks.rules["acknowledge"], now, None, calendar)
    here = f"/v1/referrals/{referral_id}"
    told: dict[str, Any] = {
        "acknowledgement_due_at": acknowledged_by,
        "completeness": {
            "score": reading.completeness.score,
            "sections": reading.completeness.sections,
            "missing": [
                {"pointer": pointer, "add": what} for pointer, what in reading.completeness.missing
            ],
        },
        "warnings": [
            {"pointer": one.pointer, "detail": one.detail, "code": one.code} for one in warnings
        ],
        "links": {
            "self": here,
            "information": f"{here}/information",
            "withdrawal": f"{here}/withdrawal",
        },
    }
    if not is_open(calendar, now):
        told["out_of_hours"] = {
            "detail": "The hub is closed. Your referral is stored and suggested Red is alerted "
            "to the emergency duty team. If a child is in danger now, ring 999.",
            "emergency_phone": pack.messages.emergency_phone,
            "police_phone": pack.messages.police_phone,
            "opens_at": opens_next(calendar, now),
        }
    return told
