"""What is decided about a consultation: who may be answered what, and when. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.errors import DomainError, FieldError, InvalidInput
from policy.helping import Answer
from policy.naming import identities

REFER: Final = (
    "This has to be a referral: send one now. If a child is in danger at this moment, ring 999."
)
TAKE_OUT: Final = "Take out what says who it is about, or send it as a referral."


class State(StrEnum):
    """`asked` until a practitioner answers; `referred` once it became a referral's draft."""

    ASKED = "asked"
    ANSWERED = "answered"
    REFERRED = "referred"


@dataclass(frozen=True, slots=True)
class Consultation:
    """A question for advice. Its words are sealed beside it. `refer`: at once the asker was told
    to refer, and why. `overdue_at`: when it was noticed that nobody had answered in time.
    `help_ask_at`: when to ask whether the help that the answer names happened; None where it names
    none."""

    consultation_id: UUID
    authority: str
    organisation_id: UUID
    client_id: str
    asked_at: datetime
    due_at: datetime
    explanation: str
    pack_version: str
    state: State
    concerns: tuple[str, ...] = ()
    refer: str | None = None
    clauses: tuple[str, ...] = ()
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    answer_clauses: tuple[str, ...] = ()
    answer_refer: bool = False
    draft_id: UUID | None = None
    overdue_at: datetime | None = None
    answer_services: tuple[UUID, ...] = ()
    help_ask_at: datetime | None = None
    help_answer: Answer | None = None
    help_said_at: datetime | None = None

    def help_is_asked(self, now: datetime) -> bool:
        """Whether it is time to ask whether the help that the answer named happened. What became a
        referral is asked after there."""
        since = self.help_ask_at
        return since is not None and since <= now and self.state is State.ANSWERED


def refuse_identity(text: str, pointer: str, *, looked: bool) -> None:
    """Raises InvalidInput where a text tells, or seems to tell, who it is about. `looked`: a person
    says that what seems to be a name is none."""
    found = [one for one in identities(text) if one.certain or not looked]
    if found:
        raise InvalidInput(
            "identity_in_consultation",
            f"A question for advice names nobody. {TAKE_OUT}",
            errors=[
                FieldError(
                    pointer,
                    f"looks like a {one.kind.replace('_', ' ')}, "
                    f"characters {one.start + 1} to {one.end}",
                )
                for one in found[:50]
            ],
        )


def why_refer(*, worried: bool, identifiable: bool, red: bool) -> str | None:
    """Why a question has to become a referral, as a code, or None where it may stay one."""
    if red:
        return "guidance"
    if worried:
        return "worried"
    return "identifiable" if identifiable else None


def answer(
    state: Consultation,
    by: UUID,
    clauses: tuple[str, ...],
    *,
    refer: bool,
    now: datetime,
    help_ask_at: datetime,
    services: tuple[UUID, ...] = (),
) -> Consultation:
    """Answer a question, once. What already became a referral is answered there. `help_ask_at`: when
    to ask after the `services` that it names."""
    if state.state is not State.ASKED:
        raise DomainError("already_answered", "This question was answered, or became a referral.")
    return replace(
        state,
        state=State.ANSWERED,
        answered_at=now,
        answered_by=by,
        answer_clauses=clauses,
        answer_refer=refer,
        answer_services=services,
        help_ask_at=help_ask_at if services else None,
    )


def worth_mailing(state: Consultation, about: str, now: datetime) -> bool:
    """Whether whoever asked is still to be told of the answer, or to be asked after the help."""
    if about == "help":
        return state.help_is_asked(now) and state.help_answer is None
    return state.state is State.ANSWERED


def help_said(state: Consultation, answer: Answer, now: datetime) -> Consultation:
    """What became of the help; said again, the last counts. Raises DomainError where nobody asks."""
    if not state.help_is_asked(now):
        raise DomainError(
            "help_not_asked_after", "Nobody asks whether help happened here, or not yet."
        )
    return replace(state, help_answer=answer, help_said_at=now)


def refer(state: Consultation, draft_id: UUID) -> Consultation:
    """Go on as the draft of a referral. Raises DomainError where it went on before."""
    if state.state is State.REFERRED:
        raise DomainError("already_referred", "This question became a referral before.")
    return replace(state, state=State.REFERRED, draft_id=draft_id)
