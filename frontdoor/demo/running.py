"""Runs the demonstration: the house, its mailbox, and the story."""

import asyncio
import json
from datetime import datetime
from pathlib import Path

import click

from chassis.clock import system_clock
from frontdoor.commands.single import settings_of
from frontdoor.demo.mailbox import Mailbox, router
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

Ctrl-C stops it.
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
    failed: list[BaseException] = []

    async def beside(house: House) -> None:
        del house
        try:
            if not told_before:
                await _tell(settings.public_url, installation, summary)
            if not once:
                _welcome(settings.public_url, installation)
                await asyncio.Event().wait()
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
        )
    )
