"""How fast the policy works on one core: suggestions, the reader, loading packs, `policy try`.

    python -m bench.rating [--seconds 2]

What is measured is policy's own work, in processor time of one core: parsing contracts, storing and
sending stand apart. Lines with an aim say whether it was met; one that was not ends it with 1. The peer beside `suggest` is the same rules written as plainly as they can be, which
the tests hold it to.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from contracts.codes import CONCERNS
from contracts.events import (
    AgeBand,
    AgreementStatus,
    ChildFacts,
    ConcernFact,
    Impact,
    NarrativeSignal,
    TextReading,
)
from policy.loading import load_packs
from policy.pack import Pack
from policy.rating import RatingFacts, suggest
from policy.reader import read
from policy.trying import try_all
from tests.unit.policy.plain_rating import plain

AUTHORITY, OTHER = "walsall", "warwickshire"
RECEIVED = datetime(2026, 3, 4, 10, tzinfo=UTC)
REFERRALS, PLAIN = 2000, 20
NARRATIVE = 2000
TICKED, READ, TRIED_SECONDS, LOADED_MS = 5_000, 1_000, 30, 100
"""What is aimed at: referrals with ticks and narratives in a second, the seconds of a trial of 10,000
referrals, the milliseconds in which a pack loads."""

# Sentences as referrers write them, some grave, most not. Texts are put together from these.
SENTENCES = (
    "I am writing about a boy in my class who has been quieter than usual since half term.",
    "He was late on four mornings last week and had no breakfast on two of them.",
    "Mum told me at the gate that she is finding the mornings hard since dad moved out.",
    "She was open with me and asked whether there is anybody who could help with routines.",
    "There are two younger sisters at home; both seemed well when I saw them on Tuesday.",
    "He has no bruises or marks that I have seen, and changed for PE without any worry.",
    "A neighbour said that she hears shouting most weekends and has called the police twice.",
    "Dad was arrested last year after he pushed mum against the cooker in front of the children.",
    "The health visitor has seen the baby, nine weeks old, who is feeding well and gaining weight.",
    "Mum has had low mood since the birth and is taking medication from the GP.",
    "The flat is damp, the boiler has been broken since January, and the landlord has not come.",
    "He told his teacher that he is scared of mum's boyfriend when he has been drinking.",
    "Attendance is 84% this term, down from 96% in the autumn.",
    "We held an assembly about staying safe online, and afterwards he asked to speak to me.",
    "Grandmother collects the children on Thursdays and has offered to have them more often.",
    "There were concerns about neglect when the family lived in another town some years ago.",
    "Mum denies any drug use, and there has been no sign of it on our visits.",
    "He says that he likes football, his cousins and the dog, and that he wants dad to come home.",
    "The family has been told about this referral and would welcome some support.",
    "I would be glad to talk this through and to come to a meeting if one is held.",
)


def ticked(number: int, dice: random.Random, *, with_texts: bool, pack: Pack) -> RatingFacts:
    """One referral: mostly one child, a few concerns; with texts, some signs beside them."""
    ids = [UUID(int=number * 8 + place + 1) for place in range(dice.choice((1, 1, 1, 2, 3)))]
    indicators = sorted(pack.indicators)
    return RatingFacts(
        children=tuple(
            ChildFacts(child_id=one, age_band=dice.choice(list(AgeBand))) for one in ids
        ),
        received_at=RECEIVED + timedelta(minutes=number),
        concerns=tuple(
            ConcernFact(
                code=code,
                children=tuple(dice.sample(ids, dice.randint(0, 1))),
                impact=dice.choice((None, Impact.SOME, Impact.SOME, Impact.SERIOUS)),
            )
            for code in dice.sample(sorted(CONCERNS), dice.randint(1, 4))
        ),
        signals=tuple(
            NarrativeSignal(indicator=one, text="narrative", start=40 * at, end=40 * at + 12)
            for at, one in enumerate(dice.sample(indicators, dice.randint(0, 4)))
        )
        if with_texts
        else (),
        texts=(TextReading(text="narrative", read=True),),
        agreement=dice.choice(list(AgreementStatus)),
    )


def narratives(count: int, length: int) -> list[str]:
    """Different narratives of `length` characters."""
    dice = random.Random(5)
    written = []
    for _ in range(count):
        text = ""
        while len(text) < length:
            text += dice.choice(SENTENCES) + " "
        written.append(text[:length])
    return written


def rate(work: Callable[[], object], count: int, seconds: float) -> float:
    """How many of `count` pieces a second, in processor time, the best of the rounds that fit."""
    work()
    best, until = 0.0, time.process_time() + seconds
    while True:
        began = time.process_time()
        work()
        ended = time.process_time()
        best = max(best, count / (ended - began))
        if ended >= until:
            return best


def suggestions(referrals: Sequence[RatingFacts], pack: Pack) -> Callable[[], object]:
    """One round of suggestions."""
    return lambda: [suggest(facts, pack) for facts in referrals]


def line(subject: str, **figures: object) -> str:
    """One line of what was measured, as every bench prints it."""
    return json.dumps({"bench": "rating", "subject": subject, "edition": "none", **figures})


@click.command()
@click.option("--seconds", default=2.0, show_default=True, help="For each subject.")
def main(seconds: float) -> None:
    """Print one JSON line for each subject."""
    kept: list[bool] = []

    def met(holds: bool) -> bool:
        kept.append(holds)
        return holds

    packs = load_packs(authorities={AUTHORITY, OTHER})
    pack = packs.current(AUTHORITY, RECEIVED.date())
    # Another authority's guidance stands in for a new version: its words differ, so that every
    # text has to be read twice.
    other = packs.current(OTHER, RECEIVED.date())
    other = other.model_copy(update={"lexicon": {**other.lexicon, "NEW": ("a new word",)}})
    for subject, with_texts in (("suggest, ticks", False), ("suggest, ticks and signs", True)):
        dice = random.Random(7)
        referrals = [
            ticked(number, dice, with_texts=with_texts, pack=pack) for number in range(REFERRALS)
        ]
        found = rate(suggestions(referrals, pack), REFERRALS, seconds)
        reasons = sum(len(suggest(facts, pack).reasons) for facts in referrals)
        click.echo(
            line(
                subject,
                referrals_per_second=round(found),
                cpu_us_per_referral=round(1e6 / found),
                reasons_per_referral=round(reasons / REFERRALS, 1),
                aim=TICKED,
                met=met(found >= TICKED),
            )
        )
    dice = random.Random(7)
    few = [ticked(number, dice, with_texts=False, pack=pack) for number in range(PLAIN)]
    found = rate(lambda: [plain(facts, pack) for facts in few], PLAIN, seconds)
    click.echo(line("suggest, ticks, written plainly", referrals_per_second=round(found)))
    written = narratives(200, NARRATIVE)
    found = rate(
        lambda: [read(text, field="narrative", pack=pack) for text in written],
        len(written),
        seconds,
    )
    click.echo(
        line(
            "read",
            narratives_per_second=round(found),
            characters=NARRATIVE,
            cpu_us_per_narrative=round(1e6 / found),
            aim=READ,
            met=met(found >= READ),
        )
    )
    forms: list[object] = [
        {
            "received_on": "2026-03-04",
            "narrative": text[:300],
            "concerns": [{"code": "domestic_abuse", "impact": "some"}],
        }
        for text in written
    ]
    tried = rate(
        lambda: [tried.changes for tried in try_all(forms, other, packs, pack)],
        len(forms),
        seconds,
    )
    click.echo(
        line(
            "try, 300 characters, texts read under both versions",
            referrals_per_second=round(tried),
            seconds_for_10_000=round(10_000 / tried, 1),
            aim=TRIED_SECONDS,
            met=met(10_000 / tried <= TRIED_SECONDS),
        )
    )
    loads = rate(lambda: load_packs(authorities={AUTHORITY}), 1, seconds)
    load_ms = round(1000 / loads, 1)
    click.echo(line("load one pack", cpu_ms=load_ms, aim=LOADED_MS, met=met(load_ms <= LOADED_MS)))
    if False in kept:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
