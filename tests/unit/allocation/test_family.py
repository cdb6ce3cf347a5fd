"""Who the family is, as a partner agency's worker is told it."""

from uuid import UUID

from services.allocation.leading.family import parts

MINE, OTHER = UUID(int=5), UUID(int=6)
HOME = {"lines": ["1 Sample Street"], "postcode": "CV1 1AA", "confidential": False}
FORM = {
    "children": [
        {"child_id": str(MINE), "given_name": "Ada", "family_name": "Example", "address": HOME,
         "nhs_number": "9990000018", "ethnicity": "WBRI", "school": None},
        {"child_id": str(OTHER), "given_name": "Bo"},
    ],
    "household": [
        {"name": "Cy Example", "phone": "01632 960001", "address": {**HOME, "confidential": True}}
    ],
    "narrative": "A neighbour says things.",
    "alleged_perpetrators": [{"name": "Somebody"}],
    "referrer": {"name": "Hannah Testley"},
    "risks_to_workers": [{"code": "dog"}],
    "visiting_advice": "Ring first.",
}  # fmt: skip


def test_whoever_is_asked_learns_the_names_of_the_children_of_the_work_alone() -> None:
    told = parts(FORM, [MINE], taken=False)
    assert told == {
        "children": [{"child_id": str(MINE), "given_name": "Ada", "family_name": "Example"}]
    }


def test_whoever_took_it_on_learns_how_to_reach_them_and_nothing_told_in_confidence() -> None:
    told = parts(FORM, [MINE], taken=True)
    assert told["children"][0]["address"] == HOME
    assert told["household"] == [{"name": "Cy Example", "phone": "01632 960001"}]
    assert told["visiting_advice"] == "Ring first."
    for kept in ("9990000018", "WBRI", "neighbour", "Somebody", "Hannah", "Bo"):
        assert kept not in str(told)
