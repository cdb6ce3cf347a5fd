"""The command line: `frontdoor`."""

from importlib import import_module
from typing import Any

import click

# A command's module is loaded when it is called: importing all of them takes longer than most
# commands do.
MODULES = {
    "up": "single",
    "demo": "single",
    "backup": "single",
    "restore": "single",
    "serve": "distributed",
    "migrate": "distributed",
    "restored": "distributed",
    "forgotten": "distributed",
    "keyring": "distributed",
    "partner": "accounts",
    "user": "accounts",
    "import": "importing",
    "postcodes": "importing",
    "directory": "importing",
    "schools": "importing",
    "elsewhere": "elsewhere",
    "assess": "policy",
    "policy": "policy",
    "calendar": "calendar",
    "audit": "operating",
    "dead-letters": "operating",
    "openapi": "operating",
    "retention": "retaining",
    "console": "rebuilding",
}


class Commands(click.Group):
    """The commands of `MODULES`, each of which stands in its module's `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        module: Any = import_module(f"frontdoor.commands.{MODULES[cmd_name]}")
        commands: tuple[click.Command, ...] = module.COMMANDS
        return next(command for command in commands if command.name == cmd_name)


@click.group(cls=Commands)
@click.version_option(package_name="frontdoor")
def main() -> None:
    """Frontdoor: the referral front door for English children's services."""
