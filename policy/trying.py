"""Trying a version of the guidance on past referrals: `frontdoor policy try`.

Each referral is rated by the version that held when it was received and by the new one, its texts
read again under each. Nothing is stored, and no text is repeated in what is answered.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.events import Reason
from policy.assessing import facts_of, is_empty, received_on
from policy.loading import PackSet
from policy.pack import Pack
from policy.rating import RatingFacts, Suggestion, suggest
from policy.ruleset import RAG_ORDER, ruleset


@dataclass(frozen=True, slots=True)
class Tried:
    """What the new version makes of one referral. `error` is a code where it could not be rated.
    `led_before` and `led_to`: the colour and urgency to which each sign leads by itself."""

    number: int
    before: Suggestion | None = None
    after: Suggestion | None = None
    version: str = ""
    error: str | None = None
    led_before: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    led_to: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether any child's colour, level or urgency would differ, or the referral's."""
        return (
            self.before is not None
            and self.after is not None
            and (_rating(self.before), self.before.children)
            != (_rating(self.after), self.after.children)
        )


def compared(number: int, was: RatingFacts, old: Pack, now: RatingFacts, new: Pack) -> Tried:
    """One referral as the old version rates it and as the new one does, each by its own facts."""
    before, after = suggest(was, old), suggest(now, new)
    return Tried(
        number,
        before,
        after,
        old.version,
        led_before=_led(before, old),
        led_to=_led(after, new),
    )


def _led(suggestion: Suggestion, pack: Pack) -> Mapping[str, tuple[str, str]]:
    effects = ruleset(pack).effects
    found = (effects[reason.indicator] for reason in suggestion.reasons)
    return {each.code: (each.rag.value, each.urgency.value) for each in found}


def try_all(
    records: Iterable[object], new: Pack, packs: PackSet, against: Pack | None = None
) -> Iterator[Tried]:
    """Try a version on records, numbered from 1. `against`: the version to compare with; without
    it the one in force when each was received, or the oldest where a record does not say."""
    for number, record in enumerate(records, 1):
        yield _try_one(number, record, new, packs, against)


def _try_one(number: int, record: object, new: Pack, packs: PackSet, against: Pack | None) -> Tried:
    if not isinstance(record, Mapping):
        return Tried(number, error="not_an_object")
    old = against or _in_force(record, new, packs)
    if old is None:
        return Tried(number, error="no_version_then")
    facts, _ = facts_of(record, old)
    if is_empty(facts):
        return Tried(number, error="nothing_to_assess")
    again = facts if reads_alike(old, new) else _read_again(record, facts, new)
    return compared(number, facts, old, again, new)


def _in_force(record: Mapping[Any, Any], new: Pack, packs: PackSet) -> Pack | None:
    on = received_on(record)
    versions = packs.packs[new.authority]
    if on is None:
        return next((each for each in versions if each.version != new.version), versions[0])
    try:
        return packs.current(new.authority, on)
    except KeyError:
        return None


def _read_again(record: Mapping[Any, Any], facts: RatingFacts, new: Pack) -> RatingFacts:
    again, _ = facts_of(record, new)
    return replace(facts, signals=again.signals, texts=again.texts)


def reads_alike(a: Pack, b: Pack) -> bool:
    """Whether two versions find the same in every text, so that it need be read once only."""
    return a is b or (
        a.lexicon == b.lexicon
        and a.families == b.families
        and a.indicators.keys() == b.indicators.keys()
        and all(
            (one.phrases, one.milder, one.stronger, one.past)
            == (other.phrases, other.milder, other.stronger, other.past)
            for one, other in zip(a.indicators.values(), b.indicators.values(), strict=True)
        )
        and tuple(a.indicators) == tuple(b.indicators)
    )


def _rating(suggestion: Suggestion) -> tuple[object, ...]:
    return suggestion.rag, suggestion.level, suggestion.urgency


def explained(tried: Tried) -> dict[str, Any]:
    """One referral that would change, and why: what is found now and was not, what no longer is,
    and what the guidance places elsewhere, or gives another colour. Codes and clauses only, no words of the referral."""
    before, after = tried.before, tried.after
    assert before is not None
    assert after is not None
    was = {reason.indicator: reason for reason in before.reasons}
    now = {reason.indicator: reason for reason in after.reasons}
    children = {child.child_id: child for child in after.children}
    return {
        "referral": tried.number,
        "version": tried.version,
        "from": _shown(before),
        "to": _shown(after),
        "children": [
            {"child": place, "from": child.rag.value, "to": children[child.child_id].rag.value}
            for place, child in enumerate(before.children, 1)
            if child != children[child.child_id]
        ],
        "now": [_cited(now[code]) for code in now if code not in was],
        "no_longer": [_cited(was[code]) for code in was if code not in now],
        "placed_elsewhere": [
            {"indicator": code, "from": before_, "to": after_}
            for code in now
            if code in was
            and (before_ := _place(was[code], tried.led_before))
            != (after_ := _place(now[code], tried.led_to))
        ],
    }


def _shown(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "rag": suggestion.rag.value,
        "level": suggestion.level,
        "urgency": suggestion.urgency.value,
    }


def _cited(reason: Reason) -> dict[str, Any]:
    return {"indicator": reason.indicator, "clause": reason.clause, "source": reason.source.value}


def _place(reason: Reason, leads: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    rag, urgency = leads[reason.indicator]
    return {
        "clause": reason.clause,
        "level": reason.level,
        "hard": reason.hard,
        "rag": rag,
        "urgency": urgency,
    }


class Summary:
    """What a trial comes to, counted as it goes."""

    def __init__(self) -> None:
        self.referrals = 0
        self.moves: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.raised = self.lowered = self.changed = 0

    def count(self, tried: Tried) -> None:
        """Count one referral."""
        self.referrals += 1
        if tried.error is not None:
            self.errors[tried.error] += 1
        if tried.before is None or tried.after is None or not tried.changes:
            return
        self.changed += 1
        was, now = tried.before.rag, tried.after.rag
        self.raised += RAG_ORDER[now] > RAG_ORDER[was]
        self.lowered += RAG_ORDER[now] < RAG_ORDER[was]
        if was is not now:
            self.moves[f"{was.value} to {now.value}"] += 1

    def shown(self) -> dict[str, Any]:
        """The counts, for one line of JSON."""
        return {
            "referrals": self.referrals,
            "would_change": self.changed,
            "raised": self.raised,
            "lowered": self.lowered,
            "moves": dict(sorted(self.moves.items())),
            "not_rated": dict(sorted(self.errors.items())),
        }
