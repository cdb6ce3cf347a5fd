"""The web application of a process: its services' routers behind one set of manners."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI

from chassis.http import problems
from chassis.http.middleware import AroundRequest
from chassis.http.routing import joined
from chassis.identity.dependencies import Guarding
from chassis.identity.tokens import Verifier
from chassis.settings import Settings
from contracts.deprecations import deprecated

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    title: str,
    routers: Sequence[APIRouter],
    *,
    settings: Settings,
    verifier: Verifier,
    guard: Guarding | None = None,
    lifespan: Lifespan | None = None,
    version: str = "1",
) -> FastAPI:
    """An application that answers every error as a problem, limits sizes and rates, and traces
    and counts each request. `guard` stands before referrals that are kept from staff."""
    app = FastAPI(
        title=title,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.verifier = verifier
    app.state.guard = guard
    problems.install(app)
    app.router.routes.extend(joined(routers).routes)
    app.add_middleware(
        AroundRequest,
        body_limit=settings.body_limit,
        file_limit=settings.file_limit,
        per_minute=settings.requests_per_minute,
        verifier=verifier,
        deprecated=deprecated(),
    )
    return app


def documented(title: str, routers: Sequence[APIRouter], description: str = "") -> FastAPI:
    """An application that serves nothing, for its OpenAPI document: what its calls answer, and what
    every refusal looks like."""
    app = FastAPI(title=title, version="1", description=description)
    problems.describe(app)
    for router in routers:
        app.include_router(router, responses=problems.RESPONSES)
    return app
