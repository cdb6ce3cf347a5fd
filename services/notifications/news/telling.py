"""What is said of one piece of news, in a call and in the list: ids and codes. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.codes import News


def told(news: str, referral_id: UUID, stage: str | None, about: UUID | None) -> Mapping[str, Any]:
    """What it is about, and `href`, where that can be read. Whoever is asked for information may
    know the referral or not, and is told the request alone, as `GET /v1/information-requests`."""
    match news:
        case News.DISAGREEMENT_ANSWERED:
            return {
                "referral_id": referral_id,
                "disagreement_id": about,
                "news": news,
                "href": f"/v1/disagreements?referral_id={referral_id}",
            }
        case News.INFORMATION_WANTED | News.INFORMATION_WITHDRAWN:
            return {
                "request_id": about,
                "news": news,
                "href": f"/v1/information-requests/{about}",
            }
        case _:
            return {
                "referral_id": referral_id,
                "news": news,
                "stage": stage,
                "href": f"/v1/referrals/{referral_id}",
            }
