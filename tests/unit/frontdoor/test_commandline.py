"""`frontdoor` has every command that its modules define, and no other."""

import pkgutil
from importlib import import_module

from click.testing import CliRunner

from frontdoor import commands
from frontdoor.commandline import MODULES, main


def test_every_command_is_reached_by_its_name() -> None:
    found = {
        command.name: one.name
        for one in pkgutil.iter_modules(commands.__path__)
        for command in getattr(import_module(f"frontdoor.commands.{one.name}"), "COMMANDS", ())
    }
    assert found == MODULES
    listed = CliRunner().invoke(main, ["--help"])
    assert listed.exit_code == 0
    assert all(f"  {name} " in listed.output for name in MODULES)


def test_a_command_that_there_is_not_is_said() -> None:
    refused = CliRunner().invoke(main, ["fly"])
    assert refused.exit_code != 0
    assert "No such command" in refused.output
