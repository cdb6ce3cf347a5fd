"""The page: level by level, clause by clause, with signs, clocks and who decides."""

from collections.abc import Iterator
from html import escape

from contracts.events import Rag
from policy.pack import Clause, Indicator, Pack
from policy.publishing import arranging, words
from policy.publishing.chart import pathway, sentence, svg
from policy.publishing.style import STYLE
from policy.publishing.tables import table
from policy.ruleset import ruleset
from policy.sources import dotted

_SECTIONS = (
    ("colours", "What the colours mean"),
    ("pathway", "What happens to a referral"),
    ("always", "What always counts as Red"),
    ("levels", "The levels of need"),
    ("together", "Signs that weigh more together"),
    ("before", "What happened before"),
    ("deciding", "Who decides"),
    ("discussing", "Who talks it through"),
    ("help", "Where help is arranged"),
    ("times", "How long it takes"),
    ("disagree", "If you disagree"),
    ("contact", "How to reach us"),
)


def page_of(pack: Pack) -> str:
    """The whole page as HTML. The same pack gives the same page."""
    title = f"Levels of need in {pack.name}"
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en-GB">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}, version {escape(pack.version)}</title>",
            f"<style>{STYLE}</style></head>",
            '<body><a class="skip" href="#main">Skip to the guidance</a>',
            f"<header><p>{escape(pack.guidance)}</p><h1>{escape(title)}</h1>",
            f"<p>Version {escape(pack.version)}, in force from {_date(pack)}.</p></header>",
            f'<main id="main"><p class="notice"><strong>{escape(pack.about)}</strong></p>',
            f"<p>If a child is in danger now, telephone {escape(pack.messages.police_phone)}.</p>",
            *_contents(),
            *_colours(pack),
            *_pathway(pack),
            *_always(pack),
            *_levels(pack),
            *_together(pack),
            *_before(pack),
            *_deciding(pack),
            *_discussing(pack),
            *_help(pack),
            *_times(pack),
            *_disagree(pack),
            *_contact(pack),
            "</main>",
            (
                f"<footer><p>Made from version {escape(pack.version)} of the authority pack"
                f" {escape(pack.authority)}. Rules suggest; people decide.</p></footer>"
            ),
            "</body></html>",
            "",
        )
    )


def _date(pack: Pack) -> str:
    day = pack.valid_from
    until = f" to {pack.valid_until:%d/%m/%Y}" if pack.valid_until else ""
    return f"{day.day} {day:%B %Y}{until}"


def _contents() -> Iterator[str]:
    yield '<nav aria-label="Contents"><h2>Contents</h2><ol>'
    yield from (f'<li><a href="#{key}">{name}</a></li>' for key, name in _SECTIONS)
    yield "</ol></nav>"


def _open(key: str) -> str:
    return f'<section id="{key}"><h2>{dict(_SECTIONS)[key]}</h2>'


def _tag(pack: Pack, rag: Rag) -> str:
    return f'<span class="tag {rag.value}">{escape(pack.rating.rag_names[rag])}</span>'


def _colours(pack: Pack) -> Iterator[str]:
    rating = pack.rating
    yield _open("colours")
    yield "<p>A colour says what a child may need. How soon something must happen is said beside"
    yield "it. Each child has a colour of their own, and the referral carries the gravest.</p>"
    yield from table(
        ("Colour", "Meaning", "How soon", "Usual outcome"),
        (
            (
                _tag(pack, rag),
                escape(rating.rag_meanings[rag]),
                words.soon(rating.urgency[rag]),
                escape(words.outcome(pack, rating.outcomes[rag]).capitalize()),
            )
            for rag in (*words.COLOURS, Rag.NONE)
        ),
        "Colours",
    )
    yield "</section>"


def _pathway(pack: Pack) -> Iterator[str]:
    way = pathway(pack)
    yield _open("pathway")
    yield "<figure>"
    yield svg(way, pack.name, wide=True)
    yield svg(way, pack.name, wide=False)
    yield "<figcaption>From the referral to the answer.</figcaption></figure>"
    yield "<h3>The same in words</h3><ol>"
    yield from (f"<li>{escape(sentence(box))}</li>" for box in way.before)
    for first, *others in way.lanes:
        yield f"<li>{escape(sentence(first))}<ul>"
        yield from (f"<li>{escape(sentence(box))}</li>" for box in others)
        yield "</ul></li>"
    yield from (f"<li>{escape(sentence(box))}</li>" for box in way.after)
    yield "</ol></section>"


def _always(pack: Pack) -> Iterator[str]:
    yield _open("always")
    yield "<p>Nothing else that is written or known lowers these. Going below one needs a manager"
    yield "and a reason.</p><ul>"
    yield from (
        f"<li>{escape(each.title)} {_cite(each)}</li>"
        for each in pack.indicators.values()
        if each.hard
    )
    yield "</ul></section>"


def _cite(indicator: Indicator) -> str:
    anchor = dotted(("clause", indicator.clause)).replace(".", "-")
    return f'(<a href="#{anchor}">{escape(indicator.clause)}</a>)'


def _levels(pack: Pack) -> Iterator[str]:
    yield _open("levels")
    by_clause: dict[str, list[Indicator]] = {}
    for indicator in pack.indicators.values():
        by_clause.setdefault(indicator.clause, []).append(indicator)
    for level, name in sorted(pack.rating.level_names.items()):
        yield f'<h3 id="level-{level}">Level {level}: {escape(name)}</h3>'
        ordered = sorted(
            (clause for clause in pack.clauses.values() if clause.level == level), key=words.number
        )
        for clause in ordered:
            yield from _clause(pack, clause, by_clause.get(clause.id, []))
    yield "</section>"


def _clause(pack: Pack, clause: Clause, indicators: list[Indicator]) -> Iterator[str]:
    anchor = f"clause-{clause.id.replace('.', '-')}"
    yield f'<article class="clause" id="{anchor}">'
    yield f"<h4>{escape(clause.id)} {escape(clause.title)}</h4><p>{escape(clause.text)}</p>"
    if indicators:
        effects = ruleset(pack).effects
        yield "<ul>"
        for each in indicators:
            effect = effects[each.code]
            more = []
            if each.hard:
                more.append("nothing lowers it")
            if effect.household:
                more.append("counts for every child of the household")
            if each.urgency is not None:
                more.append(f"{each.urgency.value.replace('_', ' ')}")
            note = (
                f" <span class='note'>{escape('; '.join(more).capitalize())}.</span>"
                if more
                else ""
            )
            # What is well has no colour: it leads to nothing.
            tag = f" {_tag(pack, effect.rag)}" if each.level > 1 else ""
            yield f"<li>{escape(each.title)}{tag}{note}</li>"
        yield "</ul>"
    yield "</article>"


def _together(pack: Pack) -> Iterator[str]:
    effects = ruleset(pack).effects
    yield _open("together")
    if not pack.combinations:
        yield "<p>No signs are weighed together in this version.</p></section>"
        return
    yield from table(
        ("When there is", "It counts as", "Colour"),
        (
            (
                escape(words.combination(each)),
                (
                    f"{escape(pack.indicators[each.indicator].title)}"
                    f" {_cite(pack.indicators[each.indicator])}"
                ),
                _tag(pack, effects[each.indicator].rag),
            )
            for each in pack.combinations.values()
        ),
        "Combinations",
    )
    yield "</section>"


def _before(pack: Pack) -> Iterator[str]:
    effects = ruleset(pack).effects
    yield _open("before")
    yield from table(
        ("What is known", "It counts as", "Colour"),
        (
            (
                escape(words.history(rule)),
                (
                    f"{escape(pack.indicators[rule.indicator].title)}"
                    f" {_cite(pack.indicators[rule.indicator])}"
                ),
                _tag(pack, effects[rule.indicator].rag),
            )
            for rule in pack.history.values()
        ),
        "History",
    )
    yield "</section>"


def _deciding(pack: Pack) -> Iterator[str]:
    rating = pack.rating
    yield _open("deciding")
    yield "<p>Rules suggest. A named person with the qualification"
    yield f"“{escape(rating.qualification.replace('_', ' '))}” opens what was written and decides"
    yield "for each child.</p>"
    agreement = {
        "given": "The family agrees",
        "refused": "The family refuses",
        "not_sought": "Nobody has asked the family",
        "unknown": "It is not known",
    }
    yield from table(
        ("Agreement", *(escape(rating.rag_names[rag]) for rag in words.COLOURS)),
        (
            (
                agreement[status.value],
                *(escape(words.role(by[rag]).capitalize()) for rag in words.COLOURS),
            )
            for status, by in rating.deciders.items()
        ),
        "Who decides, by what the family has agreed to",
    )
    signed = [pack.rating.rag_names[rag] for rag in rating.countersign_rags]
    signed += [words.outcome(pack, each) for each in rating.countersign_outcomes]
    if signed:
        yield f"<p>A manager countersigns: {escape(words.listed(signed))}.</p>"
    if pack.checks.agreement:
        yield "<p>Asking the family is the referrer's part. Whoever leaves open whether the family"
        yield "agrees, or whether the parents know, is asked at once, unless Red is suggested.</p>"
    yield "</section>"


def _discussing(pack: Pack) -> Iterator[str]:
    yield _open("discussing")
    yield from arranging.discussions(pack)
    yield "</section>"


def _help(pack: Pack) -> Iterator[str]:
    yield _open("help")
    yield from arranging.help_(pack)
    yield "</section>"


def _times(pack: Pack) -> Iterator[str]:
    yield _open("times")
    yield "<p>Working time is when the front door is open. Times that the law sets are marked.</p>"
    yield from table(
        (
            "What",
            "Counted from",
            *(escape(pack.rating.rag_names[rag]) for rag in words.COLOURS),
            "Told when it is late",
        ),
        (
            (
                escape(rule.title)
                + (" <span class='note'>Set by law.</span>" if rule.statutory else ""),
                escape(words.begin(words.begins(rule))),
                *(escape(words.period(rule, rag)) for rag in words.COLOURS),
                escape(
                    words.listed([words.role(each) for each in rule.tell.breached]).capitalize()
                    + (". The next is asked" if rule.at_breach else "")
                ),
            )
            for rule in pack.clocks.rules.values()
        ),
        "Clocks",
    )
    yield "</section>"


def _disagree(pack: Pack) -> Iterator[str]:
    yield _open("disagree")
    yield "<p>Say so. The child's case goes on meanwhile, and where a child is at risk now you may"
    yield "begin at any stage.</p><ol>"
    yield from (
        f"<li><strong>{escape(stage.title)}</strong> ({escape(stage.who)}). {escape(stage.words)}</li>"
        for stage in pack.messages.disagreement
    )
    yield "</ol></section>"


def _contact(pack: Pack) -> Iterator[str]:
    messages = pack.messages
    yield _open("contact")
    yield f"<p>{escape(messages.hub_name)}: telephone {escape(messages.phone)}. When it is closed:"
    yield f"{escape(messages.emergency_phone)}. In danger: {escape(messages.police_phone)}.</p>"
    yield from table(
        ("Day", "Open"),
        ((day, hours) for day, hours in words.opening(pack)),
        "Opening hours",
    )
    yield "</section>"
