"""The web form, for people who refer without a system of their own (record 48)."""

from fastapi import APIRouter

from chassis.http.routing import joined
from services.console.desk import Desk
from services.console.pages.refer import answering, beginning, files, mailing, returning, sending


def router(desk: Desk) -> APIRouter:
    """All pages of the form."""
    parts = (beginning, answering, files, mailing, returning, sending)
    return joined(part.router(desk) for part in parts)
