"""Every operation of intake, asked at random in the ways that its OpenAPI document allows and in
some that it doesn't: no fault of ours, and no answer that the document doesn't describe."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
import uvicorn
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import contracts
from policy.loading import PackSet
from tests.databases import Server
from tests.files import PDF
from tests.journey.forms import form
from tests.journey.living import Living, living, read

OPENAPI = Path(contracts.__file__).parent / "openapi" / "intake.yaml"
EXAMPLES = 4
SAID = 500
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
QUESTION = {"authority": "warwickshire", "question": "A boy comes to school hungry each day."}
# What is taken, for a part of each body to be random.
BODIES = {"/v1/referrals": form(), "/v1/drafts": form(), "/v1/consultations": QUESTION}
STAFF = ("/v1/intake/", "/v1/referrals/{referral_id}/story", "/v1/referrals/{referral_id}/matches")


class Scene:
    """A house on a port, and what is already in it."""

    def __init__(self, url: str, known: Mapping[str, str], who: Mapping[str, Mapping[str, str]]):
        self.url = url
        self.known = known
        self.who = who

    def headers(self, path: str) -> dict[str, str]:
        return dict(self.who["staff" if path.startswith(STAFF) else "partner"])


@pytest.fixture(scope="module")
async def scene(postgres: Server, packs: PackSet) -> AsyncIterator[Scene]:
    with postgres.fresh() as databases:
        async with living(databases, packs, requests_per_minute=1_000_000) as home:
            config = uvicorn.Config(
                home.house.app(), host="127.0.0.1", port=0, log_level="critical", lifespan="off"
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            try:
                yield await _scene(home, server)
            finally:
                server.should_exit = True
                await serving


async def _scene(home: Living, server: uvicorn.Server) -> Scene:
    school = await home.partner()
    referral = await home.refer(school, form())

    async def begin(path: str, **sent: Any) -> str:
        headers = {"Idempotency-Key": str(uuid4()), **school.headers}
        answer = await home.http.post(path, headers=headers, **sent)
        return str(read(answer)["id"])

    known = {
        "referral_id": referral["id"],
        "draft_id": await begin("/v1/drafts", json=form()),
        "attachment_id": await begin(f"/v1/referrals/{referral['id']}/attachments", content=PDF),
        "consultation_id": await begin("/v1/consultations", json=QUESTION),
    }
    await home.settled()

    async def started() -> bool:
        return server.started

    await home.until(started, bool)
    port = server.servers[0].sockets[0].getsockname()[1]
    who = {"partner": school.headers, "staff": home.staff("manager")}
    return Scene(f"http://127.0.0.1:{port}", known, who)


@pytest.mark.timeout(300)
async def test_no_fault_and_no_answer_outside_its_schema(scene: Scene) -> None:
    document = yaml.safe_load(OPENAPI.read_text())
    # In a process of its own: two threads that parse Python at once, as Hypothesis and a printed
    # traceback do, break each other in CPython 3.11.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        asked = pool.submit(_ask_everything, document, scene)
        found = await asyncio.wrap_future(asked)
    assert len(found) > 20
    # The ones that matter were reached, and not only refused.
    for operation in ("POST /v1/referrals", "POST /v1/consultations", "GET /v1/referrals"):
        assert any(200 <= status < 300 for status in found[operation]), operation


def _ask_everything(document: dict[str, Any], scene: Scene) -> dict[str, set[int]]:
    """The statuses that each operation answered with. Raises what is wrong with an answer."""
    schema = schemathesis.openapi.from_dict(document)
    operations = [one.ok() for one in schema.get_all_operations()]
    found: dict[str, set[int]] = {}
    wrong: list[str] = []
    for operation in operations:
        found[operation.label] = set()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _ask(operation, mode, scene, found[operation.label])
            except Unsatisfiable:
                pass  # Nothing that is sent to it could be wrong, or right, in this way.
            except Exception as error:
                wrong.append(f"{operation.label}: {type(error).__name__}: {error}"[:SAID])
    # As text: a group of errors with their frames takes longer to print than to find.
    assert not wrong, "\n".join(wrong)
    return found


def _ask(operation: Any, mode: GenerationMode, scene: Scene, found: set[int]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode), known=st.booleans(), place=st.integers(0)
    )
    def ask(case: Case, known: bool, place: int) -> None:
        headers = scene.headers(operation.path)
        if known:
            # With ids that are there and a key that is new, the first refusals are passed.
            case.path_parameters = {
                name: scene.known.get(name, value)
                for name, value in (case.path_parameters or {}).items()
            }
            headers["Idempotency-Key"] = str(uuid4())
            sound = BODIES.get(operation.path)
            if sound and isinstance(case.body, dict):
                random = list(case.body.items())
                case.body = sound | dict([random[place % len(random)]] if random else [])
        answer = case.call(base_url=scene.url, headers=headers)
        found.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    ask()
