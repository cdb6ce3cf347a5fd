"""A console with its own database, and other services that say what a test wants them to say."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx2
import uvicorn
from fastapi import Body, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse

from bench.ports import free_ports
from chassis.database import Database
from chassis.errors import Unauthorised
from chassis.http import problems
from chassis.identity import REFERRER_ROLES, Caller
from chassis.restriction import Guard
from chassis.stream.kernel import Saved
from contracts.envelope import Event, sequence_text
from contracts.events import Outcome
from policy.loading import load_packs
from services.console import pages
from services.console.desk import Desk
from services.console.domain import Row
from services.console.doorbell import Doorbell
from services.console.handlers import HANDLERS
from services.console.reads import Reads
from services.console.store.attention import note_attention
from services.console.store.projection import ConsoleStore
from tests.browser import answers, counted, mails, rooms
from tests.browser.hostile import struck
from tests.browser.samples import NARRATIVE, SAMPLES, STAFF_ID, Sample, events
from tests.databases import Databases

R = TypeVar("R")

PASSWORD = "correct-horse-battery"  # noqa: S105  (an invented account)


class House:
    """The console on a port of its own. Thread-safe for tests that are not async."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self.now_offset = timedelta()
        self.others = Others()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.database = Database(databases.urls["console"], schema="console")
        self.policy = load_packs(authorities=["warwickshire", "walsall"])
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self._store = ConsoleStore()
        self._rows: dict[UUID, Row] = {}
        self.wait(self._start())

    def clock(self) -> datetime:
        """The house's time. A test may move it."""
        return datetime.now(UTC) + self.now_offset

    def wait(self, work: Coroutine[Any, Any, R]) -> R:
        """Run `work` in the house and give its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def tell(self, *told: Event[Any]) -> None:
        """Let the console hear events."""
        self.wait(self._tell(told))

    def fill(self, *samples: Sample) -> None:
        """Let the console hear all about some referrals."""
        for sample in samples or SAMPLES:
            self.tell(*events(sample, self.clock()))

    def leave(self, sample: Sample) -> None:
        """Let a referral be decided by somebody else."""
        decided = replace(sample, decided=Outcome.CHILD_AND_FAMILY_ASSESSMENT)
        known = self._rows[sample.referral_id].number
        for event in list(events(decided, self.clock()))[-2:]:
            self.tell(event.model_copy(update={"sequence": sequence_text(known + 1)}))

    def clear(self) -> None:
        """Start again with an empty queue, nobody signed in, and other services that are well."""
        self._rows.clear()
        self.now_offset = timedelta()
        self.others.reset()
        tables = ("queue_row", "timeline", "attention", "session")
        self._databases.execute(f"TRUNCATE {', '.join(f'console.{name}' for name in tables)}")

    def multiply(self, sample: Sample, times: int) -> None:
        """Let a referral stand in the queue many times more, each due a minute after the last."""
        self._databases.execute(
            "INSERT INTO console.queue_row SELECT (jsonb_populate_record(one, jsonb_build_object("
            "'referral_id', gen_random_uuid(), 'reference', 'WAR-' || 100000 + n || '-X',"
            " 'due_at', one.due_at + make_interval(mins => n)))).*"
            f" FROM console.queue_row AS one, generate_series(1, {times}) AS n"
            f" WHERE one.referral_id = '{sample.referral_id}'"
        )

    def attend(self, referral_id: UUID, authority: str, reason: str) -> None:
        """Note a referral as one that could not be processed."""

        async def noted() -> None:
            async with self.database.transaction() as connection:
                await note_attention(connection, [(referral_id, authority, reason)], self.clock())

        self.wait(noted())

    def query(self, statement: str) -> Any:
        """One value of the database."""

        async def asked() -> Any:
            async with self.database.connection() as connection:
                return await connection.fetchval(statement)

        return self.wait(asked())

    def stop(self) -> None:
        """Stop the server as an operator would."""

        async def stopped() -> None:
            self.doorbell.close()
            self._server.should_exit = True
            await self._serving
            self._ringing.cancel()
            with suppress(asyncio.CancelledError):
                await self._ringing
            await self.database.close()

        self.wait(stopped())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _start(self) -> None:
        await self.database.open()
        self.doorbell = Doorbell(self.database)
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.others.app), base_url="http://house.example"
        )
        desk = Desk(
            database=self.database,
            reads=Reads(client),
            policy=self.policy,
            clock=self.clock,
            doorbell=self.doorbell,
            organisation="Frontdoor",
            secure=False,
            guard=Guard(self.database, self.policy, self.clock),
            provider="your work account",
        )
        app = FastAPI(openapi_url=None)
        app.state.verifier = self.others
        problems.install(app)
        app.include_router(pages.router(desk))
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="warning")
        self._server = uvicorn.Server(config)
        self._ringing = asyncio.create_task(self.doorbell.run())
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.01)

    async def _tell(self, told: tuple[Event[Any], ...]) -> None:
        before = dict(self._rows)
        changed: dict[UUID, Row] = {}
        for event in told:
            state = changed.get(event.subject, before.get(event.subject))
            change = HANDLERS[type(event.data)](
                state,
                event,
                self.policy,
                UUID,
                self.clock(),  # type: ignore[arg-type]
            )
            if change:
                changed[event.subject] = change.state
        async with self.database.transaction() as connection:
            saved = [
                Saved(key, row.authority, before.get(key), row, self.clock())
                for key, row in sorted(changed.items())
            ]
            await self._store.save(connection, saved)
            self._rows |= await self._store.load(connection, list(changed))


class Others:
    """The other services, as one application whose answers a test may change."""

    def __init__(self) -> None:
        self.app = FastAPI(openapi_url=None)
        self.reset()
        self._route()

    def reset(self) -> None:
        """As they are when all is well."""
        self.away: set[str] = set()
        self.refusal: tuple[int, Mapping[str, Any]] | None = None
        self.received: list[tuple[str, Mapping[str, Any]]] = []
        self.version = 1
        self.decided_by: str | None = None
        self.roles = frozenset({"practitioner"})
        self.qualifications = frozenset({"social_worker"})
        self.authorities = frozenset({"warwickshire"})
        self.narrative = NARRATIVE
        self.withdrawal_asked = False
        self.accepted = False
        self.offered_to: str | None = None
        self.agencies_asked = False
        self.story_told = False
        self.awaiting: Mapping[str, Any] | None = None
        self.claim: Mapping[str, Any] | None = None
        self.attached = False
        self.taken: set[str] = set()
        self.hostile = False
        self.letter_withheld: str | None = None
        self.openid: Mapping[str, Any] = {"access_token": "token-of-p.example", "expires_in": 9_000}

    async def verified(self, token: str) -> Caller:
        """Whom a token speaks for."""
        if not token.startswith("token-of-"):
            raise Unauthorised("bad_token", "The token does not hold.")
        name = token.removeprefix("token-of-")
        return Caller(
            kind="partner" if self.roles <= REFERRER_ROLES else "staff",
            id=STAFF_ID if name == "p.example" else UUID(int=STAFF_ID.int + len(name)),
            name=name,
            organisation_id=None,
            authorities=self.authorities,
            roles=self.roles,
            qualifications=self.qualifications,
            scopes=frozenset(),
        )

    def _route(self) -> None:  # noqa: C901
        app = self.app
        rooms.route(app, lambda: self.received)
        counted.route(app)
        mails.route(app)

        @app.middleware("http")
        async def out(request: Request, following: Any) -> Any:
            if any(part in request.url.path for part in self.away):
                return JSONResponse({"code": "away"}, 503)
            answer = await following(request)
            if not self.hostile or "json" not in answer.headers["Content-Type"]:
                return answer
            said = json.loads(b"".join([part async for part in answer.body_iterator]))
            etag = {"ETag": answer.headers["ETag"]} if "ETag" in answer.headers else None
            return JSONResponse(struck(said), answer.status_code, etag)

        @app.post("/internal/v1/sign-ins")
        async def token(username: str = Body(), password: str = Body()) -> Any:
            if password != PASSWORD:
                return JSONResponse({"error": "invalid_grant"}, 400)
            return {"access_token": f"token-of-{username}", "expires_in": 36_000}

        @app.post("/internal/v1/sign-ins/openid:{what}")
        async def openid(what: str, state: str = Body(default="", embed=True)) -> Any:
            """A provider that asks nothing and sends everybody straight back."""
            if what == "return":
                return {**self.openid, "id_token": "theirs", "person": "mira"}
            back = f"/sign-in/openid/return?code=good&state={state}"
            return {"address": back if what == "begin" else "/provider/end"}

        @app.get("/v1/intake/referrals/{referral_id}")
        async def form(referral_id: UUID) -> Any:
            sample = answers.sample_of(referral_id)
            return answers.form(sample, self.narrative) if sample else Response(status_code=404)

        @app.get("/v1/triage/referrals/{referral_id}")
        async def case(referral_id: UUID, response: Response) -> Any:
            sample = answers.sample_of(referral_id)
            if not sample or not sample.rag:
                return Response(status_code=404)
            response.headers["ETag"] = f'"{self.version}"'
            told = answers.case(sample, self.decided_by, self.narrative, self.withdrawal_asked)
            return {**told, "claim": self.claim, "awaiting_countersignature": self.awaiting}

        @app.get("/v1/triage/referrals/{referral_id}/checks")
        async def checks() -> Any:
            return {"items": answers.CHECKS if self.agencies_asked else [], "next": None}

        @app.get("/v1/triage/referrals/{referral_id}/discussions")
        async def discussions() -> Any:
            return {"items": answers.DISCUSSIONS if self.agencies_asked else [], "next": None}

        @app.get("/v1/allocations/referrals/{referral_id}/tellings")
        async def tellings() -> Any:
            return {"items": answers.TELLINGS if self.agencies_asked else [], "next": None}

        @app.get("/v1/triage/referrals/{referral_id}/disagreements")
        async def disagreements() -> Any:
            return {"items": answers.DISAGREEMENTS if self.agencies_asked else [], "next": None}

        @app.post("/internal/v1/notifications/helped:opened")
        @app.post("/internal/v1/notifications/ratings:opened")
        async def rating(token: str = Body(embed=True)) -> Any:
            if token != "good":
                return JSONResponse({"code": "link_ended", "detail": "Nowhere."}, 404)
            return {"reference": "WAR-000004-K", "useful": None, "because": None, "answer": None}

        @app.post("/internal/v1/notifications/helped:sent")
        @app.post("/internal/v1/notifications/ratings:sent")
        async def rated(request: Request) -> Any:
            self.received.append(("rating", await request.json()))
            return {"reference": "WAR-000004-K", "useful": False, "because": "too_late"}

        @app.get("/v1/messages/letters/{referral_id}")
        async def letter(referral_id: UUID) -> Any:
            return answers.letter(referral_id, self.letter_withheld)

        @app.get("/v1/clocks")
        async def clocks(referral_id: UUID) -> Any:
            sample = answers.sample_of(referral_id)
            return {"items": answers.clocks(sample) if sample else [], "next": None}

        @app.get("/v1/referrals/{referral_id}/story")
        async def story(referral_id: UUID) -> Any:
            sample = answers.sample_of(referral_id)
            if not self.story_told or not sample:
                return Response(status_code=404)
            return answers.story(sample)

        @app.post("/v1/referrals/{referral_id}/matches")
        async def say(request: Request) -> Any:
            self.received.append(("matches", await request.json()))
            return {"sequence": 2}

        @app.post("/v1/referrals/{referral_id}/incidents")
        async def say_incident(request: Request) -> Any:
            self.received.append(("incidents", await request.json()))
            return {"sequence": 2}

        @app.get("/v1/intake/referrals/{referral_id}/attachments")
        async def attachments() -> Any:
            return {"items": answers.FILES if self.attached else [], "next": None}

        @app.get("/v1/intake/referrals/{referral_id}/attachments/{attachment_id}")
        async def attachment() -> Any:
            disposition = {"Content-Disposition": "attachment; filename*=UTF-8''Body%20map.pdf"}
            return Response(b"%PDF-1.7", media_type="application/pdf", headers=disposition)

        @app.get("/v1/allocations")
        async def allocations(referral_id: UUID) -> Any:
            sample = answers.sample_of(referral_id)
            red = sample is not None and sample.rag == "red"
            held = {
                "id": str(referral_id),
                "kind": "duty",
                "assignee": "duty",
                "assignee_name": "Duty social work team",
                "rule": "red_to_duty",
                "reason": "Red is suggested, so duty has it at once.",
                "state": "accepted" if self.accepted else "assigned",
                "worker_id": self.offered_to,
            }
            return {"items": [held] if red else [], "next": None}

        @app.get("/v1/messages")
        async def messages() -> Any:
            return {"items": [answers.ACKNOWLEDGEMENT], "next": None}

        @app.post("/v1/allocations/{allocation_id}/decline")
        async def decline(request: Request) -> Any:
            self.received.append(("decline", await request.json()))
            self.offered_to = None
            return JSONResponse({"sequence": 2}, 201)

        @app.post("/v1/allocations/{allocation_id}/acceptance")
        async def accept(allocation_id: UUID) -> Any:
            del allocation_id
            if self.accepted:
                detail = "Somebody has taken this on before you."
                return JSONResponse({"code": "already_accepted", "detail": detail}, 409)
            self.accepted = True
            return JSONResponse({"sequence": 2}, 201)

        @app.post("/v1/triage/referrals/{referral_id}/claim")
        async def claim(referral_id: str) -> Any:
            if referral_id in self.taken:
                detail = "Somebody else is reading this."
                return JSONResponse({"code": "claimed", "detail": detail}, 409)
            until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
            self.claim = {"staff_id": str(STAFF_ID), "by": "p.example", "lapses_at": until}
            return JSONResponse({"sequence": 2}, 201)

        @app.post("/v1/triage/referrals/{referral_id}/release")
        async def release() -> Any:
            self.claim = None
            return JSONResponse({"sequence": 2}, 201)

        @app.post("/v1/triage/referrals/{referral_id}/{what}")
        async def order(
            request: Request, what: str, if_match: str | None = Header(default=None)
        ) -> Any:
            if self.refusal:
                return JSONResponse(self.refusal[1], self.refusal[0])
            if if_match != f'"{self.version}"':
                problem = {"code": "changed_meanwhile", "detail": "This referral has changed."}
                return JSONResponse(problem, 412)
            self.received.append((what, await request.json()))
            self.version += 1
            return JSONResponse({"sequence": 2}, 201)
