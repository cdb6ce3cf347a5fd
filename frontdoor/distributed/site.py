"""One service's database and key ring, by its settings: what commands work on in the distributed
edition, as they work on an Installation on a single machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import psycopg

from chassis.database.migrate import migrate
from chassis.database.schemas import Phase, ServiceSchema
from chassis.vault import KeyRing, RingFile, key_service_of
from frontdoor.catalogue import migrations
from frontdoor.distributed.settings import ServiceSettings
from frontdoor.epochs import next_epoch


@dataclass(frozen=True, slots=True)
class ServiceSite:
    """Where one service of the distributed edition keeps what it has."""

    service: str
    settings: ServiceSettings

    def start(self) -> dict[str, str]:
        """The URI of the service's database, under its own role."""
        return {self.service: self.settings.database_url.get_secret_value()}

    def owner_urls(self) -> dict[str, str]:
        """As `start`: whoever runs a command here may do what the service may do."""
        return self.start()

    def ring(self) -> KeyRing:
        """The service's key ring. Raises FileNotFoundError."""
        return RingFile(self.settings.keyring, key_service_of(self.settings)).load()

    @contextmanager
    def started(self) -> Iterator[None]:
        """The database is not ours to start."""
        yield

    def migrate(self, *, pre: bool, post: bool) -> list[str]:
        """Change the schema, as its owner where one is named; the revisions that were applied.

        Raises sqlalchemy.exc.DBAPIError when a change fails.
        """
        phases: list[Phase] = []
        phases += ["pre"] if pre else []
        phases += ["post"] if post else []
        runs_as = urlsplit(self.settings.database_url.get_secret_value())
        schema = ServiceSchema(
            self.service,
            migrations(self.service),
            password=unquote(runs_as.password or "") or None,
            runs_as=unquote(runs_as.username or "") or None,
        )
        return migrate(self.owner_url(), [schema], phases)

    def next_epoch(self) -> int:
        """After a restore: the service's next epoch."""
        with psycopg.connect(self.owner_url()) as connection:
            return next_epoch(connection, self.service)

    def owner_url(self) -> str:
        """The URI of the database for whoever may change its schema."""
        owner = self.settings.migration_url or self.settings.database_url
        return owner.get_secret_value()
