"""Invented letters, to try an authority's own template with before it is used."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from contracts.events import Outcome, Rag
from policy.pack import Pack
from services.notifications.domain import Case
from services.notifications.letters.view import view
from services.notifications.letters.words import WORDS
from services.notifications.reads import DecidedChild, Decision
from services.notifications.rendering.samples import Sample
from services.notifications.rendering.templates import FAMILY_LETTER

_WRITTEN = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
_CHILDREN = (UUID(int=11), UUID(int=12))
_NAMES = {_CHILDREN[0]: "Ada <the elder>", _CHILDREN[1]: "Ben"}


def samples(pack: Pack) -> Iterator[Sample]:
    """A letter of every outcome that there are letters of, and one of two at once."""
    for outcome in WORDS:
        yield _sample(pack, outcome)
    yield _sample(pack, Outcome.CHILD_AND_FAMILY_ASSESSMENT, Outcome.EARLY_HELP_ASSESSMENT)


def _sample(pack: Pack, *outcomes: Outcome) -> Sample:
    case = Case(
        referral_id=UUID(int=1),
        authority=pack.authority,
        reference=f"{pack.prefix}-000123-K",
        received_at=_WRITTEN,
        pack_version=pack.version,
        source_agency="school",
        children=_CHILDREN[: len(outcomes)],
        decided=True,
    )
    decision = Decision(
        decision_id=UUID(int=2),
        referral_id=case.referral_id,
        rag=Rag.AMBER,
        children=tuple(
            DecidedChild(child_id=child_id, rag=Rag.AMBER, outcome=outcome)
            for child_id, outcome in zip(case.children, outcomes, strict=True)
        ),
        decided_at=_WRITTEN,
    )
    values = view(case, decision, _NAMES, pack, _WRITTEN)
    needed = (
        case.reference,
        pack.messages.phone,
        pack.messages.police_phone,
        "Ada <the elder>",
        *(WORDS[outcome].title for outcome in outcomes),
        " ".join(pack.messages.complaint_words.split()),
    )
    return Sample(FAMILY_LETTER, f"a family told of {' and '.join(outcomes)}", values, needed)
