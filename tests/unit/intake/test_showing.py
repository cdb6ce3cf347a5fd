"""What is shown to few."""

from chassis.identity import SOCIAL_WORKER, Caller
from chassis.ids import new_id
from services.intake.showing import shown

SECRET = "7 Hidden Lane"


def person(role: str, *, qualified: bool = False) -> Caller:
    return Caller(
        kind="staff",
        id=new_id(),
        name=role,
        roles=frozenset({role}),
        qualifications=frozenset({SOCIAL_WORKER} if qualified else ()),
    )


def form() -> dict:
    address = {"lines": [SECRET], "postcode": "CV32 9ZA", "confidential": True}
    return {
        "children": [{"given_name": "Sam", "address": address, "current_address": None}],
        "household": [{"name": "Jo", "address": {"lines": ["1 Open Road"]}}],
        "alleged_perpetrators": [{"name": "A lodger"}],
        "set_aside": {"/children/0/address/postcode": f'"{SECRET}"'},
    }


def test_those_who_decide_see_all() -> None:
    for caller in (
        person("manager"),
        person("duty"),
        person("practitioner", qualified=True),
    ):
        assert shown(form(), caller) == (form(), [])


def test_others_are_told_that_there_is_something_and_not_what() -> None:
    for caller in (person("coordinator"), person("practitioner")):
        seen, hidden = shown(form(), caller)
        assert hidden == ["/alleged_perpetrators", "/children/0/address"]
        assert SECRET not in str(seen)
        assert "lodger" not in str(seen)
        assert "1 Open Road" in str(seen)
        assert seen["children"][0]["address"] == {"confidential": True}
