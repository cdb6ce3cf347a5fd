"""The pathway as a chart: SVG of our own, wide for paper and desks, narrow for telephones.

What it says is said again in words beside it, so that nothing is in the picture alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from contracts.events import AgreementStatus, Outcome, Rag
from policy.pack import Pack
from policy.publishing.words import COLOURS, outcome, role, target

_LINE, _PAD, _GAP = 20, 14, 26
_WIDTH_OF_CHARACTER = 7.6
_FILLS = {"red": "#fbe4e2", "amber": "#fdf0d5", "green": "#e2f0e4", "plain": "#f3f2f1"}
_EDGES = {"red": "#942514", "amber": "#7a4a00", "green": "#005a30", "plain": "#0b0c0c"}


@dataclass(frozen=True, slots=True)
class Box:
    """One step: what happens, and what is to be known of it."""

    title: str
    lines: tuple[str, ...] = ()
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Pathway:
    """The way of a referral: what every one goes through, a lane for each colour, and the end."""

    before: tuple[Box, ...]
    lanes: tuple[tuple[Box, ...], ...]
    after: tuple[Box, ...]


def pathway(pack: Pack) -> Pathway:
    """The pathway that a pack makes."""
    clocks = pack.clocks.rules
    told, written = clocks.get("feedback_sent"), clocks.get("written_confirmation")
    stages = pack.messages.disagreement
    return Pathway(
        before=(
            Box(
                "A referral arrives",
                (
                    f"At the {pack.words.get('hub', 'front door')}",
                    *(
                        (f"What was telephoned comes in writing within {written.period}",)
                        if written
                        else ()
                    ),
                ),
            ),
            Box(
                "The referrer is told that it came",
                (f"Within {clocks['acknowledge'].period}",),
            ),
            Box(
                "It is compared with this guidance",
                (
                    "A colour is suggested for each child, with reasons",
                    (
                        "A person decides on the kind of response: by law within"
                        f" {clocks['statutory_decision'].period}"
                    ),
                ),
            ),
        ),
        lanes=tuple(tuple(_lane(pack, rag)) for rag in COLOURS),
        after=(
            Box(
                "The referrer is told the decision and why",
                (f"Within {told.period}",) if told else (),
            ),
            *(
                (Box("Somebody disagrees?", (f"{len(stages)} stages, from {stages[0].who}",)),)
                if stages
                else ()
            ),
        ),
    )


def _lane(pack: Pack, rag: Rag) -> Iterator[Box]:
    tone = rag.value
    rating, clocks = pack.rating, pack.clocks.rules
    yield Box(rating.rag_names[rag], (rating.rag_meanings[rag],), tone)
    if rag is Rag.RED:
        alone = clocks["accepted_by_person"].period_for(rag)
        duty = pack.allocation.duty
        teams = pack.allocation.teams
        yield Box(
            "To duty at once",
            (
                f"Somebody takes it on within {alone}, day and night",
                f"When closed: {teams[duty.out_of_hours].name}",
            ),
            tone,
        )
    refused = rating.deciders[AgreementStatus.REFUSED][rag]
    given = rating.deciders[AgreementStatus.GIVEN][rag]
    decides = [
        f"Within {clocks['hub_enquiry'].period_for(rag)}, with what was asked of others",
        f"By {role(given)}",
    ]
    if refused != given:
        decides.append(f"By {role(refused)} where the family does not agree")
    if rag in rating.countersign_rags:
        decides.append("Countersigned by a manager")
    if rag is Rag.RED:
        decides.append("Never waits for agreement")
    yield Box("Enquiries and decision", tuple(decides), tone)
    yield Box("Usual outcome", (outcome(pack, rating.outcomes[rag]).capitalize(),), tone)
    onward = list(_onward(pack, rating.outcomes[rag]))
    if onward:
        yield Box("Who takes it on", tuple(onward), tone)
    then = list(_then(pack, rating.outcomes[rag], rag))
    if then:
        yield Box("And then", tuple(then), tone)


def _then(pack: Pack, wanted: Outcome, rag: Rag) -> Iterator[str]:
    """The clocks that such a decision starts, and those of the help that follows."""
    started = {f"triage.decided:{wanted.value}"}
    if wanted is Outcome.EARLY_HELP_ASSESSMENT:
        started |= {"allocation.accepted:lead_professional", "case.milestone_recorded:assessment"}
    for rule in pack.clocks.rules.values():
        period = rule.period_for(rag)
        if period is not None and not started.isdisjoint(rule.starts_on):
            yield f"{rule.title}: {period}"


def _onward(pack: Pack, wanted: Outcome) -> Iterator[str]:
    rules = (*pack.allocation.first, *pack.allocation.rules)
    yield from dict.fromkeys(
        f"{rule.because}: {target(pack, rule.to)}" for rule in rules if wanted in rule.when.outcomes
    )


def sentence(box: Box) -> str:
    """A step as words."""
    if not box.lines:
        return f"{box.title}."
    title = box.title if box.title.endswith("?") else f"{box.title}:"
    return f"{title} {'. '.join(box.lines).rstrip('.')}."


def svg(way: Pathway, name: str, *, wide: bool) -> str:
    """The chart. `name`: what it is of; ids in it begin with `wide` or `narrow`."""
    which = "wide" if wide else "narrow"
    width = 900 if wide else 340
    drawing = _Drawing(width)
    bottom = drawing.column(way.before, 0, width if not wide else 480, 8, centre=wide)
    if wide:
        lane = (width - 2 * _GAP) / 3
        ends = []
        for number, boxes in enumerate(way.lanes):
            left = number * (lane + _GAP)
            drawing.arrow(width / 2, bottom - _GAP, left + lane / 2, bottom)
            ends.append((left + lane / 2, drawing.column(boxes, left, lane, bottom)))
        bottom = max(end for _, end in ends)
        for middle, end in ends:
            drawing.arrow(middle, end - _GAP, width / 2, bottom)
    else:
        for number, boxes in enumerate(way.lanes):
            if number:
                drawing.between("or", width / 2, bottom)
            else:
                drawing.arrow(width / 2, bottom - _GAP, width / 2, bottom)
            bottom = drawing.column(boxes, 0, width, bottom)
        drawing.arrow(width / 2, bottom - _GAP, width / 2, bottom)
    bottom = drawing.column(way.after, 0, width if not wide else 480, bottom, centre=wide)
    height = bottom - _GAP + 8
    return (
        f'<svg class="chart {which}" xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="0 0 {width} {height:g}" aria-labelledby="{which}-title {which}-words">'
        f'<title id="{which}-title">Pathway of a referral: {escape(name)}</title>'
        f'<desc id="{which}-words">The same is said in words under the chart.</desc>'
        f'<defs><marker id="{which}-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"'
        ' markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#0b0c0c"/></marker></defs>'
        + "".join(drawing.parts).replace("TIP", f"{which}-tip")
        + "</svg>"
    )


class _Drawing:
    """Boxes and arrows so far."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.parts: list[str] = []

    def column(
        self, boxes: Sequence[Box], left: float, wide: float, top: float, *, centre: bool = False
    ) -> float:
        """Boxes one under the other; answers where the next one would begin."""
        left = (self.width - wide) / 2 if centre else left
        for number, box in enumerate(boxes):
            if number:
                self.arrow(left + wide / 2, top - _GAP, left + wide / 2, top)
            top = self._box(box, left, wide, top) + _GAP
        return top

    def arrow(self, x: float, y: float, to_x: float, to_y: float) -> None:
        """A line with a tip; where it goes aside, down first and then along."""
        middle = (y + to_y) / 2
        path = (
            f"M{x:g} {y:g}V{to_y:g}" if x == to_x else f"M{x:g} {y:g}V{middle:g}H{to_x:g}V{to_y:g}"
        )
        self.parts.append(
            f'<path d="{path}" fill="none" stroke="#0b0c0c" stroke-width="2"'
            ' marker-end="url(#TIP)"/>'
        )

    def between(self, word: str, x: float, bottom: float) -> None:
        """A word where an arrow would stand."""
        self.parts.append(
            f'<text x="{x:g}" y="{bottom - _GAP / 2 + 5:g}" text-anchor="middle">{word}</text>'
        )

    def _box(self, box: Box, left: float, wide: float, top: float) -> float:
        room = int((wide - 2 * _PAD) / _WIDTH_OF_CHARACTER)
        title = wrap(box.title, int(room * 0.94)) or [""]
        lines = [line for each in box.lines for line in wrap(each, room)]
        height = 2 * _PAD + _LINE * (len(title) + len(lines)) - 6
        self.parts.append(
            f'<rect x="{left + 1:g}" y="{top:g}" width="{wide - 2:g}" height="{height:g}" rx="4"'
            f' fill="{_FILLS[box.tone]}" stroke="{_EDGES[box.tone]}" stroke-width="2"/>'
        )
        for number, line in enumerate((*title, *lines)):
            y = top + _PAD + 10 + _LINE * number
            weight = ' font-weight="700"' if number < len(title) else ""
            self.parts.append(f'<text x="{left + _PAD:g}" y="{y:g}"{weight}>{escape(line)}</text>')
        return top + height
