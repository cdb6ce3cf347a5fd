"""The web form, for people who refer without a system of their own (record 48)."""

from fastapi import APIRouter

from services.console.desk import Desk
from services.console.pages.refer import answering, beginning, files, mailing, returning, sending


def router(desk: Desk) -> APIRouter:
    """All pages of the form."""
    pages = APIRouter(include_in_schema=False)
    for part in (beginning, answering, files, mailing, returning, sending):
        pages.include_router(part.router(desk))
    return pages
