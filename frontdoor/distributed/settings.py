"""Settings of one service of the distributed edition, beside those that every process has."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, SecretStr

from chassis.settings import Settings
from frontdoor.catalogue import SERVICES


class ServiceSettings(Settings):
    """Read once at start, from the environment with the prefix FRONTDOOR_. The addresses of the
    other services lead to their internal ports."""

    database_url: SecretStr = Field(description="The service's own database, as its own role.")
    migration_url: SecretStr | None = Field(
        default=None, description="The same database as its owner, for `frontdoor migrate` alone."
    )
    keyring: Path = Field(
        default=Path("/run/secrets/keyring.json"), description="The service's own key ring."
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8080, gt=0, description="Where the gateway reaches it.")
    internal_port: int = Field(
        default=8081, gt=0, description="Where the other services reach it, and nobody else."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Whose word is taken for a caller's address: addresses by commas, or *.",
    )
    url_intake: str = Field(default="http://intake:8081", description="Where intake is.")
    url_triage: str = Field(default="http://triage:8081", description="Where triage is.")
    url_allocation: str = Field(
        default="http://allocation:8081", description="Where allocation is."
    )
    url_notifications: str = Field(
        default="http://notifications:8081", description="Where notifications is."
    )
    url_console: str = Field(default="http://console:8081", description="Where the console is.")
    stop_seconds: float = Field(
        default=10, gt=0, description="How long a stop waits for work in hand, in seconds."
    )
    stuck_seconds: float = Field(
        default=120,
        gt=0,
        description="After how many seconds without a look at the stream a process is stuck.",
    )

    @property
    def urls(self) -> Mapping[str, str]:
        """Where each service is."""
        return {name: str(getattr(self, f"url_{name}")).rstrip("/") for name in SERVICES}
