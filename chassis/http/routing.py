"""Routers made of routers."""

from collections.abc import Iterable

from fastapi import APIRouter


def joined(routers: Iterable[APIRouter]) -> APIRouter:
    """One router with the routes of several, as they are: included, each would be built twice, and
    matched through one more layer."""
    one = APIRouter()
    for router in routers:
        one.routes.extend(router.routes)
    return one
