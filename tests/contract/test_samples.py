"""The sample referrals are what a partner could post, and nobody in them can be real."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.codes import AGENCY_TYPES
from contracts.events import Duty, Outcome, Rag
from contracts.form import read_form

SAMPLES = Path(__file__).parents[2] / "frontdoor" / "samples"
FILES = sorted((SAMPLES / "referrals").glob("*.json"))
STORY = json.loads((SAMPLES / "story.json").read_text("utf-8"))
ORGANISATIONS = {
    one["slug"]: one for one in json.loads((SAMPLES / "organisations.json").read_text("utf-8"))
}
STAFF = json.loads((SAMPLES / "staff.json").read_text("utf-8"))
AUTHORITIES = {authority for one in STAFF for authority in one["authorities"]}
AS_OF = date.fromisoformat(STORY["dates_as_of"])
DRAMA = re.compile(r"01632 960\d{3}|07700 900\d{3}")


def content(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_is_taken_with_nothing_set_aside(file: Path) -> None:
    reading = read_form(file.read_bytes(), today=AS_OF, authorities=AUTHORITIES)

    assert reading.set_aside == ()
    assert {warning.code for warning in reading.warnings} <= {"missing"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_names_nobody_who_could_be_real(file: Path) -> None:
    referral = content(file)

    assert referral["referrer"]["email"].endswith(".example")
    assert DRAMA.fullmatch(referral["referrer"]["phone"] or "01632 960000")
    numbers = [child["nhs_number"] for child in referral["children"] if child["nhs_number"]]
    assert all(number.startswith("999") for number in numbers)


def test_every_authority_and_the_agencies_of_a_hub_are_there() -> None:
    referrals = [content(file) for file in FILES]

    assert {referral["authority"] for referral in referrals} == AUTHORITIES
    assert {referral["referrer"]["agency"] for referral in referrals} >= {
        "school", "early_years", "health_visitor", "gp", "hospital", "midwife", "police",
        "housing", "probation", "charity", "another_authority", "family_member",
    }  # fmt: skip


def test_the_story_tells_each_referral_once_by_an_organisation_that_could_post_it() -> None:
    assert [one["file"] for one in STORY["referrals"]] == [file.name for file in FILES]
    for told in STORY["referrals"]:
        organisation = ORGANISATIONS[told["client"]]
        referral = content(SAMPLES / "referrals" / told["file"])
        assert referral["authority"] in organisation["authorities"]
        assert referral["referrer"]["email"].endswith("@" + organisation["email_domain"])
        assert organisation["agency"] in AGENCY_TYPES


def test_at_least_thirty_are_decided_for_every_child_and_some_are_left() -> None:
    decided = [one for one in STORY["referrals"] if one["decision"]]

    assert 30 <= len(decided) < len(FILES)
    for told in decided:
        decision = told["decision"]
        children = content(SAMPLES / "referrals" / told["file"])["children"]
        assert [one["child"] for one in decision["children"]] == list(range(len(children)))
        for child in decision["children"]:
            assert child["rag"] in set(Rag)
            assert child["outcome"] in set(Outcome)
            assert set(child.get("duties", ())) <= set(Duty)
        assert decision["actions"]
        assert 2 <= len(re.findall(r"[.?!](?:\s|$)", decision["rationale"])) <= 5
