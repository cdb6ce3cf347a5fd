"""The flow picture: what comes in goes out, and nothing lies on anything else."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.console.flowing import APART, LINE, NAMES, TALL, WIDE, laid_out

HELP = ("social_care", "early_help")


def way(came: str, decided: str, then: str, ended: str, referrals: int) -> dict[str, Any]:
    further = decided in HELP
    return {
        "came": came,
        "decided": decided,
        "then": then if further else None,
        "ended": ended if further else None,
        "referrals": referrals,
    }


CODES = [st.sampled_from([*names, "unheard_of"]) for names in NAMES.values()]
WAYS = st.lists(st.builds(way, *CODES, st.integers(1, 5_000)), max_size=40)


@given(WAYS)
def test_flows_are_conserved_and_nothing_overlaps(ways: Sequence[dict[str, Any]]) -> None:
    picture = laid_out(ways)
    total = sum(one["referrals"] for one in ways)
    columns = [[one for one in picture.nodes if one.column == place] for place in range(4)]
    for column in columns[:2]:
        assert sum(one.referrals for one in column) == total
    for node in picture.nodes:
        into = [one for one in picture.bands if one.end is node]
        out = [one for one in picture.bands if one.start is node]
        if node.column:
            assert sum(one.referrals for one in into) == node.referrals
        stops = node.column == 3 or (node.column == 1 and node.code not in HELP)
        assert sum(one.referrals for one in out) == (0 if stops else node.referrals)
        assert abs(node.height - TALL * node.referrals / total) < 1e-6
        for bands, edge in ((into, "end_y"), (out, "start_y")):
            y = node.y
            for band in sorted(bands, key=lambda one: float(getattr(one, edge))):
                assert abs(getattr(band, edge) - y) < 1e-6
                y += band.height
            assert y <= node.y + node.height + 1e-6
        assert node.x == APART * node.column
        assert len(node.label) <= 2
    for column in columns:
        for above, below in zip(column, column[1:], strict=False):
            assert above.y + max(above.height, LINE) <= below.y
    assert all(one.y + one.height <= picture.height for one in picture.nodes)
    assert all(one.end.x - one.start.x - WIDE > 0 for one in picture.bands)
