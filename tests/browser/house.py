"""A console with its own database, and other services that say what a test wants them to say."""

import asyncio
import socket
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

from chassis.database import Database
from chassis.errors import Unauthorised
from chassis.http import problems
from chassis.identity import Caller
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
        self.port = _free_port()
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

    def attend(self, referral_id: UUID, authority: str, reason: str) -> None:
        """Note a referral as one that could not be processed."""

        async def noted() -> None:
            async with self.database.transaction() as connection:
                await note_attention(connection, [(referral_id, authority, reason)], self.clock())

        self.wait(noted())

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

    async def verified(self, token: str) -> Caller:
        """Whom a token speaks for."""
        if not token.startswith("token-of-"):
            raise Unauthorised("bad_token", "The token does not hold.")
        name = token.removeprefix("token-of-")
        return Caller(
            kind="staff",
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

        @app.middleware("http")
        async def out(request: Request, following: Any) -> Any:
            if any(part in request.url.path for part in self.away):
                return JSONResponse({"code": "away"}, 503)
            return await following(request)

        @app.post("/internal/v1/sign-ins")
        async def token(username: str = Body(), password: str = Body()) -> Any:
            if password != PASSWORD:
                return JSONResponse({"error": "invalid_grant"}, 400)
            return {"access_token": f"token-of-{username}", "expires_in": 36_000}

        @app.get("/v1/intake/referrals/{referral_id}")
        async def form(referral_id: UUID) -> Any:
            sample = _sample(referral_id)
            return _form(sample, self.narrative) if sample else Response(status_code=404)

        @app.get("/v1/triage/referrals/{referral_id}")
        async def case(referral_id: UUID, response: Response) -> Any:
            sample = _sample(referral_id)
            if not sample or not sample.rag:
                return Response(status_code=404)
            response.headers["ETag"] = f'"{self.version}"'
            return _case(sample, self.decided_by, self.narrative, self.withdrawal_asked)

        @app.get("/v1/clocks")
        async def clocks(referral_id: UUID) -> Any:
            sample = _sample(referral_id)
            return {"items": _clocks(sample) if sample else [], "next": None}

        @app.get("/v1/allocations")
        async def allocations(referral_id: UUID) -> Any:
            sample = _sample(referral_id)
            red = sample is not None and sample.rag == "red"
            held = {
                "id": str(referral_id),
                "kind": "duty",
                "assignee": "duty",
                "assignee_name": "Duty social work team",
                "rule": "red_to_duty",
                "reason": "Red is suggested, so duty has it at once.",
                "state": "accepted" if self.accepted else "assigned",
            }
            return {"items": [held] if red else [], "next": None}

        @app.get("/v1/messages")
        async def messages() -> Any:
            sent = {
                "kind": "acknowledgement",
                "state": "sent",
                "audience": "referrer",
                "sent_at": "2026-03-03T09:12:00Z",
            }
            return {"items": [sent], "next": None}

        @app.post("/v1/allocations/{allocation_id}/acceptance")
        async def accept(allocation_id: UUID) -> Any:
            del allocation_id
            if self.accepted:
                detail = "Somebody has taken this on before you."
                return JSONResponse({"code": "already_accepted", "detail": detail}, 409)
            self.accepted = True
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


def _sample(referral_id: UUID) -> Sample | None:
    return next((sample for sample in SAMPLES if sample.referral_id == referral_id), None)


def _form(sample: Sample, narrative: str) -> Mapping[str, Any]:
    names = ("Maya", "Theo", "Isla", "Noah")
    born = ("2018-05-04", "2023-01-20", "2014-11-02", "2021-07-30")
    return {
        "id": str(sample.referral_id),
        "reference": sample.reference,
        "authority": "warwickshire",
        "later": [],
        "form": {
            "request": "protection",
            "your_reference": "SCH-8841",
            "referrer": {
                "name": "Dawn Sampleton",
                "role": "Designated safeguarding lead",
                "agency": sample.agency,
                "organisation": "Testwood Academy",
                "email": "d.sampleton@testwood.example",
                "phone": "01632 960101",
            },
            "children": [
                {
                    "child_id": str(child_id),
                    "given_name": names[place],
                    "family_name": "Example",
                    "also_known_as": [],
                    "date_of_birth": born[place],
                    "sex": "F" if place % 2 == 0 else "M",
                    "address": {
                        "lines": ["4 Sample Court", "Leamington Spa"],
                        "postcode": "CV32 9ZA",
                    },
                    "school": "Testwood Academy",
                }
                for place, child_id in enumerate(sample.children)
            ],
            "household": [
                {
                    "name": "Kerry Example",
                    "relationship": "mother",
                    "parental_responsibility": True,
                },
                {"name": "Dean Example", "relationship": "father", "date_of_birth": "1988-02-01"},
            ],
            "concerns": [
                {"code": code, "children": [0], "impact": "serious", "detail": "", "current": True}
                for code in sample.concerns
            ],
            "narrative": narrative,
            "child_voice": "I don't like it when they shout.",
            "parents_informed": False,
            "reason_not_informed": "increased_risk_of_significant_harm",
            "set_aside": {"/children/0/nhs_number": "12345"},
        },
    }


def _case(
    sample: Sample, decided_by: str | None, narrative: str, withdrawal_asked: bool
) -> Mapping[str, Any]:
    words = "dad hits mum when he has been drinking"
    start = max(0, narrative.find(words))
    bruise = max(0, narrative.find("a bruise on her cheek"))
    children = [str(child_id) for child_id in sample.children]
    reasons = [
        {"indicator": "disclosure", "clause": "4.2", "level": 4, "source": "text", "hard": True,
         "title": "A child tells of violence at home", "children": [], "text": "narrative",
         "start": start, "end": start + len(words)},
        {"indicator": "bruise", "clause": "4.1", "level": 4, "source": "text", "hard": False,
         "title": "An injury without an explanation", "children": [children[0]], "text": "narrative",
         "start": bruise, "end": bruise + len("a bruise on her cheek")},
        {"indicator": "mental_health", "clause": "3.4", "level": 3, "source": "concern",
         "hard": False, "title": "A parent's mental health affects the child", "children": []},
    ]  # fmt: skip
    decisions = [] if not decided_by else [
        {"decision_id": "d", "kind": "decision", "decided_at": "2026-03-03T10:00:00Z",
         "by": decided_by, "role": "practitioner", "rag": "red", "previous_rag": "red",
         "suggested_rag": "red", "child_id": None,
         "children": [{"child_id": child_id, "rag": "red", "outcome": "strategy_discussion",
                       "duties": []} for child_id in children],
         "rationale": "Maya told of violence at home and has an injury.",
         "analysis": "Father has been here before.",
         "clauses": [{"id": "4.2", "title": "Disclosure", "level": 4, "text": "", "version": "1"}],
         "no_clause_because": None, "lowered_because": None,
         "actions": [{"action": "Strategy discussion", "owner": "Duty team", "by": "2026-03-04"}]},
    ]  # fmt: skip
    return {
        "id": str(sample.referral_id),
        "reference": sample.reference,
        "authority": "warwickshire",
        "state": "decided" if decided_by or sample.decided else "to_decide",
        "rag": sample.rag,
        "received_at": "2026-03-03T09:00:00Z",
        "version": 1,
        "source_agency": sample.agency,
        "referrer_level": 4,
        "request": "protection",
        "agreement": "not_sought",
        "parents_informed": False,
        "immediate_danger": sample.danger,
        "locality": sample.locality,
        "repeat": False,
        "withdrawal_requested_at": "2026-03-03T09:30:00Z" if withdrawal_asked else None,
        "suggestion": {
            "rag": sample.rag,
            "level": 4,
            "urgency": sample.urgency,
            "pack_version": "2018.1",
            "reasons": reasons,
            "clauses": [
                {"id": "4.1", "title": "Injury", "level": 4, "version": "2018.1",
                 "text": "An injury that is not explained is looked at the same day."},
                {"id": "4.2", "title": "Disclosure", "level": 4, "version": "2018.1",
                 "text": "What a child tells of abuse is always acted on."},
                {"id": "3.4", "title": "Parental mental health", "level": 3, "version": "2018.1",
                 "text": "A parent's illness that reaches into the child's day."},
            ],
            "texts": [{"text": "child_voice", "read": False, "reason": "too_long"}],
        },
        "children": [
            {"child_id": child_id, "age_band": band, "suggested": sample.rag, "level": 4,
             "urgency": sample.urgency, "rag": sample.rag if decided_by else None,
             "outcome": "strategy_discussion" if decided_by else None, "duties": []}
            for child_id, band in zip(children, sample.ages, strict=True)
        ],
        "decisions": decisions,
    }  # fmt: skip


def _clocks(sample: Sample) -> list[Mapping[str, Any]]:
    now = datetime.now(UTC)
    return [
        {"id": "1", "name": "hub_enquiry", "state": "breached" if sample.left < timedelta() else "running",
         "started_at": (now - sample.age).isoformat(), "due_at": (now + sample.left).isoformat(),
         "explanation": "4 hours from receipt, because Red is suggested."},
        {"id": "2", "name": "statutory_decision", "state": "running",
         "started_at": (now - sample.age).isoformat(),
         "due_at": (now + timedelta(hours=19)).isoformat(),
         "explanation": "One working day from receipt. Nothing pauses it."},
        {"id": "3", "name": "acknowledge", "state": "met",
         "started_at": (now - sample.age).isoformat(),
         "due_at": (now + timedelta(hours=19)).isoformat(),
         "explanation": "One working day from receipt."},
    ]  # fmt: skip


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
