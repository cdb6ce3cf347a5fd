"""One service's way into a database that is emptied for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from chassis.database import Database
from tests.databases import Databases, Server

# Triggers keep even the owner from emptying the audit trail.
EMPTY = """
SET session_replication_role = replica;
TRUNCATE triage.audit_entry, triage.audit_seal, triage.audit_shown, triage.idempotency,
         triage.vault_key RESTART IDENTITY
"""


@pytest.fixture(scope="module")
def shared(postgres: Server) -> Iterator[Databases]:
    with postgres.fresh() as made:
        yield made


@pytest.fixture
async def database(shared: Databases) -> AsyncIterator[Database]:
    shared.execute(EMPTY)
    opened = Database(shared.urls["triage"], schema="triage")
    await opened.open()
    yield opened
    await opened.close()
