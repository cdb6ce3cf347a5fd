"""For whoever builds a partner's system: every call that it can make, and the OpenAPI files. Open to
all: nothing of it is secret."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request, Response

import contracts
from chassis.errors import NotFound
from services.console.desk import Desk
from services.console.pages.page import pages

FILES: Final = Path(contracts.__file__).parent / "openapi"
SERVED: Final = ("intake.yaml", "triage.yaml", "allocation.yaml", "notifications.yaml", "errors.md")


def router(desk: Desk) -> APIRouter:
    """The page, and the files beside it."""
    routes = pages(desk)

    @routes.get("/developers")
    async def shown(request: Request) -> Response:
        return desk.show(request, "developers.html", {"groups": _groups(), "files": SERVED})

    @routes.get("/developers/{name}")
    async def file(name: str) -> Response:
        if name not in SERVED:
            raise NotFound("file_not_found", "There is no such file.")
        kind = "text/markdown" if name.endswith(".md") else "application/yaml"
        return Response(_file(name), media_type=f"{kind}; charset=utf-8")

    return routes


@cache
def _groups() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_file("partners.json"))
    return found


@cache
def _file(name: str) -> str:
    return (FILES / name).read_text("utf-8")
