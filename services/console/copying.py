"""Requests for a copy of what is held about somebody, in words. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from services.console.times import day

STATES: Final = {
    "opened": "To consider",
    "considered": "To release",
    "refused": "Refused",
    "released": "Released",
}
GROUNDS: Final = {
    "requester_authority": "Whether they may ask",
    "serious_harm": "Serious harm to anybody",
    "childs_interest": "The child's interest",
    "referrers_identity": "Giving away who referred",
    "police": "What the police say",
}
"""What is considered before anything is released, in the order of practice rule 17."""
WHO: Final = ("opened_by", "considered_by", "released_by")


def people(story: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Whom a copy can be about: everybody on a referral, with the records that are linked with
    them, which go along, and those of which nobody has said yet whether they are theirs."""
    found = []
    for key, whom in (("child_id", "children"), ("person_id", "adults")):
        for one in story.get(whom, ()):
            states = [match["state"] for match in one["matches"]]
            found.append(
                {
                    "id": one[key],
                    "name": _name(one["person"]),
                    "linked": states.count("linked"),
                    "unsaid": states.count("candidate"),
                }
            )
    return found


def person(story: Mapping[str, Any], person_id: str) -> str:
    """What somebody on a referral is called; nothing where the story does not tell."""
    return next((one["name"] for one in people(story) if one["id"] == person_id), "")


def who(staff_id: str | None, me: str) -> str:
    """Who did something, as `me` reads it."""
    if staff_id is None:
        return ""
    return "you" if staff_id == me else "another manager"


def file_name(left_out: int) -> str:
    """What the file of a copy is called. It says where restricted referrals are not in it, so that
    nobody takes it for all."""
    if not left_out:
        return "subject-access.zip"
    return f"subject-access-without-{left_out}-restricted.zip"


def _name(told: Mapping[str, Any]) -> str:
    name = " ".join(filter(None, (told.get("given_name"), told.get("family_name"))))
    born = told.get("date_of_birth")
    return (name or "No name given") + (f", born {day(born)}" if born else "")
