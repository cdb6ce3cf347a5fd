"""Whether the family gets a letter: never where telling them would put somebody at risk."""

from datetime import timedelta

import pytest

from contracts.codes import REASONS_NOT_INFORMED
from contracts.events import Outcome, Rag
from services.notifications.letters.domain import Caution, Withheld, offer
from services.notifications.letters.samples import samples
from services.notifications.letters.view import view
from services.notifications.letters.words import WORDS
from services.notifications.reads import DecidedChild, Decision, Family
from services.notifications.rendering.checking import template_problems
from services.notifications.rendering.templates import FAMILY_LETTER, Templates
from tests.unit.notifications.letters import CHILDREN, NOW, case, decision, fixed

TOLD = Family(parents_informed=True)


def decided(outcome: Outcome = Outcome.CHILD_AND_FAMILY_ASSESSMENT, **family: object) -> Decision:
    child = DecidedChild(child_id=CHILDREN[0], rag=Rag.AMBER, outcome=outcome)
    said = TOLD.model_copy(update=family)
    return decision(children=(child,), family=said)


@pytest.mark.parametrize(
    ("made", "because"),
    [
        (decided(Outcome.STRATEGY_DISCUSSION), Withheld.DISCUSSION_FIRST),
        (decided(parents_informed=False), Withheld.PARENTS_NOT_TOLD),
        (decided(concerns=("housing", "sexual_abuse")), Withheld.HARM_MAY_BE_HIDDEN),
        *(
            (decided(parents_informed=False, reason_not_informed=code), Withheld.PARENTS_NOT_TOLD)
            for code in REASONS_NOT_INFORMED
            if code != "not_reached"
        ),
    ],
)
def test_no_letter_where_telling_would_put_somebody_at_risk(
    made: Decision, because: Withheld
) -> None:
    assert offer(case(), [made]).because is because
    assert offer(case(), [made]).decision is None


def test_no_letter_of_a_restricted_or_an_undecided_referral() -> None:
    assert offer(case(restricted=True), [decided()]).because is Withheld.RESTRICTED
    assert offer(case(), []).because is Withheld.NOT_DECIDED


def test_a_letter_says_what_to_mind() -> None:
    assert offer(case(), [decided()]).cautions == ()
    abused = decided(concerns=("domestic_abuse",), parents_informed=None)
    assert offer(case(), [abused]).cautions == (Caution.SAFE_CONTACT, Caution.ASK_WHETHER_TOLD)
    missed = decided(parents_informed=False, reason_not_informed="not_reached")
    assert offer(case(), [missed]).cautions == (Caution.NOT_REACHED,)


def test_the_latest_decision_counts() -> None:
    first = decided()
    later = decided(Outcome.STRATEGY_DISCUSSION)
    later = later.model_copy(update={"decided_at": first.decided_at + timedelta(hours=1)})
    assert offer(case(), [later, first]).because is Withheld.DISCUSSION_FIRST


def test_every_outcome_but_a_strategy_discussion_has_words() -> None:
    assert set(Outcome) - WORDS.keys() == {Outcome.STRATEGY_DISCUSSION}


def test_a_letter_says_nothing_of_who_referred_or_why() -> None:
    pack = fixed().packs["warwickshire"][0]
    made = decided()
    values = view(case(), made, {CHILDREN[0]: "Ada"}, pack, NOW)
    letter = Templates().text(FAMILY_LETTER, values)
    assert "about Ada." in letter
    assert "The council" not in letter
    for said in (made.rationale, *(action.action for action in made.actions)):
        assert said is not None
        assert said.partition(".")[0] not in letter
    assert "Name:" in letter
    ended = view(case(), decided(Outcome.NO_FURTHER_ACTION), {}, pack, NOW)
    assert "Name:" not in Templates().text(FAMILY_LETTER, ended)
    unborn = view(case(), made, {}, pack, NOW)
    assert "about your child." in Templates().text(FAMILY_LETTER, unborn)


def test_an_authoritys_own_letter_is_tried() -> None:
    pack = fixed().packs["warwickshire"][0]
    for name, text, why in (
        ("family_letter.txt", "{{ rationale }}", "'rationale' is undefined"),
        ("family_letter.txt", "Ring {{ hub.phone }}", "leaves out"),
        ("family_letter.html", "<p>{{ reference }}</p>", "needs one first heading"),
    ):
        messages = pack.messages.model_copy(update={"templates": {name: text}})
        found = template_problems(pack.model_copy(update={"messages": messages}))
        assert any(where == name and why in said for where, said in found), found
    assert len(list(samples(pack))) == len(WORDS) + 1
