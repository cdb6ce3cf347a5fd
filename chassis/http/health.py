"""Probes: `/livez` (the process answers), `/readyz` (it can do its work), `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

CHECK_SECONDS = 3

Check = Callable[[], Awaitable[Mapping[str, Any]]]
"""Says in what state something is: `ok`, and whatever an operator wants to know beside it."""


def router(checks: Mapping[str, Check]) -> APIRouter:
    """The probes of a process."""
    routes = APIRouter(tags=["health"])

    @routes.get("/livez")
    async def livez() -> Mapping[str, str]:
        """The process runs. Says nothing of the database."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        """Whether each thing that the process needs is there; 503 when one is not."""
        states = await asyncio.gather(*(_checked(check) for check in checks.values()))
        found = dict(zip(checks, states, strict=True))
        ready = all(one["ok"] for one in found.values())
        return JSONResponse({"ready": ready, "checks": found}, 200 if ready else 503)

    @routes.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def _checked(check: Check) -> Mapping[str, Any]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except Exception as fault:
        return {"ok": False, "reason": type(fault).__name__}
