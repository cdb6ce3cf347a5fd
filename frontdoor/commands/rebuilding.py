"""The command that builds the console's read model anew."""

import asyncio
from typing import TYPE_CHECKING

import click

from chassis.errors import Unavailable
from chassis.settings import Settings
from frontdoor.commands.site import Site, on_site, service_settings
from policy.loading import load_packs

if TYPE_CHECKING:
    from frontdoor.rebuilding import Progress


@click.group("console")
def console() -> None:
    """The console's read model."""


@console.command("rebuild")
@on_site
@click.option("--anew", is_flag=True, help="Forget a rebuild that was begun, and begin again.")
def rebuild(site: Site, anew: bool) -> None:
    """Build what the queues and timelines show anew from the event stream. The console goes on
    serving what it has until the new one takes its place, in one transaction. Killed, it goes on
    where it was when it is started again."""
    from frontdoor import rebuilding
    from frontdoor.distributed.kafka import KafkaStream
    from frontdoor.installation import CALENDAR, Installation

    with site.started():
        url = site.start().get("console")
        if url is None:
            raise click.ClickException("the read model is the console's: --service console")
        if isinstance(site, Installation):
            settings, stream = Settings(), rebuilding.of_log()
            calendar = settings.calendar or site.folder / CALENDAR
        else:
            settings = service_settings()
            stream = rebuilding.of_topic(KafkaStream(settings))
            calendar = settings.calendar
        policy = load_packs(settings.packs, None, calendar)
        plan = rebuilding.Plan(site.owner_url(), url, policy, stream, anew=anew)
        try:
            progress, rows = asyncio.run(rebuilding.rebuild(plan, _tell))
        except rebuilding.Rebuilding:
            raise click.ClickException("somebody rebuilds it already") from None
        except rebuilding.NotSwapped:
            raise click.ClickException(
                "it is built, and the console could not be held for a moment: try again"
            ) from None
        except Unavailable as away:
            raise click.ClickException(f"{away.detail} What is built is kept: try again") from None
    click.echo(
        f"Done: {rows:,} referrals from {progress.seen:,} events, {progress.now:,} of them now, "
        f"in {progress.seconds:.0f} seconds ({progress.rate:,.0f} a second)."
    )


def _tell(progress: "Progress") -> None:
    all_of_it = progress.seen + progress.left
    left = progress.left / progress.rate if progress.rate else 0.0
    click.echo(
        f"{progress.seen:,} of {all_of_it:,} events, {progress.rate:,.0f} a second, "
        f"about {left:,.0f} seconds left",
        err=True,
    )


COMMANDS = (console,)
