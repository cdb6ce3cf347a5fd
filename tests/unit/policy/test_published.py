"""What authorities without a pack of their own have published: the same referral under each, every
answer by the clause that says so."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.events import AgeBand, ChildFacts, Rag
from policy.assessing import assess
from policy.checking import check
from policy.loading import PACKS, PackSet, load_packs
from policy.pack import Pack
from policy.publishing import page_of
from policy.rating import HistoryFact, RatingFacts, suggest

PUBLISHED = PACKS / "shared" / "published"
LEVELS = {path.stem.removeprefix("levels-"): path.stem for path in PUBLISHED.glob("levels-*")}
OTHERS = {
    "london": "disagreement-in-a-week",
    "merton": "blue",
    "wolverhampton": "closed-within-28-days",
}
# What the others bring in.
WITHIN = {"level-3-is-early-help", "level-4-is-protection"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack for each that lays what is published over the shared guidance."""
    made: Path = tmp_path_factory.mktemp("published")
    shutil.copytree(PACKS / "shared", made / "shared")
    for authority, profile in {**LEVELS, **OTHERS}.items():
        mine = made / authority / "2018.1"
        shutil.copytree(PACKS / "walsall" / "2018.1", mine)
        pack = mine / "pack.yaml"
        pack.write_text(
            pack.read_text()
            .replace("authority: walsall", f"authority: {authority}")
            .replace("[shared/2018.1]", f"[shared/2018.1, shared/published/{profile}]")
        )
    return made


@pytest.fixture(scope="module")
def packs(folder: Path) -> PackSet:
    return load_packs(folder)


def ticked(code: str, impact: str) -> dict[str, Any]:
    return {"concerns": [{"code": code, "impact": impact}]}


def told(narrative: str) -> dict[str, Any]:
    return {"narrative": narrative}


Answer = tuple[int, str, str]

# Level, colour and clause under each authority.
REFERRALS: tuple[tuple[dict[str, Any], Mapping[str, Answer]], ...] = (
    (
        ticked("self_harm", "some"),
        {"buckinghamshire": (4, "red", "4.50"), "wirral": (2, "green", "2.7")},
    ),
    (
        told("She cut her arms again this week."),
        {
            "buckinghamshire": (4, "red", "4.50"),
            "wirral": (3, "amber", "3.8"),
            "cheshire-west-and-chester": (3, "green", "3.8"),
        },
    ),
    (
        ticked("parental_mental_ill_health", "serious"),
        {"wirral": (4, "red", "4.50"), "buckinghamshire": (3, "amber", "3.20")},
    ),
    (
        ticked("sexual_exploitation", "some"),
        {
            "wirral": (4, "red", "4.51"),
            "buckinghamshire": (3, "amber", "3.12"),
            "devon": (3, "green", "3.12"),
        },
    ),
    (
        ticked("poor_attendance", "some"),
        {"cheshire-west-and-chester": (3, "green", "3.50"), "wirral": (2, "green", "2.4")},
    ),
    (
        ticked("parenting_support", "serious"),
        {"devon": (2, "green", "2.51"), "buckinghamshire": (3, "green", "3.22")},
    ),
    (
        ticked("housing", "immediate"),
        {"buckinghamshire": (4, "red", "4.30"), "cheshire-west-and-chester": (4, "amber", "4.30")},
    ),
    (
        told("He smokes at the bus stop before school."),
        {"buckinghamshire": (3, "green", "3.50"), "wirral": (2, "green", "2.9")},
    ),
)


@pytest.mark.parametrize(("referral", "answers"), REFERRALS)
def test_the_same_referral_is_rated_as_each_has_published_it(
    packs: PackSet, referral: dict[str, Any], answers: Mapping[str, Answer]
) -> None:
    assert len(set(answers.values())) > 1
    for authority, answer in answers.items():
        pack = packs.version(authority, "2018.1")
        found = assess(referral, pack)
        level, rag, clause = answer
        cited = {each["clause"] for each in found["reasons"] if each["level"] == level}
        assert (found["level"], found["rag"]) == (level, rag), authority
        assert clause in cited, authority
        assert pack.clauses[clause].level == level


def test_nothing_published_breaks_a_pack_or_lowers_a_hard_rule(
    folder: Path, packs: PackSet
) -> None:
    assert check(folder) == ()
    assert {path.stem for path in PUBLISHED.iterdir()} == {
        *LEVELS.values(),
        *OTHERS.values(),
        *WITHIN,
    }
    bruise = told("Bruise on a baby of 9 weeks who is not rolling.")
    for authority in LEVELS:
        found = assess(bruise, packs.version(authority, "2018.1"))
        assert (found["level"], found["rag"]) == (4, "red"), authority


def test_a_difference_is_on_the_page_that_everybody_reads(packs: PackSet) -> None:
    wirral, bucks = (
        page_of(packs.version(name, "2018.1")) for name in ("wirral", "buckinghamshire")
    )
    assert "4.51 At risk of sexual exploitation" in wirral
    assert "4.51" not in bucks
    assert "4.50 Self-harm" in bucks


def test_a_disagreement_in_three_stages_is_settled_in_a_week(packs: PackSet) -> None:
    pack: Pack = packs.version("london", "2018.1")
    stages = pack.messages.disagreement
    assert [each.stage for each in stages] == [1, 2, 3]
    periods = [
        pack.clocks.rules[f"disagreement_stage_{each.stage}"].period_for(Rag.AMBER)
        for each in stages
    ]
    assert sum(each.amount for each in periods if each) == 5
    in_all = pack.clocks.rules["disagreement_in_all"]
    assert str(in_all.period_for(Rag.AMBER)) == "5 working days"


def test_a_fourth_colour_is_named_where_there_is_one(packs: PackSet) -> None:
    page = page_of(packs.version("merton", "2018.1"))
    assert '<span class="tag none">Blue</span>' in page
    assert "Blue" not in page_of(packs.version("london", "2018.1"))


@pytest.mark.parametrize(
    ("authority", "rag"), [("wolverhampton", Rag.GREEN), ("london", Rag.AMBER)]
)
def test_how_lately_a_case_was_closed_is_the_authoritys_to_say(
    packs: PackSet, authority: str, rag: Rag
) -> None:
    child, now = UUID(int=1), datetime(2026, 3, 5, tzinfo=UTC)
    facts = RatingFacts(
        children=(ChildFacts(child_id=child, age_band=AgeBand.AGE_5_TO_10),),
        received_at=now,
        history=(HistoryFact(child, "closed", now - timedelta(days=60)),),
    )
    assert suggest(facts, packs.version(authority, "2018.1")).rag is rag
