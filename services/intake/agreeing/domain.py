"""Recording what a family says, and that they take it back. Pure.

Agreement is to a service, and is no basis for sharing: it may be given, refused or taken back at any
time, and changes nothing but who decides and what a panel hears. Nothing is closed by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from chassis.change import Change, Ids
from chassis.errors import FieldError
from contracts.codes import AGREED_BY, AGREEMENT_SCOPES, ANSWERS, REASONS_NOT_INFORMED
from contracts.events import AgreementStatus, ReferralAgreementRecorded
from policy.loading import PackSet
from services.intake.domain import Case, SealedLater, live

KIND: Final = "agreement"
SAID: Final = {
    "given": "The family agrees.",
    "refused": "The family does not agree.",
    "withdrawn": "The family had agreed, and takes it back.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody of the family said. `status` is `given`, `refused` or `withdrawn`; `who` a
    code, `given_by` a name or a relationship; `given_on` a date in England. Personal: the words go to
    the vault."""

    status: str
    who: str
    given_by: str
    given_on: date
    scope: tuple[str, ...] = ()
    covers: str | None = None
    evidence: str | None = None
    young_persons_own: str | None = None
    parents_informed: bool | None = None
    reason_not_informed: str | None = None


def wrong(said: Said, today: date) -> list[FieldError]:
    """What keeps it from being a record: who, when, for what, and why parents were not told."""
    errors = []
    if said.status not in SAID:
        errors.append(FieldError("/status", f"Use one of: {', '.join(SAID)}."))
    if said.who not in AGREED_BY:
        errors.append(FieldError("/who", f"Use one of: {', '.join(AGREED_BY)}."))
    if said.given_on > today:
        errors.append(FieldError("/given_on", "This day is to come."))
    if said.status == "given" and not said.scope:
        errors.append(FieldError("/scope", "Say what they agree to."))
    for place, code in enumerate(said.scope):
        if code not in AGREEMENT_SCOPES:
            known = ", ".join(AGREEMENT_SCOPES)
            errors.append(FieldError(f"/scope/{place}", f"Use one of: {known}."))
    if said.young_persons_own is not None and said.young_persons_own not in ANSWERS:
        errors.append(FieldError("/young_persons_own", f"Use one of: {', '.join(ANSWERS)}."))
    reason = said.reason_not_informed
    if reason is not None and reason not in REASONS_NOT_INFORMED:
        reasons = ", ".join(REASONS_NOT_INFORMED)
        errors.append(FieldError("/reason_not_informed", f"Use one of: {reasons}."))
    if said.parents_informed is False and reason is None:
        errors.append(FieldError("/reason_not_informed", "Say why the parents were not told."))
    if said.parents_informed is not False and reason is not None:
        errors.append(FieldError("/reason_not_informed", "Only where the parents were not told."))
    return errors


def record(
    state: Case | None, said: Said, policy: PackSet, ids: Ids, now: datetime
) -> tuple[Change[Case], Mapping[str, Any]]:
    """Keep what was said, beside what was said before. Raises as `live` does."""
    del policy
    case = live(state)
    record_id = ids()
    withdrawn = said.status == "withdrawn"
    status = AgreementStatus.REFUSED if withdrawn else AgreementStatus(said.status)
    changed = replace(
        case,
        version=case.version + 1,
        updated_at=now,
        added=(SealedLater(record_id, KIND, now, in_words(said)),),
    )
    event = ReferralAgreementRecorded(
        version=changed.version,
        recorded_at=now,
        agreement=status,
        withdrawn=withdrawn,
        who=said.who,
        given_on=said.given_on,
        scope=said.scope,
        young_persons_own=said.young_persons_own,
        parents_informed=said.parents_informed,
        reason_not_informed=said.reason_not_informed,
    )
    return Change(changed, (event,)), {
        "id": record_id,
        "referral_id": case.referral_id,
        "recorded_at": now,
        "agreement": status,
        "withdrawn": withdrawn,
        "version": changed.version,
    }


def in_words(said: Said) -> str:
    """The record as whoever decides reads it."""
    who = AGREED_BY[said.who].title.lower()
    lines = [
        SAID[said.status],
        f"Said by: {said.given_by} ({who}), {said.given_on.day} {said.given_on:%B %Y}.",
    ]
    if said.scope:
        lines.append(f"To: {'; '.join(AGREEMENT_SCOPES[one].title for one in said.scope)}.")
    if said.covers:
        lines.append(f"Covers: {said.covers}")
    if said.evidence:
        lines.append(f"Evidence: {said.evidence}")
    if said.young_persons_own:
        lines.append(f"The young person agrees: {ANSWERS[said.young_persons_own].title.lower()}.")
    if said.parents_informed:
        lines.append("The parents know of the referral.")
    elif said.reason_not_informed:
        why = REASONS_NOT_INFORMED[said.reason_not_informed].title
        lines.append(f"The parents were not told: {why[0].lower()}{why[1:]}.")
    return "\n".join(lines)
