"""Assessing one record outside the house, for `frontdoor assess`: a form, or a narrative alone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from contracts.events import (
    AgeBand,
    AgreementStatus,
    ChildFacts,
    ConcernFact,
    Impact,
    NarrativeSignal,
    TextReading,
)
from contracts.form import age_band, probably_non_mobile
from policy.changing import what_would_change
from policy.pack import Pack
from policy.rating import RatingFacts, Suggestion, suggest
from policy.reader import read

# The form's free texts, besides each concern's detail.
_TEXTS = ("narrative", "going_well", "child_voice", "work_already_tried")
_CHILDREN = 100
_CONCERNS = 200


def assess(record: object, pack: Pack, *, changes: bool = False) -> dict[str, Any]:
    """The suggested rating of one record, or `{"error": …}` where there is nothing to assess.

    `record` is a referral form as posted, or `{"narrative": …}`. What is odd in it is left out of
    account; a text that is no text counts as not read. Ages are taken at `received_on` (an ISO
    date) if the record has it; without it only an estimate and a child's age in words count.
    `changes`: also say which one fact would change the colour.
    """
    if not isinstance(record, Mapping):
        return {"error": "not_an_object"}
    facts, odd = facts_of(record, pack)
    if is_empty(facts):
        return {"error": "nothing_to_assess"}
    answer = _answer(suggest(facts, pack))
    if changes:
        answer["would_change"] = [
            {
                "added": each.added,
                "kind": each.kind,
                "code": each.code,
                **({"impact": each.impact.value} if each.impact else {}),
                "rag": each.rag.value,
                "level": each.level,
            }
            for each in what_would_change(facts, pack)
        ]
    not_read = [text for text in facts.texts if not text.read]
    if not_read:
        answer["not_read"] = [{"text": text.text, "reason": text.reason} for text in not_read]
    if odd:
        answer["left_out"] = sorted(odd)
    return answer


def _answer(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "level": suggestion.level,
        "rag": suggestion.rag.value,
        "urgency": suggestion.urgency.value,
        "reasons": [
            {
                "indicator": reason.indicator,
                "level": reason.level,
                "clause": reason.clause,
                "source": reason.source.value,
                "text": reason.text,
                "start": reason.start,
                "end": reason.end,
            }
            for reason in suggestion.reasons
        ],
    }


def is_empty(facts: RatingFacts) -> bool:
    """Whether there is nothing in a record to assess."""
    return not (facts.signals or facts.texts or facts.concerns or facts.immediate_danger)


def received_on(record: Mapping[Any, Any]) -> date | None:
    """The day on which a record says that it was received: `received_on`, or of `received_at` the
    date as written."""
    return _day(record.get("received_on")) or _day(record.get("received_at"))


def facts_of(record: Mapping[Any, Any], pack: Pack) -> tuple[RatingFacts, set[str]]:
    """A record's facts, its texts read under a pack, and the places of what was left out."""
    odd: set[str] = set()
    on = received_on(record)
    children = _children(record.get("children"), on, odd)
    ids = tuple(child.child_id for child in children)
    concerns = tuple(_concerns(record.get("concerns"), ids, odd))
    signals: list[NarrativeSignal] = []
    texts: list[TextReading] = []
    for field, value in _texts(record):
        if not isinstance(value, str):
            odd.add(field)
            texts.append(TextReading(text=field, read=False, reason="not_text"))
            continue
        reading = read(value, field=field, pack=pack)
        signals.extend(reading.signals)
        texts.append(reading.reading)
    return RatingFacts(
        children=children,
        received_at=datetime.combine(on or date(1970, 1, 1), datetime.min.time(), UTC),
        concerns=concerns,
        signals=tuple(signals),
        texts=tuple(texts),
        request=_word(record.get("request")) or "unsure",
        immediate_danger=record.get("immediate_danger") is True,
        agreement=_agreement(record.get("agreement")),
        referrer_level=_level(record.get("referrer_level")),
    ), odd


def _texts(record: Mapping[Any, Any]) -> Iterator[tuple[str, object]]:
    for field in _TEXTS:
        if record.get(field) is not None:
            yield field, record[field]
    for number, concern in enumerate(_items(record.get("concerns"))[:_CONCERNS]):
        if isinstance(concern, Mapping) and concern.get("detail") is not None:
            yield f"concerns/{number}/detail", concern["detail"]


def _children(value: object, on: date | None, odd: set[str]) -> tuple[ChildFacts, ...]:
    if value is not None and not isinstance(value, list):
        odd.add("children")
    found = []
    for number, child in enumerate(_items(value)[:_CHILDREN]):
        if not isinstance(child, Mapping):
            odd.add(f"children/{number}")
            child = {}  # noqa: PLW2901
        band, non_mobile = _age(child, on)
        found.append(
            ChildFacts(child_id=UUID(int=number + 1), age_band=band, non_mobile=non_mobile)
        )
    return tuple(found)


def _age(child: Mapping[Any, Any], on: date | None) -> tuple[AgeBand, bool]:
    born = _day(child.get("date_of_birth"))
    due = _day(child.get("expected_date_of_delivery"))
    estimate = child.get("age_estimate")
    if not isinstance(estimate, int) or isinstance(estimate, bool) or estimate < 0:
        estimate = None
    if on is None or (born is not None and born > on):
        born = None
        on = on or date(1970, 1, 1)
    return age_band(born, due, estimate, on), probably_non_mobile(born, on)


def _concerns(value: object, ids: tuple[UUID, ...], odd: set[str]) -> Iterator[ConcernFact]:
    if value is not None and not isinstance(value, list):
        odd.add("concerns")
    for number, concern in enumerate(_items(value)[:_CONCERNS]):
        code = _word(concern.get("code")) if isinstance(concern, Mapping) else None
        if not isinstance(concern, Mapping) or code is None:
            odd.add(f"concerns/{number}")
            continue
        impact = concern.get("impact")
        yield ConcernFact(
            code=code,
            children=tuple(
                ids[place]
                for place in _items(concern.get("children"))
                if isinstance(place, int) and 0 <= place < len(ids)
            ),
            impact=Impact(impact) if impact in tuple(Impact) else None,
            current=concern.get("current") is not False,
        )


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _day(value: object) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _level(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _agreement(value: object) -> AgreementStatus:
    status = value.get("status") if isinstance(value, Mapping) else None
    return AgreementStatus(status) if status in tuple(AgreementStatus) else AgreementStatus.UNKNOWN
