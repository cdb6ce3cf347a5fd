"""What triage shows of a case over HTTP, in codes, words of the pack and words of the deciders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from policy.changing import what_would_change
from policy.loading import PackSet
from policy.pack import Pack
from services.triage.domain import Case, claiming, dismissing, rating_facts
from services.triage.domain.case import in_force


def queued(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "id": row["referral_id"],
        "reference": row["reference"],
        "authority": row["authority"],
        "state": row["status"],
        "rag": row["rag"],
        "suggested_rag": row["suggested"],
        "level": row["level"],
        "urgency": row["urgency"],
        "received_at": row["received_at"],
        "children": row["children"],
        "withdrawal_requested": row["withdrawal_requested_at"] is not None,
        "claim": _claim(row["claim"]),
        "version": row["version"],
    }


def case(
    case: Case, decisions: Sequence[Mapping[str, Any]], policy: PackSet, now: datetime
) -> Mapping[str, Any]:
    facts = case.facts
    pack = policy.version(case.authority, facts.pack_version)
    bands = {child.child_id: child.age_band for child in facts.children}
    return {
        "id": case.referral_id,
        "reference": facts.reference,
        "authority": case.authority,
        "state": case.status,
        "rag": case.rag,
        "received_at": facts.received_at,
        "version": case.version,
        "source_agency": facts.source_agency,
        "referrer_level": facts.referrer_level,
        "request": facts.request,
        "agreement": facts.agreement,
        "agreement_withdrawn_at": case.agreement_withdrawn_at,
        "parents_informed": facts.parents_informed,
        "reason_not_informed": facts.reason_not_informed,
        "immediate_danger": facts.immediate_danger,
        "completeness": facts.completeness,
        "locality": facts.locality,
        "guidance_version": in_force(case, policy, now).version,
        "repeat": bool(facts.links),
        "withdrawal_requested_at": case.withdrawal_requested_at,
        "claim": claiming.shown(case.claim),
        "awaiting_countersignature": _awaiting(case),
        "suggestion": {
            "rag": case.suggested,
            "level": case.level,
            "urgency": case.urgency,
            "pack_version": facts.pack_version,
            "reasons": [
                {**reason.model_dump(), "title": _title(pack, reason.indicator)}
                for reason in case.reasons
            ],
            "clauses": [_clause(pack, clause) for clause in case.clauses],
            "texts": facts.texts,
            "would_change": [
                {
                    "added": one.added,
                    "kind": one.kind,
                    "code": one.code,
                    "title": _title(pack, one.code) if one.kind == "sign" else None,
                    "impact": one.impact,
                    "rag": one.rag,
                    "level": one.level,
                }
                for one in what_would_change(rating_facts(facts), pack)
            ],
            "dismissed": [dismissing.shown(one) for one in case.dismissed],
        },
        "children": [
            {
                "child_id": child.child_id,
                "age_band": bands.get(child.child_id),
                "suggested": child.suggested.rag,
                "level": child.suggested.level,
                "urgency": child.suggested.urgency,
                "rag": child.rag,
                "outcome": child.outcome,
                "duties": child.duties,
            }
            for child in case.children
        ],
        "decisions": [in_full(record, case, policy) for record in decisions],
    }


def decision(
    record: Mapping[str, Any], cases: Mapping[UUID, Case], policy: PackSet
) -> Mapping[str, Any]:
    """One decision as others may see it: without the hub's analysis."""
    case = cases[record["referral_id"]]
    pack = policy.version(case.authority, record["pack_version"])
    clauses = [_clause(pack, clause) for clause in record["clauses"]]
    return {
        "decision_id": record["decision_id"],
        "kind": record["kind"],
        "decided_at": record["decided_at"],
        "by": record["staff_name"],
        "role": record["role"],
        "rag": record["rag"],
        "previous_rag": record["previous"],
        "suggested_rag": record["suggested"],
        "child_id": record["child_id"],
        "children": record["children"],
        "rationale": record["rationale"],
        "clauses": clauses,
        "level": max((clause["level"] for clause in clauses), default=None),
        "no_clause_because": record["no_clause_because"],
        "lowered_because": record["lowered_because"],
        "actions": record["actions"],
    }


def in_full(record: Mapping[str, Any], case: Case, policy: PackSet) -> Mapping[str, Any]:
    """One decision with all that the hub wrote of it."""
    return {
        **decision(record, {case.referral_id: case}, policy),
        "analysis": record["analysis"],
        "without_agreement": record["without_agreement"],
        "duties": [{"child_id": child_id, **duty} for child_id, duty in record["duties"]],
        "countersignature": _signature(record),
    }


def bundled(case: Case, records: Sequence[Mapping[str, Any]], policy: PackSet) -> Mapping[str, Any]:
    """What the authority's case system is told of a case: every decision, without the analysis."""
    return {
        "state": case.status,
        "rag": case.rag,
        "children": [
            {
                "child_id": child.child_id,
                "rag": child.rag,
                "outcome": child.outcome,
                "duties": child.duties,
            }
            for child in case.children
        ],
        "decisions": [
            {
                **decision(record, {case.referral_id: case}, policy),
                "countersigned": bool(record["agreed"]) if record["to_countersign"] else None,
            }
            for record in records
            if record["referral_id"] == case.referral_id
        ],
    }


def family(case: Case) -> Mapping[str, Any]:
    """What bears on whether the family may be told, in codes."""
    return {
        "parents_informed": case.facts.parents_informed,
        "reason_not_informed": case.facts.reason_not_informed,
        "concerns": sorted({concern.code for concern in case.facts.concerns}),
    }


def to_be_told(record: Mapping[str, Any]) -> bool:
    """Whether a decision may be told outside the hub: one that a manager countersigns, only
    then."""
    return not record["to_countersign"] or bool(record["agreed"])


def _awaiting(case: Case) -> Mapping[str, Any] | None:
    if case.awaiting is None:
        return None
    return {
        "decision_id": case.awaiting.decision_id,
        "because": case.awaiting.because,
        "since": case.awaiting.decided_at,
    }


def _signature(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if record["agreed"] is None:
        return None
    return {
        "agreed": record["agreed"],
        "by": record["signed_name"],
        "at": record["signed_at"],
        "note": record["signature_note"],
    }


def _claim(stored: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A claim of the queue: by role and until when; a name is shown when the case is opened."""
    if stored is None:
        return None
    return {name: stored[name] for name in ("staff_id", "role", "lapses_at")}


def _clause(pack: Pack, clause: str) -> Mapping[str, Any]:
    known = pack.clauses[clause]
    return {
        "id": clause,
        "title": known.title,
        "text": known.text,
        "level": known.level,
        "version": pack.version,
    }


def _title(pack: Pack, indicator: str) -> str:
    known = pack.indicators.get(indicator)
    return known.title if known else indicator
