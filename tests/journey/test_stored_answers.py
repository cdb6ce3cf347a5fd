"""An answer that is kept beside its idempotency key is kept as it was sent, unsealed: so it never
holds anything about a family, whatever was posted."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from tests.journey.forms import form
from tests.journey.living import Living

MARK = "qxzvj"
STORED = "SELECT convert_from(body, 'UTF8') FROM intake.idempotency WHERE body IS NOT NULL"

# What a stored answer says, by name. A name that is new here is looked at first: is it about the
# referral, or about a family?
NAMES = {
    "acknowledgement_due_at", "add", "code", "completeness", "detail", "emergency_phone", "id",
    "information", "links", "missing", "opens_at", "out_of_hours", "pointer", "police_phone",
    "received_at", "reference", "referral_id", "score", "sections", "self", "sequence", "status",
    "version", "warnings", "what_happens_next", "withdrawal", "withdrawal_requested_at",
}  # fmt: skip
SECTIONS = "sections"


def awkward() -> dict[str, Any]:
    """A form in which as much as possible is marked, and wrong enough to be warned about."""
    marked = form(your_reference=f"{MARK}-1")
    child = marked["children"][0]
    child |= {
        "given_name": f"{MARK}given", "family_name": f"{MARK}family", "sex": f"{MARK}sex",
        "ethnicity": f"{MARK}ethnicity", "nhs_number": f"{MARK}number", "upn": f"{MARK}upn",
        "also_known_as": [f"{MARK}known"], "school": f"{MARK}school", f"{MARK}field": f"{MARK}x",
        "address": {"lines": [f"{MARK} street"], "postcode": f"{MARK}code"},
    }  # fmt: skip
    marked |= {
        "household": [
            {"name": f"{MARK}mother", "relationship": f"{MARK}kin", "date_of_birth": f"{MARK}date"}
        ],
        "concerns": [
            {"code": "neglect", "children": [0], "detail": f"{MARK} detail",
             "observed_on": f"{MARK}day", f"{MARK}aspect": f"{MARK}x"},
        ],
        "narrative": f"{MARK} hit the child.",
        "going_well": f"{MARK} goes well",
        "referrer_level": f"{MARK}level",
        "agreement": {"status": f"{MARK}status", "given_by": f"{MARK}who", "given_on": f"{MARK}on"},
        f"{MARK}more": {"name": f"{MARK}more"},
    }  # fmt: skip
    return marked


def names(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        for name, value in told.items():
            yield name
            if name != SECTIONS:
                yield from names(value)
    elif isinstance(told, list):
        for value in told:
            yield from names(value)


async def test_no_stored_answer_says_anything_about_a_family(home: Living) -> None:
    school = await home.partner()
    told = await home.refer(school, awkward())
    assert told["warnings"], "what was posted is meant to be warned about"
    again = await home.post(school, awkward())
    assert again.status_code == 201
    for what, body in (
        ("information", {"information": f"{MARK} told us more."}),
        ("withdrawal", {"reason": f"{MARK} has moved."}),
    ):
        answer = await home.follow_up(school, told["id"], what, body)
        assert answer.status_code in (201, 202), answer.text
    refused = await home.http.post(
        "/v1/referrals",
        json={"authority": "warwickshire", "narrative": f"{MARK}"},
        headers={**school.headers, "Idempotency-Key": str(uuid4())},
    )
    assert refused.status_code in (201, 422)

    stored = [row[0] for row in home.query(STORED)]
    assert len(stored) >= 4
    assert [one for one in stored if MARK in one.casefold()] == []
    said = {name for one in stored for name in names(json.loads(one))}
    assert said <= NAMES, said - NAMES
