"""Putting workers on the register, one or a file of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import ValidationError

from chassis.change import Ids
from chassis.database import Connection
from chassis.errors import FieldError, InvalidInput
from policy.allocation import AllocationSection
from services.allocation.workers import domain, rows, store
from services.allocation.workers.bodies import RowBody, WorkerBody
from services.allocation.workers.domain import Worker

MOST_ERRORS = 100


@dataclass(frozen=True, slots=True)
class Registered:
    """The workers by their codes as they are now, and the codes of those new and changed."""

    workers: Mapping[str, Worker]
    new: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams of those new and changed."""
        return tuple(sorted({self.workers[code].team for code in (*self.new, *self.changed)}))


def worker_of(worker_id: UUID, authority: str, code: str, body: WorkerBody, today: date) -> Worker:
    said = body.model_dump(exclude={"code"})
    return Worker(worker_id=worker_id, authority=authority, code=code, registered_on=today, **said)


def read(
    body: bytes, authority: str, ids: Ids, section: AllocationSection, today: date
) -> dict[str, Worker]:
    """The workers of a file, by their codes. Raises InvalidInput with a pointer for each thing that
    is wrong."""
    errors: list[FieldError] = []
    found: dict[str, Worker] = {}
    places: dict[str, str] = {}
    for number, said in enumerate(rows.read(body), 1):
        at = f"/rows/{number}"
        try:
            row = RowBody.model_validate(said)
        except ValidationError as wrong:
            errors += (
                FieldError("/".join((at, *map(str, one["loc"]))), "This is missing or wrong.")
                for one in wrong.errors(include_input=False, include_url=False)
            )
            continue
        if row.code in found:
            errors.append(FieldError(f"{at}/code", "This code stands in the file twice."))
        found[row.code] = worker_of(ids(), authority, row.code, row, today)
        places[row.code] = at
    refuse(found, section, places.__getitem__, errors)
    return found


def refuse(
    workers: Mapping[str, Worker],
    section: AllocationSection,
    at: Callable[[str], str],
    errors: Iterable[FieldError] = (),
) -> None:
    """Raises InvalidInput for what the pack doesn't know, and for `errors` found before."""
    wrong = list(errors)
    for code, worker in workers.items():
        wrong += domain.problems(worker, section, at(code))
    if wrong:
        raise InvalidInput("invalid_worker", "Some fields are wrong.", errors=wrong[:MOST_ERRORS])


async def register(
    connection: Connection,
    authority: str,
    said: Mapping[str, Worker],
    expected_version: int | None,
) -> Registered:
    """Write what is new or different. Raises PreconditionFailed where one worker was changed since
    `expected_version`; asyncpg.UniqueViolationError where somebody registers the same code at the
    same time."""
    before = await store.by_code(connection, authority, list(said))
    written: dict[str, Worker] = {}
    for code, worker in said.items():
        after = domain.changed(before.get(code), worker, expected_version)
        if after is not None:
            written[code] = after
    await store.save(connection, list(written.values()))
    return Registered(
        {**before, **written},
        tuple(code for code in written if code not in before),
        tuple(code for code in written if code in before),
    )
