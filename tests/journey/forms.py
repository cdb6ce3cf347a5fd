"""Referrals of an invented family, as a partner posts them."""

from typing import Any

# On the day where the tests' clock stands, 5 March 2026.
BORN = "2017-03-04"
BABY_BORN = "2025-12-20"
NHS_NUMBER = "9990000476"


def child(**said: Any) -> dict[str, Any]:
    """A school child with an address. `said` replaces what is given."""
    return {
        "given_name": "Callum",
        "family_name": "Testwood",
        "date_of_birth": BORN,
        "sex": "M",
        "address": {"lines": ["4 Sample Court", "Leamington Spa"], "postcode": "CV32 9ZA"},
        "school": "Testwood Academy",
        **said,
    }


def form(**said: Any) -> dict[str, Any]:
    """An ordinary referral by a school. `said` replaces whole fields."""
    return {
        "authority": "warwickshire",
        "request": "assessment",
        "referrer": {
            "name": "Hannah Testley",
            "role": "Designated safeguarding lead",
            "agency": "school",
            "organisation": "Testwood Academy",
            "email": "h.testley@testwood.school.example",
            "phone": "01632 960101",
        },
        "children": [child()],
        "household": [
            {"name": "Kerry Testwood", "relationship": "mother", "parental_responsibility": True}
        ],
        "concerns": [
            {"code": "neglect", "children": [0], "impact": "some", "detail": "", "current": True}
        ],
        "narrative": "He comes to school hungry and in the same clothes day after day.",
        "going_well": "He likes school.",
        "parents_informed": True,
        "agreement": {"status": "given", "given_by": "mother", "scope": ["share", "service"]},
        "referrer_level": 3,
        "immediate_danger": False,
        **said,
    }


def bruised_baby(**said: Any) -> dict[str, Any]:
    """A baby who cannot move about, with a bruise: a hard rule suggests Red."""
    return form(
        request="protection",
        children=[child(given_name="Oscar", date_of_birth=BABY_BORN, school=None)],
        concerns=[{"code": "injury_to_non_mobile_child", "children": [0], "impact": "serious"}],
        narrative="There is a bruise on his cheek. He cannot roll yet.",
        **said,
    )


def attendance(**said: Any) -> dict[str, Any]:
    """A worry about attendance, for early help."""
    return form(
        request="early_help",
        concerns=[{"code": "poor_attendance", "children": [0], "impact": "some"}],
        narrative="His attendance has fallen to 84 per cent this term.",
        referrer_level=2,
        **said,
    )
