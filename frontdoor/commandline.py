"""The command line: `frontdoor`."""

import click

from frontdoor.commands import (
    accounts,
    calendar,
    distributed,
    importing,
    operating,
    policy,
    rebuilding,
    retaining,
    single,
)


@click.group()
@click.version_option(package_name="frontdoor")
def main() -> None:
    """Frontdoor: the referral front door for English children's services."""


for command in (
    *single.COMMANDS,
    *distributed.COMMANDS,
    *accounts.COMMANDS,
    *importing.COMMANDS,
    *policy.COMMANDS,
    *calendar.COMMANDS,
    *operating.COMMANDS,
    *retaining.COMMANDS,
    *rebuilding.COMMANDS,
):
    main.add_command(command)
