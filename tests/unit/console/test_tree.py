"""The family as a drawing."""

from typing import Any

from services.console.people import children
from services.console.tree import Tree, tree
from tests.unit.console.test_people import FORM, opened


def drawn(form: dict[str, Any]) -> Tree:
    found = tree(form, children(opened(form)))
    assert found
    return found


def test_generations_stand_under_each_other_and_responsibility_is_a_line() -> None:
    form = {
        **FORM,
        "household": [
            *FORM["household"],
            {"name": "Ivy Example", "relationship": "grandparent", "lives_with_children": "no"},
            {"name": "Tom Example", "relationship": "half-brother"},
        ],
    }
    found = drawn(form)
    assert [name for _, name in found.rows] == [
        "Grandparents", "Parents and carers", "Children", "Others",
    ]  # fmt: skip
    at = {one.name: one.y for one in found.figures}
    assert at["Ivy Example"] < at["Kerry Example"] == at["Dean Example"] < at["Anna Example"]
    assert at["Tom Example"] == at["Anna Example"] < at["Sam Example"]
    assert [one.name for one in found.figures if one.elsewhere] == ["Ivy Example"]
    # The mother for both, the father for the elder alone.
    assert [tie.sure for tie in found.ties] == [True, True, True, False]


def test_nothing_overlaps_and_nobody_alone_is_drawn() -> None:
    many = [{"name": f"Aunt {n}", "relationship": "aunt_or_uncle"} for n in range(7)]
    found = drawn({**FORM, "household": many})
    row = sorted(one.x for one in found.figures if not one.child)
    assert all(later - earlier >= 200 for earlier, later in zip(row, row[1:], strict=False))
    assert max(row) + 200 <= found.width
    assert tree({**FORM, "household": []}, children(opened(FORM))) is None
