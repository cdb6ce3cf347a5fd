"""An endpoint that parses and validates the referral form and does nothing with it, under the
house's own web server: `python -m bench.peers.form_only up --data DIR --port N`."""

import asyncio
from pathlib import Path
from typing import Annotated

import click
import uvloop
from fastapi import FastAPI, Header, Request, Response
from pydantic_core import to_json

from chassis.clock import system_clock
from contracts.form import read_form
from frontdoor import memory
from frontdoor.web import web_server
from policy.loading import load_packs
from policy.working_time import LONDON


def application() -> FastAPI:
    app = FastAPI()
    authorities = load_packs().authorities

    @app.get("/readyz")
    async def readyz() -> Response:
        return Response()

    @app.post("/v1/referrals")
    async def post(request: Request, prefer: Annotated[str | None, Header()] = None) -> Response:
        today = system_clock().astimezone(LONDON).date()
        lenient = "handling=lenient" in (prefer or "")
        reading = read_form(
            await request.body(), today=today, authorities=authorities, lenient=lenient
        )
        told = {"completeness": reading.completeness.score, "warnings": len(reading.warnings)}
        return Response(to_json(told), 201, media_type="application/json")

    return app


@click.group()
def main() -> None:
    pass


@main.command()
@click.option("--data", type=click.Path(path_type=Path))
@click.option("--port", type=int, required=True)
@click.option("--database", default=None)
def up(data: Path, port: int, database: str | None) -> None:
    """Serve until the process is told to stop."""
    app = application()
    memory.settle()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(web_server(app, "127.0.0.1", port, lifespan=False).serve())


if __name__ == "__main__":
    main()
