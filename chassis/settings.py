"""Settings of one process, from the environment (prefix FRONTDOOR_) or the command line."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at start; nothing changes while the process runs."""

    model_config = SettingsConfigDict(env_prefix="FRONTDOOR_", frozen=True, extra="ignore")

    environment: str = Field(default="demo", description="A label for logs and traces.")
    public_url: str = Field(
        default="http://localhost:8080", description="Where people and partners reach it."
    )
    packs: Path | None = Field(default=None, description="Folder of authority packs.")
    authorities: tuple[str, ...] = Field(
        default=(), description="The authorities served; empty for every pack."
    )
    body_limit: int = Field(
        default=1_048_576, gt=0, description="The largest request body, in bytes."
    )
    requests_per_minute: int = Field(
        default=60_000, gt=0, description="Requests of one client, or one address, in a minute."
    )
    sign_ins_per_minute: int = Field(
        default=30, gt=0, description="Wrong secrets for one account, in a minute."
    )
    local_accounts: bool = Field(
        default=False, description="Whether staff may get tokens with a local password."
    )
    staff_token_seconds: int = Field(
        default=28_800, gt=0, description="How long a local account's access token holds."
    )
    token_seconds: int = Field(
        default=3600, gt=0, description="How long an access token holds, in seconds."
    )
    smtp_host: str | None = Field(
        default=None, description="The mail relay; without it mail waits."
    )
    smtp_port: int = Field(default=25, gt=0, description="The port that the relay listens on.")
    smtp_tls: bool = Field(default=False, description="Speak TLS from the first byte.")
    smtp_starttls: bool = Field(default=False, description="Ask for TLS after connecting.")
    smtp_username: str | None = Field(
        default=None, description="How to sign in to the relay; without it we don't."
    )
    smtp_password: SecretStr | None = Field(
        default=None, description="The password of `smtp_username`."
    )
    mail_from: str = Field(
        default="no-reply@frontdoor.example", description="The sender's address of every email."
    )
    smtp_connections: int = Field(default=4, gt=0, description="Connections to the relay at most.")
    smtp_seconds: float = Field(
        default=15,
        gt=0,
        description="How long one conversation about one message may take, in seconds.",
    )
    lease_seconds: float = Field(
        default=20, gt=0, description="After how many seconds a sender that vanished is given up."
    )
    otlp_endpoint: str | None = Field(default=None, description="Where traces go, by OTLP on HTTP.")
    watchdog_seconds: float = Field(
        default=300, gt=0, description="How often everything accepted is reconciled, in seconds."
    )
    watchdog_grace_seconds: float = Field(
        default=60,
        gt=0,
        description="How many seconds a referral may take to be rated and clocked.",
    )
