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
from policy.pack import Pack
from policy.rating import RatingFacts, Suggestion, suggest
from policy.reader import read

# The form's free texts, besides each concern's detail.
_TEXTS = ("narrative", "going_well", "child_voice", "work_already_tried")
_CHILDREN = 100
_CONCERNS = 200
# Under this age in days a child is taken to be unable to move about.
_MOBILE_FROM = 183
_DAYS_OF_BAND = (
    (365, AgeBand.UNDER_1),
    (5 * 365.25, AgeBand.AGE_1_TO_4),
    (11 * 365.25, AgeBand.AGE_5_TO_10),
    (16 * 365.25, AgeBand.AGE_11_TO_15),
    (18 * 365.25, AgeBand.AGE_16_TO_17),
)


def assess(record: object, pack: Pack) -> dict[str, Any]:
    """The suggested rating of one record, or `{"error": …}` where there is nothing to assess.

    `record` is a referral form as posted, or `{"narrative": …}`. What is odd in it is left out of
    account; a text that is no text counts as not read. Ages are taken at `received_on` (an ISO
    date) if the record has it; without it only a child's age in words counts.
    """
    if not isinstance(record, Mapping):
        return {"error": "not_an_object"}
    facts, odd = _facts(record, pack)
    if not (facts.signals or facts.texts or facts.concerns or facts.immediate_danger):
        return {"error": "nothing_to_assess"}
    answer = _answer(suggest(facts, pack))
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


def _facts(record: Mapping[Any, Any], pack: Pack) -> tuple[RatingFacts, set[str]]:
    odd: set[str] = set()
    on = _day(record.get("received_on"))
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
    if born is None:
        due = _day(child.get("expected_date_of_delivery"))
        return (AgeBand.UNBORN if due is not None else AgeBand.UNKNOWN), False
    if on is None:
        return AgeBand.UNKNOWN, False
    days = (on - born).days
    if days < 0:
        return AgeBand.UNKNOWN, False
    band = next((band for limit, band in _DAYS_OF_BAND if days < limit), AgeBand.ADULT)
    return band, days < _MOBILE_FROM


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
