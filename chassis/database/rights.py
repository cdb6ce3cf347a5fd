"""The roles that services run under: each owns nothing and can do no more than its work needs."""

import psycopg
from psycopg import sql

from chassis.database.schemas import STREAM_SCHEMA, VERSIONS, ServiceSchema

# Rows of these tables are evidence: a service's role adds to them and never changes one.
APPEND_ONLY = ("audit_entry", "audit_seal")


def grant(connection: psycopg.Connection, service: ServiceSchema) -> None:
    """Make the service's role where the owner may, and give it its rights."""
    role, schema = sql.Identifier(service.role), sql.Identifier(service.name)
    stream = sql.Identifier(STREAM_SCHEMA)
    me = connection.execute(
        "SELECT rolname, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert me is not None
    if me[0] == service.role:
        # The owner needs no rights given.
        return
    statements = []
    if me[1] and service.password is not None:
        exists = connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", (service.role,)
        ).fetchone()
        verb = sql.SQL("ALTER" if exists else "CREATE")
        password = sql.Literal(service.password)
        statements.append(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, role, password))
    statements += [
        sql.SQL("GRANT USAGE ON SCHEMA {}, {} TO {}").format(schema, stream, role),
        sql.SQL("GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role),
        sql.SQL("GRANT SELECT, INSERT ON {}.event_log TO {}").format(stream, role),
        sql.SQL("GRANT SELECT ON {}.source_epoch, {}.{} TO {}").format(
            stream, stream, sql.Identifier(VERSIONS), role
        ),
    ]
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s", (service.name,)
    ).fetchall()
    for (table,) in tables:
        if table not in APPEND_ONLY and not table.startswith("migration_"):
            statements.append(
                sql.SQL("GRANT UPDATE, DELETE ON {}.{} TO {}").format(
                    schema, sql.Identifier(table), role
                )
            )
    connection.execute(sql.SQL("; ").join(statements))
