"""What is answered about consultations, for intake's OpenAPI document (see `services.intake.answers`)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from policy.helping import Answer
from services.intake.answers import Closed, LocalService
from services.intake.consultations.domain import State


class Clause(BaseModel):
    id: str
    title: str
    text: str


class Advice(BaseModel):
    """A question and what is known of it. Never a colour or a level."""

    id: UUID
    authority: str
    state: State
    asked_at: datetime
    due_at: datetime
    explanation: str
    concerns: list[str]
    clauses: list[Clause]
    refer_now: bool
    refer_because: str | None
    what_to_do: str
    answered_at: datetime | None
    answer_clauses: list[str]
    answer_refer: bool | None
    draft_id: UUID | None
    links: dict[str, str]


class AdviceAtOnce(Advice):
    questions: list[str]
    out_of_hours: Closed | None = None


class HelpAsked(BaseModel):
    """Whether you are asked, now, if the help that the answer names happened; from when; and what
    you said."""

    ask_at: datetime
    asked: bool
    answer: Answer | None


class AdviceRead(Advice):
    question: str | None
    asker: dict[str, Any] | None
    answer: str | None
    answerer: dict[str, Any] | None
    services: list[LocalService]
    help: HelpAsked | None


class HelpSaid(BaseModel):
    consultation_id: UUID
    answer: Answer


class HelpOf(BaseModel):
    """How many in an authority gave each answer; null where it is too small to be published."""

    authority: str
    total: int | None
    answers: dict[Answer, int | None]


class HelpCounted(BaseModel):
    items: list[HelpOf]
    start: date
    end: date
    published: bool


class AdviceOpened(AdviceRead):
    answered_by: UUID | None


class AdviceRow(BaseModel):
    """One question in a list. `overdue` is told to the hub alone."""

    id: UUID
    authority: str
    state: State
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None
    refer_now: bool
    concerns: list[str]
    help_answer: Answer | None
    overdue: bool | None = None


class AdvicePage(BaseModel):
    items: list[AdviceRow]
    next: str | None


class ReferredOn(BaseModel):
    consultation_id: UUID
    state: State
    draft_id: UUID
    expires_at: datetime
    links: dict[str, str]
