"""Settings of one process, from the environment (prefix FRONTDOOR_) or the command line."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.identity.callers import ROLES


class OpenIdRights(BaseModel):
    """What a value of a provider's claim stands for: codes of roles and of authorities."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: frozenset[str] = frozenset()
    authorities: frozenset[str] = frozenset()


class Settings(BaseSettings):
    """Read once at start; nothing changes while the process runs."""

    # What is wrong is printed, and may stand beside a password.
    model_config = SettingsConfigDict(
        env_prefix="FRONTDOOR_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    environment: str = Field(default="demo", description="A label for logs and traces.")
    public_url: str = Field(
        default="http://localhost:8080", description="Where people and partners reach it."
    )
    packs: Path | None = Field(default=None, description="Folder of authority packs.")
    calendar: Path | None = Field(
        default=None, description="File of bank holidays and closures announced since the packs."
    )
    authorities: tuple[str, ...] = Field(
        default=(), description="The authorities served; empty for every pack."
    )
    body_limit: int = Field(
        default=1_048_576, gt=0, description="The largest request body, in bytes."
    )
    file_limit: int = Field(
        default=10_485_760, gt=0, description="The largest attachment, in bytes."
    )
    clamd: str | None = Field(
        default=None,
        description="ClamAV's clamd, host:port, which looks at every attachment; else none does.",
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
    openid_issuer: str | None = Field(
        default=None,
        description="The OpenID Connect provider that staff sign in at, exactly as it names itself;"
        " without it there are local accounts alone.",
    )
    openid_client_id: str = Field(default="frontdoor", description="What the provider calls us.")
    openid_client_secret: SecretStr | None = Field(
        default=None, description="Our secret there; without one we are a public client."
    )
    openid_client_secret_file: Path | None = Field(
        default=None, description="A file that holds `openid_client_secret`, instead of it."
    )
    openid_name: str = Field(
        default="your work account",
        min_length=1,
        max_length=60,
        description='What people call it: "Sign in with …".',
    )
    openid_scope: str = Field(default="openid", description="The scopes that are asked for.")
    openid_subject_claim: str = Field(
        default="sub",
        description="The claim that says who somebody is: what accounts are linked by.",
    )
    openid_rights_claim: str | None = Field(
        default=None, description="The claim that says what somebody is, such as groups."
    )
    openid_rights: Mapping[str, OpenIdRights] = Field(
        default={},
        description="What values of `openid_rights_claim` stand for, as JSON:"
        ' {"mash-staff": {"roles": ["practitioner"], "authorities": ["walsall"]}}. An account then'
        " has only those of its registered rights.",
    )
    token_seconds: int = Field(
        default=3600, gt=0, description="How long an access token holds, in seconds."
    )
    look_up_people: bool = Field(
        default=True,
        description="Whether this process looks up the people of new referrals among earlier ones.",
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
    organisation: str = Field(
        default="Frontdoor",
        min_length=1,
        max_length=80,
        description="Whose front door it is: the name at the head and foot of every page.",
    )
    logo: Path | None = Field(
        default=None,
        description="A picture for the head of every page: PNG or SVG, 100 kB at most.",
    )
    notify_key: SecretStr | None = Field(
        default=None,
        description="An API key of GOV.UK Notify: text messages, and emails where there is no relay.",
    )
    notify_url: str = Field(
        default="https://api.notifications.service.gov.uk", description="Where Notify is."
    )
    notify_email_template: str | None = Field(
        default=None,
        description="The id of an email template in Notify: subject ((subject)), message ((body)).",
    )
    notify_text_template: str | None = Field(
        default=None, description="The id of a text message template in Notify: ((body))."
    )
    notify_receipt_token: SecretStr | None = Field(
        default=None, description="The bearer token with which Notify calls back."
    )
    notify_per_minute: int = Field(
        default=3000, gt=0, description="Messages to Notify in a minute, at most, of this process."
    )
    smtp_per_minute: int | None = Field(
        default=None, gt=0, description="Emails to the relay in a minute, at most, of this process."
    )
    paging_url: str | None = Field(
        default=None,
        description="Where a paging service is called about a step of the duty ladder that goes"
        " `by: page`; `{authority}` stands for the authority's code. Without it such steps are emails.",
    )
    paging_secret: SecretStr | None = Field(
        default=None, description="What calls to `paging_url` are signed with: `whsec_` and base64."
    )
    bounces: Path | None = Field(
        default=None,
        description="The Maildir folder that what is sent back to `mail_from` is delivered to.",
    )
    smtp_connections: int = Field(
        default=10,
        gt=0,
        description="Connections to the relay at most. Hosted relays may allow as few as 3.",
    )
    smtp_seconds: float = Field(
        default=15,
        gt=0,
        description="How long one conversation about one message may take, in seconds.",
    )
    callback_lanes: int = Field(
        default=600, gt=1, description="Calls to partners' systems at the same time, at most."
    )
    callback_seconds: float = Field(
        default=10, gt=0, description="How long a partner's system may take to answer, in seconds."
    )
    callback_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(),
        description="Private networks that calls may go to, beside the public internet; to these"
        ' without TLS too. A JSON list, such as ["10.20.0.0/16"].',
    )
    provider_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(),
        description="Private networks that partners' identity providers may stand in, beside the"
        " public internet; to these without TLS too. A JSON list.",
    )
    key_service_url: str | None = Field(
        default=None,
        description="The transit engine of OpenBao or HashiCorp Vault that unwraps the key ring, such"
        " as https://vault.council.example/v1/transit; without it the ring's file is plain.",
    )
    key_service_key: str = Field(
        default="frontdoor", description="The name of the key service's key that wraps the ring."
    )
    key_service_token: SecretStr | None = Field(
        default=None, description="The token that the key service knows us by."
    )
    key_service_seconds: float = Field(
        default=5, gt=0, description="How long the key service may take, in seconds."
    )
    erasures: Path | None = Field(
        default=None,
        description="The file that lists what was erased, outside the database and its backups;"
        " it is erased again at start from a database that was restored.",
    )
    draft_days: int = Field(
        default=30, gt=0, description="Days after which a draft that nobody changes is forgotten."
    )
    web_forms_per_hour: int = Field(
        default=60,
        gt=0,
        description="Web forms and questions that may be begun from one address, in an hour.",
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
    kafka_bootstrap: str = Field(
        default="localhost:9092", description="Kafka's brokers, host:port by commas."
    )
    kafka_topic: str = Field(default="frontdoor.events", description="The topic of all events.")
    kafka_partitions: int = Field(
        default=12,
        gt=0,
        description="Partitions of a new topic. They bound how many instances of a service share"
        " the work, and can't be changed later: a referral would change its partition.",
    )
    kafka_replication: int = Field(
        default=3, gt=0, description="Brokers that hold each partition of a new topic."
    )
    kafka_min_insync: int = Field(
        default=2, gt=0, description="Brokers that must have an event before it counts as sent."
    )
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How to speak to the brokers."
    )
    kafka_ca_file: Path | None = Field(
        default=None, description="Who signs the brokers' certificates; else the system's list."
    )
    kafka_certificate_file: Path | None = Field(
        default=None, description="Our own certificate, where the brokers ask for one."
    )
    kafka_key_file: Path | None = Field(
        default=None, description="The key of `kafka_certificate_file`."
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        default="SCRAM-SHA-512", description="How to sign in to the brokers."
    )
    kafka_username: str | None = Field(default=None, description="Who signs in to the brokers.")
    kafka_password: SecretStr | None = Field(
        default=None, description="The password of `kafka_username`."
    )
    kafka_instance: str | None = Field(
        default=None,
        description="A name of this process that outlives it, such as its pod's: a restart then"
        " moves no partitions. No two processes of a service may share one.",
    )
    kafka_session_seconds: float = Field(
        default=45,
        ge=1,
        description="After how many seconds of silence a consumer's partitions go to others.",
    )

    @field_validator(
        "openid_issuer", "openid_client_secret", "kafka_username", "kafka_password",
        "kafka_ca_file", "kafka_certificate_file", "kafka_key_file", "logo", mode="before",
    )  # fmt: skip
    @classmethod
    def _empty_is_none(cls, said: Any) -> Any:
        """A compose file hands on what is not set as nothing written."""
        return said or None

    @model_validator(mode="after")
    def _openid_holds_together(self) -> Self:
        """A provider is spoken to over TLS, but for one on this machine; roles are ours."""
        found = urlsplit(self.openid_issuer or "https://")
        if found.scheme != "https" and found.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("openid_issuer begins with https://")
        if self.openid_rights and not self.openid_rights_claim:
            raise ValueError("openid_rights needs openid_rights_claim")
        unknown = {role for one in self.openid_rights.values() for role in one.roles} - ROLES
        if unknown:
            raise ValueError(f"openid_rights: there is no role {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _kafka_holds_together(self) -> Self:
        """Who has a password or a certificate does not mean to speak without them."""
        named = self.kafka_username, self.kafka_password
        if self.kafka_security.startswith("SASL"):
            if None in named:
                raise ValueError(
                    f"FRONTDOOR_KAFKA_SECURITY {self.kafka_security} needs FRONTDOOR_KAFKA_USERNAME"
                    " and FRONTDOOR_KAFKA_PASSWORD"
                )
        elif any(named):
            raise ValueError(
                "FRONTDOOR_KAFKA_USERNAME and FRONTDOOR_KAFKA_PASSWORD need FRONTDOOR_KAFKA_SECURITY"
                " SASL_SSL, or SASL_PLAINTEXT"
            )
        files = self.kafka_ca_file, self.kafka_certificate_file, self.kafka_key_file
        if any(files) and not self.kafka_security.endswith("SSL"):
            raise ValueError(
                "FRONTDOOR_KAFKA_CA_FILE, FRONTDOOR_KAFKA_CERTIFICATE_FILE and"
                " FRONTDOOR_KAFKA_KEY_FILE need FRONTDOOR_KAFKA_SECURITY SASL_SSL or SSL"
            )
        return self

    @property
    def openid_secret(self) -> str | None:
        """Our secret at the provider, from its file or as it is set."""
        if self.openid_client_secret_file:
            return self.openid_client_secret_file.read_text(encoding="utf-8").strip()
        kept = self.openid_client_secret
        return kept.get_secret_value() if kept else None
