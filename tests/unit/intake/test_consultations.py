"""When whoever asked for advice is asked whether the help that it named happened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.errors import DomainError
from services.intake.consultations.domain import Consultation, State, answer, help_said, refer

NOW = datetime(2026, 3, 5, 15, tzinfo=UTC)
LATER = NOW + timedelta(days=28)
ASKED = Consultation(
    consultation_id=UUID(int=1),
    authority="warwickshire",
    organisation_id=UUID(int=2),
    client_id="school",
    asked_at=NOW,
    due_at=NOW,
    explanation="",
    pack_version="2018.1",
    state=State.ASKED,
)


def answered(*services: UUID) -> Consultation:
    return answer(
        ASKED, UUID(int=3), (), refer=False, now=NOW, help_ask_at=LATER, services=services
    )


def test_the_last_that_is_said_of_help_counts() -> None:
    said = answered(UUID(int=4))
    for word in ("never_got_there", "it_happened"):
        said = help_said(said, word, LATER)
        assert (said.help_answer, said.help_said_at) == (word, LATER)


@pytest.mark.parametrize(
    ("one", "at"),
    [
        (answered(UUID(int=4)), LATER - timedelta(seconds=1)),
        (answered(), LATER),
        (replace(ASKED, help_ask_at=LATER), LATER),
        (refer(answered(UUID(int=4)), UUID(int=5)), LATER),
    ],
    ids=["too early", "nothing named", "not answered", "became a referral"],
)
def test_nobody_else_is_asked_after_help(one: Consultation, at: datetime) -> None:
    assert not one.help_is_asked(at)
    with pytest.raises(DomainError):
        help_said(one, "it_happened", at)
