"""A good form, ways to spoil it, and what was said of it."""

import json
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from contracts.form import FormReading, FormRefused, read_form

TODAY = date(2026, 11, 21)
AUTHORITIES = ("walsall", "warwickshire")

Form = dict[str, Any]

GOOD: Form = {
    "authority": "warwickshire",
    "request": "early_help",
    "your_reference": "EXAMPLE-0001",
    "referrer": {
        "name": "Robin Testwood",
        "role": "Family link worker",
        "agency": "school",
        "organisation": "Testwood Academy",
        "email": "r.testwood@testwood.school.example",
        "phone": "01632 960199",
    },
    "children": [
        {
            "given_name": "Sam",
            "family_name": "Sampleton",
            "also_known_as": [],
            "date_of_birth": "2017-03-04",
            "expected_date_of_delivery": None,
            "sex": "F",
            "ethnicity": "WBRI",
            "nhs_number": None,
            "upn": None,
            "address": {"lines": ["1 Example Road"], "postcode": "CV32 4AA"},
            "school": "Testwood Academy",
        },
        {"given_name": "Kit", "family_name": "Sampleton", "date_of_birth": "2021-01-09"},
    ],
    "household": [
        {"name": "Jo Sampleton", "relationship": "mother", "parental_responsibility": True}
    ],
    "concerns": [
        {
            "code": "parenting_support",
            "children": [0],
            "impact": "some",
            "detail": "",
            "current": True,
        }
    ],
    "narrative": "Sam's mother has asked us for help with bedtimes.",
    "going_well": "",
    "child_voice": "",
    "work_already_tried": "",
    "parents_informed": True,
    "reason_not_informed": None,
    "agreement": {"status": "given", "given_by": "Jo Sampleton", "given_on": None, "scope": []},
    "referrer_level": 2,
    "immediate_danger": False,
}


def read(form: object, *, lenient: bool = False) -> FormReading:
    body = form if isinstance(form, bytes) else json.dumps(form).encode()
    return read_form(body, today=TODAY, authorities=AUTHORITIES, lenient=lenient)


def refused(form: object, *, lenient: bool = False) -> tuple[int, list[str]]:
    with pytest.raises(FormRefused) as caught:
        read(form, lenient=lenient)
    return caught.value.status, [pointer for pointer, _ in caught.value.errors]


def changed(**fields: object) -> Form:
    return {**deepcopy(GOOD), **fields}


def with_child(**fields: object) -> Form:
    form = deepcopy(GOOD)
    form["children"][0].update(fields)
    return form


def with_concern(**fields: object) -> Form:
    form = deepcopy(GOOD)
    form["concerns"][0].update(fields)
    return form


def warned(reading: FormReading) -> dict[str, str]:
    return {warning.pointer: warning.code for warning in reading.warnings}
