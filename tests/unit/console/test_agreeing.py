"""How far decisions agree with what was suggested, in words."""

from services.console import agreeing
from tests.unit.console.test_demand import TITLES

CROSSED = [
    {"authority": "warwickshire", "suggested": one, "decided": other, "decisions": number}
    for one, other, number in (
        ("red", "red", 40), ("red", "amber", 10), ("green", "amber", 5), ("green", "none", 5),
    )
]  # fmt: skip


def test_each_suggested_colour_says_what_was_decided() -> None:
    [found] = agreeing.measures("suggested", {"items": CROSSED, "definition": "D."}, TITLES)
    assert found.finding == (
        "Of 60 decisions, 40 (66.7%) were the colour that was suggested, 5 above it and 15 below it."
    )
    assert [(line.label, line.said) for line in found.lines] == [
        ("Suggested Red", "40 of 50 decided so (80%); decided otherwise: 10 Amber"),
        ("Suggested Green", "0 of 10 decided so (0%); decided otherwise: 5 Amber, 5 No service"),
    ]


def test_what_is_left_out_is_in_no_sum() -> None:
    hidden = [{**CROSSED[0], "decisions": None}, *CROSSED[1:]]
    [found] = agreeing.measures("suggested", {"items": hidden}, TITLES)
    assert "too small" in found.finding
    assert found.lines[0].said == "10 Amber; left out: small number"
    row = {"agency": "school", "decisions": None, "agreed": 9, "above": None, "below": 0, "red": 5}
    [found] = agreeing.measures("agency", {"items": [row]}, TITLES)
    assert (found.lines[0].label, found.lines[0].percent) == ("School", None)


def test_months_agencies_and_clauses_are_told_apart() -> None:
    sides = {"decisions": 10, "agreed": 7, "above": 2, "below": 1, "red": 3}
    [month] = agreeing.measures("drift", {"items": [{"month": "2026-03", **sides}]}, TITLES)
    assert month.lines[0].label == "March 2026"
    assert month.lines[0].said == "7 of 10 as suggested (70%); 2 above, 1 below"
    [clause] = agreeing.measures("clause", {"items": [{"clause": "4.1", **sides}]}, TITLES)
    assert clause.finding.startswith("Of 10 citations, 7 (70%)")
    assert agreeing.measures("agency", {"items": []}, TITLES) == []


def test_children_are_compared_by_who_they_are() -> None:
    items = [
        {"characteristic": "sex", "value": value, "children": 40, "red": red, "amber": 1,
         "green": 1, "none": 1, "no_further_action": 3, "disagreements": None}
        for value, red in (("F", 10), ("M", 20), ("unknown", None))
    ]  # fmt: skip
    sex, *others = agreeing.measures("equality", {"items": items}, TITLES)
    assert sex.finding == (
        "Of groups of 20 children or more, Red most often: Male, 50%. Least: Female, 25%."
    )
    assert [line.said for line in sex.lines] == [
        "Of 40 children: 10 Red (25%), 3 no further action",
        "Of 40 children: 20 Red (50%), 3 no further action",
        "left out: small number",
    ]
    assert {one.finding for one in others} == {"Nothing was decided in this period."}
    ages = [{**items[0], "characteristic": "age", "value": one} for one in ("1_to_4", "under_1")]
    [age] = [one for one in agreeing.measures("equality", {"items": ages}, TITLES) if one.lines]
    assert [line.label for line in age.lines] == ["Under 1", "1 to 4"]
    few = [{**one, "children": 19} for one in ages]
    assert "nothing to compare" in agreeing.measures("equality", {"items": few}, TITLES)[1].finding
