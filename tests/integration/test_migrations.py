"""Migrations may be run again, and from several places at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from chassis.database.migrate import migrate, pending
from chassis.database.schemas import CHASSIS, Phase, ServiceSchema, revisions
from frontdoor import catalogue
from tests.databases import NAMES, ROLE_PASSWORD, SERVICES, Databases, Server, schemas

FOLDERS = {name: SERVICES / name / "migrations" for name in NAMES}

LATER = """
from alembic import op

revision = "{revision}"
down_revision = None


def upgrade() -> None:
    op.execute("{statement}")
"""


@pytest.fixture
def empty(postgres: Server) -> Iterator[Databases]:
    with postgres.empty() as database:
        yield database


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_revisions_are_read_as_alembic_reads_them(phase: Phase) -> None:
    for folder in (CHASSIS / "event_stream", CHASSIS / "service", *FOLDERS.values()):
        scripts = ScriptDirectory(str(folder), version_locations=[str(folder / phase)])
        found = revisions(folder, phase)
        assert found.known == {step.revision for step in scripts.walk_revisions()}
        assert found.heads == set(scripts.get_heads())


def test_a_second_run_has_nothing_to_do(empty: Databases) -> None:
    first = migrate(empty.owner, schemas(), ["pre", "post"])
    assert {line.split(":")[0] for line in first} == {"event_stream", *NAMES}
    assert migrate(empty.owner, schemas(), ["pre", "post"]) == []


def test_of_two_runs_at_once_one_does_the_work(empty: Databases) -> None:
    with ThreadPoolExecutor(3) as threads:
        runs = [threads.submit(migrate, empty.owner, schemas(), ["pre", "post"]) for _ in range(3)]
        applied = [run.result(timeout=50) for run in runs]
    assert sorted(map(bool, applied)) == [False, False, True]


def test_pending_names_the_services_that_lack_a_change(empty: Databases, tmp_path: Path) -> None:
    assert set(pending(empty.owner, FOLDERS, "pre")) == set(NAMES)
    migrate(empty.owner, schemas(), ["pre", "post"])
    assert pending(empty.owner, FOLDERS, "pre") == []
    assert pending(empty.owner, FOLDERS, "post") == []
    later = _service(tmp_path, "toy", pre="CREATE TABLE one (one integer)")
    assert pending(empty.owner, {**FOLDERS, "toy": later.migrations}, "pre") == ["toy", "toy"]
    assert pending(empty.owner, {**FOLDERS, "toy": later.migrations}, "post") == []


def test_a_role_asks_what_is_pending_for_its_own_service(databases: Databases) -> None:
    for name in NAMES:
        assert pending(databases.urls[name], {name: FOLDERS[name]}, "pre") == []


def test_pre_leaves_post_for_later(empty: Databases, tmp_path: Path) -> None:
    toy = _service(tmp_path, "intake", pre="CREATE TABLE old (one integer)", post="DROP TABLE old")
    migrate(empty.owner, [toy], ["pre"])
    assert _tables(empty, "intake") >= {"old"}
    assert pending(empty.owner, {"intake": toy.migrations}, "post") == ["intake"]
    assert migrate(empty.owner, [toy], ["post"]) == ["intake: intake_post"]
    assert not _tables(empty, "intake") & {"old"}


def test_a_change_that_fails_leaves_what_came_before(empty: Databases, tmp_path: Path) -> None:
    toy = _service(tmp_path, "intake", pre="CREATE TABLE twice (one integer)")
    broken = toy.migrations / "pre" / "0002_again.py"
    text = LATER.format(revision="again", statement="CREATE TABLE twice (one integer)")
    broken.write_text(text.replace("down_revision = None", 'down_revision = "intake_pre"'))
    with pytest.raises(Exception, match="already exists"):
        migrate(empty.owner, [toy], ["pre"])
    broken.unlink()
    assert _tables(empty, "intake") >= {"cursor", "mark"}
    migrate(empty.owner, [toy], ["pre"])
    assert _tables(empty, "intake") >= {"twice"}


def _service(folder: Path, name: str, **statements: str) -> ServiceSchema:
    for phase in ("pre", "post"):
        (folder / phase).mkdir()
        if phase in statements:
            text = LATER.format(revision=f"{name}_{phase}", statement=statements[phase])
            (folder / phase / "0001_change.py").write_text(text)
    return ServiceSchema(name, folder, ROLE_PASSWORD)


def _tables(database: Databases, schema: str) -> set[str]:
    with psycopg.connect(database.owner) as connection:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)
        )
        return {name for (name,) in rows}


def test_the_tests_migrate_what_the_house_does() -> None:
    passwords = dict.fromkeys(NAMES, ROLE_PASSWORD)
    assert schemas() == catalogue.schemas(passwords)
