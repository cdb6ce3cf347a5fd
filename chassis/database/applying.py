"""Applying Alembic revisions of raw SQL."""

from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from chassis.database.schemas import Part, Phase

LOCK_TIMEOUT = "5s"


def apply(url: str, part: Part, phase: Phase) -> list[str]:
    """Apply what a schema lacks, each revision in a transaction of its own; their names.

    Raises sqlalchemy.exc.DBAPIError when a change fails; what came before it stays.
    """
    scripts = ScriptDirectory(str(part.folder), version_locations=[str(part.folder / phase)])
    applied: list[str] = []

    def steps(heads: Any, context: MigrationContext) -> list[Any]:
        found = list(scripts._upgrade_revs("heads", heads))  # noqa: SLF001
        applied.extend(f"{part.schema}: {step.revision.revision}" for step in found)
        return found

    _, rest = url.split("://", 1)
    with create_engine(f"postgresql+psycopg://{rest}", poolclass=NullPool).connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f'SET search_path = "{part.schema}"'))
        connection.commit()
        context = MigrationContext.configure(
            connection,
            opts={
                "fn": steps,
                "version_table": part.table(phase),
                "version_table_schema": part.schema,
                "transactional_ddl": True,
            },
        )
        with context.begin_transaction(), Operations.context(context):
            context.run_migrations()
        connection.commit()
    return applied
