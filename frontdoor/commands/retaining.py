"""Commands for managers about keeping and destroying records. They ask the running house over HTTP,
in the name of whoever calls them, so that its rules, its audit trail and its two people hold."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import click
import httpx2

from contracts.codes import DESTROYED_BECAUSE, HELD_BECAUSE, LEGAL_STATUSES

SECONDS = 30


class House:
    """The running house, as one manager reaches it."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx2.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS
        )

    def ask(self, method: str, path: str, **said: Any) -> Any:
        """What it answers. Raises click.ClickException with its reason where it refuses."""
        try:
            answer = self._client.request(method, path, **said)
        except httpx2.HTTPError as away:
            raise click.ClickException("--url: Frontdoor cannot be reached there") from away
        if not answer.is_success:
            raise click.ClickException(_reason(answer))
        return answer.json()


def in_name_of(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options that say who calls, and the house."""

    @wraps(command)
    def with_house(*, url: str, token: str | None, username: str | None, **given: Any) -> None:
        command(house=House(url, token or _token(url, username)), **given)

    for option in (
        click.option("--username", default=None, help="A local account; its password is asked."),
        click.option(
            "--token", envvar="FRONTDOOR_TOKEN", default=None, help="An access token, instead."
        ),
        click.option("--url", default="http://localhost:8080", show_default=True),
    ):
        with_house = option(with_house)
    return with_house


def _token(url: str, username: str | None) -> str:
    if username is None:
        raise click.ClickException("say who you are: --username, or FRONTDOOR_TOKEN")
    password = click.prompt("Password", hide_input=True)
    form = {"grant_type": "password", "username": username, "password": password}
    try:
        answer = httpx2.post(f"{url.rstrip('/')}/oauth/token", data=form, timeout=SECONDS)
    except httpx2.HTTPError as away:
        raise click.ClickException("--url: Frontdoor cannot be reached there") from away
    if not answer.is_success:
        raise click.ClickException("that name and password are not known there")
    return str(answer.json()["access_token"])


def _reason(answer: httpx2.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        return f"it answered {answer.status_code}"
    return str(said.get("detail") or said.get("code") or answer.status_code)


@click.group("retention")
def retention() -> None:
    """How long referrals are kept, what holds them, and destroying them by two people."""


@retention.command("due")
@in_name_of
def due(house: House) -> None:
    """One line for each referral that need not be kept any longer."""
    cursor: str | None = None
    while True:
        page = house.ask("GET", "/v1/intake/retention", params={"cursor": cursor} if cursor else {})
        for item in page["items"]:
            click.echo(json.dumps(item))
        cursor = page["next"]
        if cursor is None:
            return


@retention.command("hold")
@in_name_of
@click.argument("referral_id", type=click.UUID)
@click.option("--because", required=True, type=click.Choice(list(HELD_BECAUSE)))
def hold(house: House, referral_id: UUID, because: str) -> None:
    """Keep a referral whatever its time."""
    path = f"/v1/intake/referrals/{referral_id}/hold"
    click.echo(json.dumps(house.ask("POST", path, json={"because": because})))


@retention.command("release")
@in_name_of
@click.argument("referral_id", type=click.UUID)
def release(house: House, referral_id: UUID) -> None:
    """Hold a referral no longer."""
    click.echo(json.dumps(house.ask("POST", f"/v1/intake/referrals/{referral_id}/hold-end")))


@retention.command("propose")
@in_name_of
@click.argument("referral_id", type=click.UUID)
@click.option("--because", required=True, type=click.Choice(list(DESTROYED_BECAUSE)))
@click.option(
    "--legal-status",
    required=True,
    type=click.Choice(list(LEGAL_STATUSES)),
    help="What you found when you looked up the children's legal status.",
)
def propose(house: House, referral_id: UUID, because: str, legal_status: str) -> None:
    """Be the first of two who destroy a referral."""
    body = {"because": because, "legal_status": legal_status}
    path = f"/v1/intake/referrals/{referral_id}/destruction"
    click.echo(json.dumps(house.ask("POST", path, json=body)))


@retention.command("confirm")
@in_name_of
@click.argument("referral_id", type=click.UUID)
@click.option(
    "--legal-status",
    required=True,
    type=click.Choice(list(LEGAL_STATUSES)),
    help="What you found yourself when you looked it up.",
)
def confirm(house: House, referral_id: UUID, legal_status: str) -> None:
    """Be the second. Everything about the referral is gone after that, in every service."""
    path = f"/v1/intake/referrals/{referral_id}/destruction-confirmation"
    click.echo(json.dumps(house.ask("POST", path, json={"legal_status": legal_status})))


COMMANDS = (retention,)
