"""What triage says of a quarter's audit sample."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.browser.samples import SAMPLES

SAMPLE_ID = UUID(int=520)
RATED_ID = UUID(int=521)
DRAWN = [
    {"sample_id": str(one), "authority": "warwickshire", "quarter": "2026Q3", "rated": rated,
     "by_you": mine}
    for one, rated, mine in (
        (RATED_ID, True, False), (UUID(int=522), False, True), (SAMPLE_ID, False, False),
    )
]  # fmt: skip
AGREEMENT = {
    "quarter": "2026Q3", "definition": "A random sample.", "drawn": 3, "rated": 2,
    "agreement": 0.5, "kappa": 0.33,
    "items": [{"first": "amber", "second": "red", "referrals": 1},
              {"first": "green", "second": "green", "referrals": 1}],
}  # fmt: skip
SAMPLE = {
    "sample_id": str(SAMPLE_ID), "authority": "warwickshire", "quarter": "2026Q3",
    "received_at": "2026-08-05T09:00:00+00:00", "children": [], "concerns": [],
    "form": f"/v1/intake/referrals/{SAMPLES[0].referral_id}", "request": "protection",
    "immediate_danger": True, "agreement": "given", "rated": False, "both": None,
}  # fmt: skip
RATED = {
    **SAMPLE, "sample_id": str(RATED_ID), "rated": True,
    "both": {"first": "amber", "second": "red", "level": 4, "rated_at": "2026-10-05T09:00:00+00:00",
             "reasons": "A bruise that nobody explains, clause 4.1."},
}  # fmt: skip
TOLD: Mapping[str, Any] = {
    "/v1/triage/audit-samples": {"items": DRAWN, "next": None},
    "/v1/triage/audit-samples/agreement": AGREEMENT,
    f"/v1/triage/audit-samples/{SAMPLE_ID}": SAMPLE,
    f"/v1/triage/audit-samples/{RATED_ID}": RATED,
}
