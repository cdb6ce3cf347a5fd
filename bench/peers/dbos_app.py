"""The same steps as a durable workflow of DBOS (PyPI `dbos`), one workflow a referral.

    python -m bench.peers.dbos_app up --data DIR --port N --database URL [--smtp HOST:PORT]

Written as its documentation would have it: everything is async on one event loop, each step is a
`@DBOS.step` that is tried again where it fails, with an async driver of its own for our tables, the
workflow waits for the decision with `recv`, and LISTEN/NOTIFY wakes it. Its own tables are in the
same database, under the same PostgreSQL with fsync on. Sizes come from the environment, so that the
best can be looked for: FRONTDOOR_PEER_POOL (connections for DBOS's tables) and
FRONTDOOR_PEER_THREADS (its threads).
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

import click
import uvloop
from dbos import DBOS, DBOSConfig, SetWorkflowID
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_json

from bench.peers.steps import Posted, Said, Steps
from chassis.clock import system_clock
from chassis.database import Database
from chassis.errors import DomainError
from chassis.http import etags
from chassis.identity import Caller, SigningKey, Verifier, partner, staff
from contracts.registry import parse
from frontdoor import memory
from frontdoor.installation import Installation
from frontdoor.web import web_server
from policy.loading import load_packs
from services.notifications.channels.smtp import Relay, SmtpChannel
from services.notifications.domain import Kind
from services.notifications.rendering import Renderer
from services.notifications.rendering.templates import Templates
from services.triage import domain as triage
from services.triage.api import DecisionBody

LONGEST_WAIT = timedelta(days=30)
TOPIC = "decision"


class Workflow:
    """What the steps need; set once before DBOS is launched."""

    steps: Steps
    mail: bool


@DBOS.step(retries_allowed=True, interval_seconds=0.1, max_attempts=10)
async def receive(posted: Posted, caller: Caller) -> None:
    await Workflow.steps.receive(posted, caller)


@DBOS.step(retries_allowed=True, interval_seconds=0.1, max_attempts=10)
async def rate(said: Said) -> Said:
    return await Workflow.steps.answer("triage", "rate", said)


@DBOS.step(retries_allowed=True, interval_seconds=0.1, max_attempts=10)
async def allocate(step: str, said: Said) -> Said:
    """Clocks are started and stopped, and work is given to people."""
    return await Workflow.steps.answer("allocation", step, said)


@DBOS.step(retries_allowed=True, interval_seconds=0.1, max_attempts=10)
async def tell(step: str, said: Said) -> Said:
    """Messages are queued: the intent is committed."""
    return await Workflow.steps.answer("notifications", step, said)


@DBOS.step(retries_allowed=True, interval_seconds=0.1, max_attempts=10)
async def send(kind: Kind, said: Said) -> Said:
    return await Workflow.steps.send(kind, said)


@DBOS.step(retries_allowed=True, interval_seconds=0.1, max_attempts=10)
async def decide(command: triage.Decide, said: Said, caller: Caller) -> Said:
    return await Workflow.steps.decide(command, parse(*said[0]), caller)  # type: ignore[arg-type]


@DBOS.workflow()
async def journey(posted: Posted, caller: Caller) -> None:
    """One referral from post to the message about its decision."""
    await receive(posted, caller)
    submitted = posted.said
    rated = await rate(submitted)
    clocks = await allocate("allocate", [*submitted, *rated])
    await tell("acknowledge", [*submitted, *rated, *clocks])
    if Workflow.mail:
        sent = await send(Kind.ACKNOWLEDGEMENT, submitted)
        await allocate("acknowledged", sent)
    command, by = await DBOS.recv_async(TOPIC, timeout_seconds=LONGEST_WAIT.total_seconds())
    decided = await decide(command, submitted, by)
    assigned = await allocate("allocate decided", decided)
    await tell("tell", [*decided, *assigned])
    if Workflow.mail:
        sent = await send(Kind.DECISION, decided)
        await allocate("told", sent)


def application(verifier: Verifier, config: DBOSConfig, databases: list[Database]) -> FastAPI:
    """The endpoints. DBOS is launched in the loop that serves them."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        DBOS(config=config)
        DBOS.launch()
        memory.settle()
        yield
        await asyncio.to_thread(DBOS.destroy)
        for database in databases:
            await database.close()

    app = FastAPI(lifespan=lifespan)
    app.state.verifier = verifier

    @app.exception_handler(DomainError)
    async def refused(_request: Request, refusal: DomainError) -> Response:
        return JSONResponse({"code": refusal.code, "detail": str(refusal)}, refusal.status)

    @app.get("/readyz")
    async def readyz() -> Response:
        return Response()

    @app.post("/v1/referrals")
    async def post(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        idempotency_key: Annotated[str, Header()],
    ) -> Response:
        # The same key is the same workflow, which DBOS starts once.
        referral_id = uuid5(NAMESPACE_URL, f"{caller.name}/{idempotency_key}")
        posted = await Workflow.steps.read(await request.body(), caller, referral_id)
        with SetWorkflowID(str(referral_id)):
            await DBOS.start_workflow_async(journey, posted, caller)
        return Response(to_json(posted.answer), 201, media_type="application/json")

    @app.get("/v1/triage/referrals/{referral_id}")
    async def opened(
        referral_id: UUID, caller: Annotated[Caller, Depends(staff("practitioner", "manager"))]
    ) -> Response:
        found = await Workflow.steps.opened(referral_id, caller)
        if found is None:
            return Response(status_code=404)
        version, case = found
        headers = {"ETag": etags.etag(version)}
        return Response(to_json(case), 200, headers, media_type="application/json")

    @app.post("/v1/triage/referrals/{referral_id}/decision")
    async def decided(
        referral_id: UUID,
        body: DecisionBody,
        caller: Annotated[Caller, Depends(staff("practitioner", "manager"))],
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        command = triage.Decide(
            person=triage.Person(caller.id, caller.name, caller.roles, caller.qualifications),
            expected_version=etags.version(if_match),
            children=tuple(child.to_decide() for child in body.children),
            rationale=body.rationale,
            analysis=body.analysis,
            clauses=body.clauses,
            no_clause_because=body.no_clause_because,
            actions=tuple(triage.Action(**dict(action)) for action in body.actions),
            lowered_because=body.lowered_because,
            without_agreement=body.without_agreement,
            pack_version=body.pack_version,
        )
        await DBOS.send_async(
            str(referral_id), (command, caller), TOPIC, idempotency_key=f"{referral_id}/decision"
        )
        return Response(b"{}", 201, media_type="application/json")

    return app


async def serve(data: Path, port: int, database: str, smtp: str | None) -> None:
    """Serve until the process is told to stop."""
    installation = Installation.at(data, database)
    urls = installation.start()
    policy, ring = load_packs(), installation.ring()
    databases = {name: Database(url, schema=name, most=30) for name, url in urls.items()}
    for one in databases.values():
        await one.open()
    mail: tuple[SmtpChannel, Renderer] | None = None
    if smtp:
        host, _, at = smtp.rpartition(":")
        mail = (
            SmtpChannel(Relay(host=host, port=int(at))),
            Renderer(
                packs=policy,
                templates=Templates(),
                sender="no-reply@frontdoor.example",
                public_url="http://localhost",
                alert_address=lambda *_: None,
            ),
        )
    Workflow.steps, Workflow.mail = Steps(databases, policy, ring, mail), mail is not None
    config: DBOSConfig = {
        "name": "referrals",
        "system_database_url": database,
        "log_level": "WARNING",
        "sys_db_pool_size": int(os.environ.get("FRONTDOOR_PEER_POOL", "20")),
    }
    if threads := os.environ.get("FRONTDOOR_PEER_THREADS"):
        config["max_executor_threads"] = int(threads)
    verifier = Verifier(SigningKey.derived(ring.token_key).public(), system_clock)
    app = application(verifier, config, list(databases.values()))
    await web_server(app, "127.0.0.1", port, lifespan=True).serve()


@click.group()
def main() -> None:
    pass


@main.command()
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--port", type=int, required=True)
@click.option("--database", required=True)
@click.option("--smtp", default=None)
def up(data: Path, port: int, database: str, smtp: str | None) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(data, port, database, smtp))


if __name__ == "__main__":
    main()
