"""The command line: `frontdoor`."""

import click

from frontdoor.commands import audit, dead_letters, policy, single


@click.group()
@click.version_option(package_name="frontdoor")
def main() -> None:
    """Frontdoor: the referral front door for English children's services."""


for command in (*single.COMMANDS, *policy.COMMANDS, *audit.COMMANDS, *dead_letters.COMMANDS):
    main.add_command(command)
