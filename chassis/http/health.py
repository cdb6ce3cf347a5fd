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


async def _runs() -> Mapping[str, Any]:
    return {"ok": True}


def router(
    checks: Mapping[str, Check], *, beside: Mapping[str, Check] | None = None, alive: Check = _runs
) -> APIRouter:
    """The probes of a process. What stands in `beside` is shown and does not make it unready: it
    goes on without. `alive` says whether the process should be ended and started again."""
    routes = APIRouter(tags=["health"])

    @routes.get("/livez")
    async def livez() -> JSONResponse:
        """The process runs, and nothing in it stands still. Says nothing of the database."""
        state = await alive()
        status = "ok" if state["ok"] else "stuck"
        return JSONResponse({**state, "status": status}, 200 if state["ok"] else 503)

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        """Whether each thing that the process needs is there; 503 when one is not."""
        asked = {**checks, **(beside or {})}
        states = await asyncio.gather(*(_checked(check) for check in asked.values()))
        found = dict(zip(asked, states, strict=True))
        ready = all(found[name]["ok"] for name in checks)
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
