"""What is sent about actions."""

from datetime import date
from typing import Literal
from uuid import UUID

from services.allocation.domain.tabling import ActionState
from services.allocation.offers.bodies import Words
from services.allocation.workers.bodies import Code, SentBody


class AskBody(SentBody):
    """Whom of an agency is asked for what, by when. `text` says it in words for them: they see no
    more of the family than stands there."""

    worker_id: UUID
    kind: Code
    by: date
    text: Words


class AnswerBody(SentBody):
    """What became of an action. The note is for whoever asked."""

    state: Literal[ActionState.ACCEPTED, ActionState.DECLINED, ActionState.DONE]
    note: Words | None = None
