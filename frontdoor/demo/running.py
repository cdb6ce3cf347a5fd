"""Runs the demonstration: the house, its mailbox, and the story."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import click
import httpx2

from chassis.clock import system_clock
from frontdoor.commands.site import settings_of
from frontdoor.demo.mailbox import Mailbox, router
from frontdoor.demo.patience import Patient
from frontdoor.demo.sandbox import CLIENT, Sandbox
from frontdoor.demo.story import Story
from frontdoor.house import House
from frontdoor.installation import Installation
from frontdoor.serving import Serve, serve
from policy.working_time import LONDON

WELCOME = """
Frontdoor runs.

  The hub's queue    {url}/queue
  Sign in as         {username}
  with               {password}
  A school's own     {url}/sent
  Sign in as         {referrer}
  with               {referrers_password}
  What was emailed   {url}/demo/mail
  All accounts       {credentials}

To post a referral as the README shows, in another terminal:

  export BASE_URL={url} CLIENT_ID={client_id}
  export CLIENT_SECRET={client_secret}

{sandbox}Ctrl-C stops it.
"""


LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

SANDBOX = """To try a partner's own system, whose referrals are decided here within seconds:

  export BASE_URL={url} CLIENT_ID={client_id}
  export CLIENT_SECRET={client_secret}

"""


def run(folder: Path, *, port: int, once: bool, summary: Path | None) -> None:
    """Run the demonstration in `folder`. Its story is told at the first start only; with `once`
    the house stops when it is told. Raises what went wrong with it."""
    installation = Installation.at(folder)
    told_before = installation.credentials.exists()
    mailbox = Mailbox(installation.folder / "mail")
    mail_server = mailbox.start()
    settings = settings_of(
        port=port, smtp=f"127.0.0.1:{mail_server.port}", authorities="", public_url=None
    )
    # Whoever builds a partner's system tries its call-backs on the same machine.
    settings = settings.model_copy(update={"callback_networks": LOOPBACK})
    failed: list[BaseException] = []

    async def beside(house: House) -> None:
        del house
        try:
            if not told_before:
                await _tell(settings.public_url, installation, summary)
            if not once:
                _welcome(settings.public_url, installation)
                await _play_the_hub(settings.public_url, installation)
        except Exception as fault:
            failed.append(fault)

    try:
        serve(
            Serve(
                installation,
                settings,
                "127.0.0.1",
                port,
                beside=beside,
                extend=lambda app: app.router.routes.extend(router(mailbox).routes),
            )
        )
    finally:
        mail_server.stop()
    if failed:
        raise failed[0]


async def _tell(url: str, installation: Installation, summary: Path | None) -> None:
    today = system_clock().astimezone(LONDON).date()
    story = Story(url, installation.credentials, today)
    await story.play(lambda line: click.echo(f"  {line}"))
    told = {"at": datetime.isoformat(system_clock()), **await story.summary()}
    if summary:
        text = json.dumps(told, indent=2, default=str) + "\n"
        await asyncio.to_thread(summary.write_text, text)
    click.echo(f"  {json.dumps(told['counts'])}")


async def _play_the_hub(url: str, installation: Installation) -> None:
    known = json.loads(await asyncio.to_thread(installation.credentials.read_text))
    async with httpx2.AsyncClient(base_url=url, timeout=30, transport=Patient()) as http:
        sandbox = Sandbox(http, known)
        await (sandbox.run() if sandbox.known else asyncio.Event().wait())


def _welcome(url: str, installation: Installation) -> None:
    known = json.loads(installation.credentials.read_text())
    person = next(one for one in known["staff"] if one["role"] == "practitioner")
    # An installation of before has none.
    referrer = next(iter(known.get("referrers", ())), person)
    click.echo(
        WELCOME.format(
            url=url,
            username=person["username"],
            password=person["password"],
            referrer=referrer["username"],
            referrers_password=referrer["password"],
            client_id=known["partners"][0]["client_id"],
            client_secret=known["partners"][0]["client_secret"],
            credentials=installation.credentials,
            sandbox=_sandbox(known, url),
        )
    )


def _sandbox(known: Mapping[str, list[dict[str, str]]], url: str) -> str:
    ours = next((one for one in known["partners"] if one["client_id"] == CLIENT), None)
    if ours is None:
        return ""
    return SANDBOX.format(url=url, client_id=CLIENT, client_secret=ours["client_secret"])
