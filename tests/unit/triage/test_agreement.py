"""What is missing about agreement is asked of the referrer, and nothing waits for it."""

import pytest

from contracts.events import AgreementStatus
from policy.loading import PackSet
from services.triage.checks.agreement import missing
from tests.unit.triage.cases import AMBER, submitted


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({"parents_informed": True}, 0),
        ({"parents_informed": None}, 1),
        ({"parents_informed": False}, 1),
        ({"parents_informed": False, "reason_not_informed": "loss_of_evidence"}, 0),
        ({"parents_informed": True, "agreement": AgreementStatus.REFUSED}, 0),
        ({"parents_informed": None, "agreement": AgreementStatus.NOT_SOUGHT}, 2),
        ({"agreement": AgreementStatus.UNKNOWN, "source_agency": "neighbour_or_friend"}, 0),
        ({"agreement": AgreementStatus.UNKNOWN, "source_agency": "child_themselves"}, 0),
    ],
)
def test_what_a_professional_could_have_said(
    packs: PackSet, facts: dict[str, object], asked: int
) -> None:
    assert len(missing(submitted(packs, AMBER, **facts).facts)) == asked
