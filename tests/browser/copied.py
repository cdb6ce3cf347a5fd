"""What intake says of copies for those whom referrals are about, and of how long these are kept."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Response

from services.intake.access.bundle import zipped
from services.intake.access.marking import lines
from tests.browser import answers
from tests.browser.samples import SAMPLES, STAFF_ID

REFERRAL = str(SAMPLES[0].referral_id)
OPENED = {
    "id": str(UUID(int=560)),
    "referral_id": REFERRAL,
    "person_id": str(SAMPLES[0].children[0]),
    "requester": "parent",
    "state": "opened",
    "opened_by": str(STAFF_ID),
    "opened_at": "2026-03-02T10:00:00+00:00",
    "considered": None,
    "considered_by": None,
    "released_by": None,
    "released_at": None,
}
FOUND = dict.fromkeys(
    ("requester_authority", "serious_harm", "childs_interest", "police"), "nothing_against"
)
CONSIDERED = {
    **OPENED,
    "id": str(UUID(int=561)),
    "state": "considered",
    "considered": {**FOUND, "referrers_identity": "withhold_part"},
    "considered_by": str(UUID(int=7)),
}
RELEASED = {
    **CONSIDERED,
    "id": str(UUID(int=562)),
    "state": "released",
    "released_by": str(STAFF_ID),
    "released_at": "2026-03-04T10:00:00+00:00",
}
KEPT = {
    "id": REFERRAL,
    "reference": SAMPLES[0].reference,
    "authority": "warwickshire",
    "keep_until": "2026-02-01",
    "held": {"because": "court", "staff_id": str(STAFF_ID), "at": "2026-03-02T10:00:00+00:00"},
    "proposed": None,
}
FREE = {
    **KEPT,
    "id": str(SAMPLES[1].referral_id),
    "reference": SAMPLES[1].reference,
    "held": None,
    "proposed": {
        "because": "retention_ended",
        "legal_status": "none",
        "staff_id": str(UUID(int=7)),
        "at": "2026-03-03T10:00:00+00:00",
    },
}
UNTOUCHED = {**FREE, "id": str(SAMPLES[2].referral_id), "proposed": None}

ACCESS = "/v1/intake/subject-access"
RETENTION = "/v1/intake/referrals/{}/retention"
FILE = f"{ACCESS}/{{access_id}}/bundle"
TOLD: Mapping[str, Any] = {
    ACCESS: {"items": [OPENED, CONSIDERED, RELEASED], "next": None},
    "/v1/intake/retention": {"items": [KEPT, FREE], "next": None},
    RETENTION.format(UNTOUCHED["id"]): UNTOUCHED,
    RETENTION.format(KEPT["id"]): KEPT,
    RETENTION.format(FREE["id"]): FREE,
}
TAKEN: Mapping[str, tuple[str, str, Any]] = {
    "copy": ("POST", ACCESS, OPENED),
    "considered": ("POST", f"{ACCESS}/{{access_id}}/considerations", {}),
    "released": ("POST", f"{ACCESS}/{{access_id}}/release", {}),
    "hold": ("POST", "/v1/intake/referrals/{referral_id}/hold", {}),
    "proposed": ("POST", "/v1/intake/referrals/{referral_id}/destruction", {}),
    "destroyed": ("POST", "/v1/intake/referrals/{referral_id}/destruction-confirmation", {}),
    "hold-end": ("POST", "/v1/intake/referrals/{referral_id}/hold-end", {}),
}


async def file() -> Response:
    """A copy, without one referral that its reader may not see."""
    form = answers.form(SAMPLES[0], "Maya came to school hungry.")["form"]
    told = [
        {"pointer": one.pointer, "value": one.value, "about": one.about, "redact": one.redact}
        for one in lines(form, SAMPLES[0].referral_id, SAMPLES[0].children)
    ]
    referral = {"reference": SAMPLES[0].reference, "received_at": "2026-03-01", "lines": told}
    content = {"referrals": [{**referral, "audit": []}], "elsewhere": {"children": []}}
    return Response(
        zipped(content, []), media_type="application/zip", headers={"Frontdoor-Left-Out": "1"}
    )
