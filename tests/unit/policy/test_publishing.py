"""The page of a pack: everything that the pack says is on it, for everybody to read."""

import re
import xml.etree.ElementTree as ET
from html import escape, unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from contracts.events import Rag
from frontdoor.commands.policy import policy
from policy.pack import Pack
from policy.publishing import page_of
from policy.publishing.chart import pathway, sentence, svg
from policy.publishing.words import begins
from tests.shipped import SHIPPED

EVERY = [version for authority in SHIPPED.authorities for version in SHIPPED.packs[authority]]


@pytest.fixture(params=EVERY, ids=lambda pack: pack.authority)
def pack(request: pytest.FixtureRequest) -> Pack:
    found: Pack = request.param
    return found


def test_every_clause_indicator_and_clock_is_on_the_page(pack: Pack) -> None:
    page = page_of(pack)
    for clause in pack.clauses.values():
        assert f"{escape(clause.id)} {escape(clause.title)}" in page
        assert escape(clause.text) in page
    for indicator in pack.indicators.values():
        assert escape(indicator.title) in page
    for rule in pack.clocks.rules.values():
        assert escape(rule.title) in page
    assert escape(pack.about) in page
    assert pack.version in page


def test_levels_come_in_order_and_headings_skip_nothing(pack: Pack) -> None:
    page = page_of(pack)
    assert re.findall(r'id="level-(\d)"', page) == ["1", "2", "3", "4"]
    depths = [int(depth) for depth in re.findall(r"<h([1-6])", page)]
    assert depths[0] == 1
    assert depths.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(depths, depths[1:], strict=False))


def test_every_link_leads_to_a_place_on_the_page_and_ids_are_not_repeated(pack: Pack) -> None:
    page = page_of(pack)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_it_is_one_file_without_scripts_or_anything_fetched(pack: Pack) -> None:
    page = page_of(pack)
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "url(" not in page.replace("url(#", "")


def test_the_same_pack_gives_the_same_page(pack: Pack) -> None:
    assert page_of(pack) == page_of(pack.model_copy())


@pytest.mark.parametrize("wide", [True, False])
def test_the_chart_is_well_formed_and_says_no_more_than_the_words_beside_it(
    pack: Pack, wide: bool
) -> None:
    way = pathway(pack)
    drawn = ET.fromstring(svg(way, pack.name, wide=wide))  # noqa: S314  (made here)
    assert drawn.get("role") == "img"
    shown = " ".join(
        "".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")
    )
    page = unescape(page_of(pack))
    for box in (*way.before, *(box for lane in way.lanes for box in lane), *way.after):
        assert sentence(box) in page
        for line in box.lines:
            assert " ".join(line.split()) in shown
    assert len(way.lanes) == 3


def test_the_chart_follows_the_pack(pack: Pack) -> None:
    red, amber, green = pathway(pack).lanes
    limits = pack.clocks.rules["hub_enquiry"]
    for lane, rag in ((red, Rag.RED), (amber, Rag.AMBER), (green, Rag.GREEN)):
        said = " ".join(line for box in lane for line in box.lines)
        assert str(limits.period_for(rag)) in said
    assert "manager where the family does not agree" in " ".join(amber[1].lines)


def test_what_an_authority_does_in_its_own_way_is_on_its_page() -> None:
    pages = {each.authority: unescape(page_of(each)) for each in EVERY}
    own = {
        "walsall": (
            "Early help assessment done: 15 working days",
            "A child's locality is that of the school",
        ),
        "warwickshire": ("Every Monday", "It is not a maybe"),
        "bath-and-north-east-somerset": (
            "What was telephoned comes in writing within 48 hours",
            "8.30am to 4.30pm",
            "Children's centres",
        ),
    }
    for authority, sayings in own.items():
        for saying in sayings:
            assert [name for name, page in pages.items() if saying in page] == [authority]
    tees = [name for name, page in pages.items() if "police and domestic abuse adviser" in page]
    assert tees == ["hartlepool", "stockton-on-tees"]


def test_every_clock_says_in_words_what_it_counts_from(pack: Pack) -> None:
    for rule in pack.clocks.rules.values():
        assert re.fullmatch(r"(the|a|Red|somebody) [A-Za-z ]+", begins(rule)), rule.name


def test_words_of_a_pack_cannot_break_the_page() -> None:
    pack = EVERY[0].model_copy(update={"name": "<b>A & B</b>"})
    page = page_of(pack)
    assert "<b>" not in page
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in page


def test_the_command_writes_it(tmp_path: Path) -> None:
    to = tmp_path / "page.html"
    answer = CliRunner().invoke(policy, ["page", "--authority", "walsall", "--to", str(to)])
    assert answer.exit_code == 0, answer.output
    assert to.read_text("utf-8") == page_of(SHIPPED.version("walsall", "2018.1"))
