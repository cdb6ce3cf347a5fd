"""Which of a pack's phrases stand in a text, and where."""

from collections.abc import Sequence
from typing import NamedTuple

from policy.pack import NOTHING
from policy.reader.persons import done_by_another
from policy.reader.rules import Meaning, Rule, Rulebook
from policy.reader.scanning import Hit, Sentence, sentences
from policy.reader.tokens import Tokens

# A named tuple made without a call of its own.
_quickly = tuple.__new__
# How far, in tokens, the parts of a phrase may stand apart, and a softening word before them.
_WINDOW = 18
_CLOSE = 3
_BEFORE, _AFTER = 6, 3
# Places shown for one indicator in one text: enough to be checked, few enough to be read.
_PLACES = 5


class Found(NamedTuple):
    """An indicator found, with its characters. What begins first comes first."""

    start: int
    end: int
    indicator: str


def find(
    words: Tokens, meanings: list[Meaning], unknown: Sequence[int], book: Rulebook
) -> tuple[Found, ...]:
    """Every indicator found in a text, in the order of the words. `unknown` are the places of all
    tokens that mean nothing, marks among them."""
    found: dict[str, tuple[Found, ...]] = {}
    read = list(sentences(words, meanings, unknown, book))
    for number, sentence in enumerate(read):
        if not sentence.mask & book.anchors:
            continue
        near = sentence.mask
        if number > 0:
            near |= read[number - 1].mask
        if number + 1 < len(read):
            near |= read[number + 1].mask
        for indicator, span in _in_sentence(sentence, near, book):
            places = found.get(indicator, ())
            start = words.start(sentence.base + span[0].first)
            # They come in the order of the words: only the one before can be overlapped.
            if not places or (len(places) < _PLACES and places[-1].end <= start):
                last = span[0].last if len(span) == 1 else max([hit.last for hit in span])
                end = words.ends[sentence.base + last]
                found[indicator] = (*places, _quickly(Found, (start, end, indicator)))
    return tuple(sorted([place for places in found.values() for place in places]))


def _in_sentence(
    sentence: Sentence, near: int, book: Rulebook
) -> Sequence[tuple[str, Sequence[Hit]]]:
    """The indicators of a sentence with the words that amount to them. Of what overlaps, the words
    that begin first are shown, and so come first."""
    mask = sentence.mask
    left = mask & book.anchors
    keys = []
    while left:
        key = left.bit_length() - 1
        left ^= 1 << key
        if mask & book.partners[key]:
            keys.append(key)
    found = []
    for key in reversed(keys):
        for rule in book.rules[key]:
            there = near if rule.nearby else mask
            if rule.need & there != rule.need or rule.bar & mask:
                continue
            span = _span(rule, sentence)
            if span is None:
                continue
            if not sentence.elsewhere or span[-1].last < min(sentence.elsewhere):
                code = rule.indicator
                if sentence.past or sentence.milds or sentence.severes:
                    code = _shade(rule, span, sentence, book)
                if code != NOTHING:
                    found.append((code, span))
    if len(found) > 1:
        found.sort(key=_begins)
    return found


def _span(rule: Rule, sentence: Sentence) -> Sequence[Hit] | None:
    """Where the parts stand, in the order of the words; None if they stand too far apart."""
    if rule.nearby or not rule.others:
        return sentence.hits(rule.start)[:1]
    standing = _behind if rule.ordered else _around
    for hit in sentence.hits(rule.start):
        span = standing(hit, rule, sentence)
        if span is not None:
            return span
    return None


def _begins(each: tuple[str, Sequence[Hit]]) -> int:
    return each[1][0].first


def _first(hit: Hit) -> int:
    return hit.first


def _around(hit: Hit, rule: Rule, sentence: Sentence) -> Sequence[Hit] | None:
    """The parts nearest to one of them."""
    span = [hit]
    for part in rule.others:
        other = _nearest(sentence.hits(part), hit)
        if abs(other.first - hit.first) > _WINDOW:
            return None
        span.append(other)
    span.sort(key=_first)
    return span


def _nearest(hits: Sequence[Hit], to: Hit) -> Hit:
    if len(hits) == 1:
        return hits[0]
    return min(hits, key=lambda other: abs(other.first - to.first))


def _behind(first: Hit, rule: Rule, sentence: Sentence) -> Sequence[Hit] | None:
    """The parts one behind the other."""
    span = [first]
    before = first
    for number, part in enumerate(rule.others, 1):
        for hit in sentence.hits(part):
            if hit.first > before.last:
                break
        else:
            return None
        if hit.first - first.first > _WINDOW:
            return None
        if number in rule.close and hit.first - before.last > _CLOSE:
            return None
        if done_by_another(sentence.words, sentence.named, before.first, hit.first):
            return None
        span.append(hit)
        before = hit
    return span


def _shade(rule: Rule, span: Sequence[Hit], sentence: Sentence, book: Rulebook) -> str:
    """The indicator that the words amount to: softened, sharpened, of the past, or as it stands.
    Nothing softens a hard one."""
    code = rule.indicator
    milder, stronger, past = book.ladders[code]
    if sentence.past and past is not None and any(hit.past for hit in span):
        return past
    if not (sentence.milds or sentence.severes) or rule.shaded or not (milder or stronger):
        return code
    signs = [hit for hit in span if not _is_person(hit, sentence, book)] or span
    mild = bool(sentence.milds) and _touches(sentence.milds, span, signs, sentence)
    severe = bool(sentence.severes) and _touches(sentence.severes, span, signs, sentence)
    if mild and not severe and milder is not None:
        return milder
    if severe and not mild and stronger is not None:
        return stronger
    return code


def _is_person(hit: Hit, sentence: Sentence, book: Rulebook) -> bool:
    """Whether a hit only says of whom something is told."""
    return any(hit == each and not book.people.isdisjoint(keys) for keys, each in sentence.found)


def _touches(
    places: Sequence[int], span: Sequence[Hit], signs: Sequence[Hit], sentence: Sentence
) -> bool:
    """Whether a softening or sharpening word belongs to what was found: it stands within it or
    near it, and no "and" or comma parts it from all that is more than a person. "Dad has had him
    since the summer and looks worn out" says nothing of how worn out."""
    first, last = span[0].first, max(hit.last for hit in span)
    return any(
        first - _BEFORE <= place <= last + _AFTER
        and any(
            not any(
                place < join < sign.first or sign.last < join < place for join in sentence.joins
            )
            for sign in signs
        )
        for place in places
    )
