"""What makes a record of what a family says."""

from datetime import date
from typing import Any

import pytest

from services.intake.agreeing.domain import Said, in_words, wrong

TODAY = date(2026, 3, 5)


def said(**changed: Any) -> Said:
    return Said(
        **{
            "status": "given",
            "who": "parent_or_carer",
            "given_by": "mother",
            "given_on": date(2026, 3, 4),
            "scope": ("share", "service"),
            **changed,
        }
    )


@pytest.mark.parametrize(
    ("changed", "pointers"),
    [
        ({}, []),
        ({"status": "withdrawn", "scope": ()}, []),
        ({"status": "perhaps"}, ["/status"]),
        ({"who": "grandfather"}, ["/who"]),
        ({"given_on": date(2026, 3, 6)}, ["/given_on"]),
        ({"scope": ()}, ["/scope"]),
        ({"scope": ("share", "all")}, ["/scope/1"]),
        ({"young_persons_own": "perhaps"}, ["/young_persons_own"]),
        ({"parents_informed": False}, ["/reason_not_informed"]),
        ({"parents_informed": False, "reason_not_informed": "shy"}, ["/reason_not_informed"]),
        ({"parents_informed": False, "reason_not_informed": "police_investigation"}, []),
        ({"reason_not_informed": "police_investigation"}, ["/reason_not_informed"]),
    ],
)
def test_who_when_and_to_what(changed: dict[str, Any], pointers: list[str]) -> None:
    assert [error.pointer for error in wrong(said(**changed), TODAY)] == pointers


def test_whoever_decides_reads_it_in_words() -> None:
    told = in_words(
        said(
            status="withdrawn",
            evidence="A text message to the school.",
            young_persons_own="no",
            parents_informed=False,
            reason_not_informed="police_investigation",
        )
    )
    assert told.splitlines() == [
        "The family had agreed, and takes it back.",
        "Said by: mother (a parent or carer), 4 March 2026.",
        "To: Sharing information with other agencies; Receiving a service.",
        "Evidence: A text message to the school.",
        "The young person agrees: no.",
        "The parents were not told: it could get in the way of a police investigation.",
    ]
