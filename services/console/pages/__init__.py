"""The web pages of the hub."""

from fastapi import APIRouter

from services.console.desk import Desk
from services.console.pages import (
    account,
    disagree,
    family,
    plain,
    queue,
    referral,
    reply,
    scorecard,
    sign_in,
)


def router(desk: Desk) -> APIRouter:
    """All pages. They stay out of the API's description."""
    pages = APIRouter(include_in_schema=False)
    for part in (
        plain,
        sign_in,
        account,
        queue,
        referral,
        family,
        scorecard,
        reply,
        disagree,
    ):
        pages.include_router(part.router(desk))
    return pages
