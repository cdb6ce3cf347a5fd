"""What a referrer would be told of what nobody has recorded yet."""

import pytest

from contracts.events import Rag
from services.notifications.domain import Case, Kind
from services.notifications.previews.domain import Draft, What, decision_of, message_of
from services.notifications.rendering import Email
from tests.unit.notifications.letters import NOW, case, decision, fixed, referral, renderer

DRAFT = Draft(
    What.DECISION,
    rationale="Basic care is not reliable, and early help has been tried.",
    children=decision().children,
    clauses=("3.1", "9.99"),
    actions=decision().actions,
)
RATING = Draft(What.RATING, rationale="A new report.", rag=Rag.RED)


def test_a_decision_is_written_as_it_would_go_out() -> None:
    pack = fixed().packs["warwickshire"][0]
    of = case(decided=False)
    made = decision_of(of, DRAFT, pack, NOW)
    # The highest of the children's colours; the level and the words of the clause there is.
    assert (made.rag, made.level, [one.id for one in made.clauses]) == (Rag.AMBER, 3, ["3.1"])
    message = message_of(of, DRAFT, [], NOW)
    assert message is not None
    mail = renderer(fixed()).email(of, message, referral(), made, NOW)
    assert isinstance(mail, Email)
    assert DRAFT.rationale in mail.text.replace("\n", " ")
    assert "/disagree/preview" in mail.text
    stranger = referral(referrer_email="someone@webmail.example")
    brief = renderer(fixed()).email(of, message, stranger, made, NOW)
    assert isinstance(brief, Email)
    assert "Basic care" not in brief.text


@pytest.mark.parametrize(
    ("draft", "of", "kind"),
    [
        (RATING, case(), Kind.RERATING),
        (RATING, case(decided=False), None),
        (RATING, case(source_agency="family_member"), None),
        (Draft(What.WITHDRAWAL, "They moved.", close=True), case(), Kind.CLOSURE),
        (Draft(What.WITHDRAWAL, "We worry."), case(decided=False), Kind.CONTINUATION),
    ],
)
def test_the_message_is_of_the_kind_that_recording_it_would_make(
    draft: Draft, of: Case, kind: Kind | None
) -> None:
    message = message_of(of, draft, [decision()], NOW)
    assert (message.kind if message else None) == kind


def test_a_rating_says_what_stood_before_it() -> None:
    message = message_of(case(), RATING, [decision()], NOW)
    assert message is not None
    assert message.details == {"previous": Rag.AMBER, "rag": Rag.RED}
