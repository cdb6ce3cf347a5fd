"""PostgreSQL: pools and transactions, migrations, and the server that the single machine brings."""

from chassis.database.pool import Connection, Database, DatabaseAway

__all__ = ["Connection", "Database", "DatabaseAway"]
