"""What a pack's schema can't say by itself: that the names in it lead somewhere."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from contracts.codes import ATTENDERS, CONCERNS
from contracts.events import Impact, Rag
from policy.pack import NOTHING, Indicator, Pack
from policy.reader.forms import forms, has_forms
from policy.reader.phrases import WORKED_OUT, PhraseError, parse
from policy.sources import Where

Found = Iterator[tuple[Where, str]]
AGE_TAGS = frozenset(
    {"age:unborn", "age:under_1", "age:non_mobile", "age:under_5", "age:adolescent"}
)
HISTORY_TAGS = frozenset(
    {"history:referred", "history:open_social_care", "history:open_early_help", "history:closed"}
)


def inconsistencies(pack: Pack) -> Found:
    """Each place where a pack contradicts itself, with what is wrong there."""
    if pack.valid_until is not None and pack.valid_until < pack.valid_from:
        yield ("valid_until",), "ends before it begins"
    for indicator in pack.indicators.values():
        yield from _indicator(pack, indicator)
    yield from _circles(pack)
    yield from _impacts(pack)
    yield from _words(pack)
    for combination in pack.combinations.values():
        where: Where = ("combinations", combination.id)
        yield from _known(pack, (*where, "indicator"), combination.indicator)
        if not combination.all_of and not combination.any_of:
            yield where, "combines nothing"
        if combination.at_least > len(combination.any_of):
            yield (*where, "at_least"), "can never be met: any_of is shorter"
        for key, members in (("all_of", combination.all_of), ("any_of", combination.any_of)):
            for number, member in enumerate(members):
                if member not in {*CONCERNS, *AGE_TAGS, *HISTORY_TAGS}:
                    yield (*where, key, number), f"unknown concern code {member!r}"
    for rule in pack.history.values():
        yield from _known(pack, ("history", rule.id, "indicator"), rule.indicator)
    for kind, agencies in pack.discussions.attend.items():
        for number, agency in enumerate(agencies):
            if agency not in ATTENDERS:
                yield ("discussions", "attend", kind, number), f"there is no agency {agency!r}"
    yield from _rating(pack)


def _indicator(pack: Pack, indicator: Indicator) -> Found:
    where: Where = ("indicators", indicator.code)
    clause = pack.clauses.get(indicator.clause)
    if clause is None:
        yield (*where, "clause"), f"there is no clause {indicator.clause!r}"
    elif clause.level != indicator.level:
        yield (*where, "level"), f"clause {clause.id!r} is of level {clause.level}"
    for key, codes in (("about", indicator.about), ("ticked", tuple(indicator.ticked))):
        for code in codes:
            if code not in CONCERNS:
                place = (*where, key, code) if key == "ticked" else (*where, key)
                yield place, f"unknown concern code {code!r}"
    for number, phrase in enumerate(indicator.phrases):
        yield from _phrase(pack, (*where, "phrases", number), phrase)
    yield from _others(pack, where, indicator)


def _others(pack: Pack, where: Where, indicator: Indicator) -> Found:
    """The other indicators that one is taken for: by age, in softer words, of the past."""
    for tag, other in indicator.ages.items():
        yield from _known(pack, (*where, "ages", tag), other)
        if other in pack.indicators and pack.indicators[other].level < indicator.level:
            yield (*where, "ages", tag), "an age never lowers the level"
    for key in ("milder", "stronger", "past"):
        code = getattr(indicator, key)
        if key == "past" and code == NOTHING:
            if indicator.is_harm or indicator.hard:
                yield (*where, key), "harm of the past is not nothing"
        elif code is not None:
            yield from _known(pack, (*where, key), code)
            if indicator.hard and key == "milder":
                yield (*where, key), "nothing lowers a hard rule"


def _circles(pack: Pack) -> Found:
    """An indicator that leads back to itself: by ages, by softer words, by sharper
    ones, or by the past."""
    ladders: dict[str, dict[str, dict[str, str]]] = {
        "ages": {
            each.code: {str(tag): other for tag, other in each.ages.items()}
            for each in pack.indicators.values()
        }
    }
    for key in ("milder", "stronger", "past"):
        ladders[key] = {
            each.code: {"": other}
            for each in pack.indicators.values()
            if (other := getattr(each, key)) is not None and other != NOTHING
        }
    for key, leads in ladders.items():
        for code, steps in leads.items():
            for tag, other in steps.items():
                circle = _circle(code, other, leads)
                if circle is not None and code == min(circle):
                    place = (key, tag) if tag else (key,)
                    names = " -> ".join((*circle, code))
                    yield ("indicators", code, *place), f"leads back to itself: {names}"


def _circle(
    start: str, first: str, leads: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...] | None:
    """The way from an indicator back to itself that begins with `first`; None if there is none."""
    if first == start:
        return (start,)
    ways: list[tuple[str, ...]] = [(start, first)]
    seen = {first}
    while ways:
        way = ways.pop()
        for other in leads.get(way[-1], {}).values():
            if other == start:
                return way
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return None


def _phrase(pack: Pack, where: Where, phrase: str) -> Found:
    try:
        parsed = parse(phrase)
    except PhraseError as error:
        yield where, str(error)
        return
    for part in (*parsed.parts, *parsed.bars):
        name = part.concept
        if name[0].isupper() and not (
            name in pack.lexicon or name in pack.families or name in WORKED_OUT
        ):
            yield where, f"there is no {name!r} in the lexicon"


def _words(pack: Pack) -> Found:
    """Every word of the lexicon and of the families must be one that the reader understands."""
    for section, listed in (("lexicon", pack.lexicon), ("families", pack.families)):
        for name, terms in listed.items():
            for term in filter(has_forms, terms):
                try:
                    forms(term)
                except PhraseError as error:
                    yield (section, name), str(error)


def _impacts(pack: Pack) -> Found:
    """Ticking a graver impact must never mean a lower level."""
    ladders: dict[str, dict[Impact, Indicator]] = {}
    for indicator in pack.indicators.values():
        for code, impact in indicator.ticked.items():
            held = ladders.setdefault(code, {}).get(impact)
            if held is not None:
                message = f"{code} with impact {impact} already means {held.code!r}"
                yield ("indicators", indicator.code, "ticked", code), message
            ladders[code][impact] = indicator
    for code, ladder in ladders.items():
        steps = [ladder[impact] for impact in Impact if impact in ladder]
        for lower, higher in pairwise(steps):
            if higher.level < lower.level:
                message = f"is below {lower.code!r}, which a lesser impact means"
                yield ("indicators", higher.code, "ticked", code), message


def _known(pack: Pack, where: Where, code: str) -> Found:
    if code not in pack.indicators:
        yield where, f"there is no indicator {code!r}"


def _rating(pack: Pack) -> Found:
    floors = pack.rating.floors
    where: Where = ("rating", "floors")
    for key in ("immediate_danger", "impact_immediate", "unread_text", "unknown_sign"):
        yield from _known(pack, (*where, key), getattr(floors, key))
    for key, table in (
        ("unknown_concern", floors.unknown_concern),
        ("request", floors.request),
        ("referrer_level", floors.referrer_level),
    ):
        for name, code in table.items():
            yield from _known(pack, (*where, key, str(name)), code)
    if set(floors.unknown_concern) != set(Impact):
        yield (*where, "unknown_concern"), "must say what each impact means"
    if not any(
        rule.level == 1 and rule.hard is None and rule.harm is None for rule in pack.rating.colours
    ):
        yield ("rating", "colours"), "the last rule must fit everything"
    danger = pack.indicators.get(floors.immediate_danger)
    if danger is not None and not danger.hard:
        yield (*where, "immediate_danger"), "immediate danger must be a hard rule"
    unread = pack.indicators.get(floors.unread_text)
    if unread is not None and unread.at_least not in {Rag.AMBER, Rag.RED}:
        yield (*where, "unread_text"), "a text that was not read is never Green"
    for rag in (Rag.RED, Rag.AMBER, Rag.GREEN):
        if rag not in pack.rating.urgency:
            yield ("rating", "urgency"), f"does not say how urgent {rag} is"
