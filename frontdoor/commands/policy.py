"""Commands about authority packs: assess, and policy due, check, diff."""

import json
import sys
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from policy.assessing import assess as assess_record
from policy.checking import check as check_packs
from policy.difference import diff as differences
from policy.loading import PACKS, PackError, PackSet, load_packs
from policy.pack import Pack
from policy.working_time import Calendar, PeriodError, explain_due

packs_option = click.option(
    "--packs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Folder of authority packs; the shipped ones without it.",
)
authority_option = click.option("--authority", required=True, help="Whose pack.")


@click.command("assess")
@authority_option
@packs_option
def assess(authority: str, packs: Path | None) -> None:
    """Read referrals, or {"narrative": …}, as JSON lines and write a suggested rating for each."""
    pack = _current(_load(packs), authority)
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            record: object = json.loads(line)
        except ValueError:
            click.echo(json.dumps({"error": "not_json"}))
            continue
        click.echo(json.dumps(assess_record(record, pack), ensure_ascii=False))


@click.group("policy")
def policy() -> None:
    """Read, check and compare authority packs."""


@policy.command("due")
@authority_option
@packs_option
@click.option("--start", required=True, help="ISO 8601; without an offset it is London time.")
@click.option("--amount", required=True)
@click.option(
    "--unit", required=True, type=click.Choice(["hours", "working_hours", "working_days"])
)
@click.option("--count", type=click.Choice(["exclusive", "inclusive"]), default="exclusive")
def due(authority: str, packs: Path | None, start: str, amount: str, unit: str, count: str) -> None:
    """Say when something is due by an authority's calendar, and why."""
    pack = _current(_load(packs), authority)
    try:
        number = Decimal(amount)
        if number == number.to_integral_value():
            number = int(number)  # type: ignore[assignment]
        found = explain_due(Calendar.of(pack.hours), start, number, unit, count)
    except InvalidOperation:
        raise click.ClickException("--amount: a number is wanted") from None
    except PeriodError as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(found, ensure_ascii=False))


@policy.command("check")
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=PACKS
)
def check(folder: Path) -> None:
    """Say what is wrong with the packs of a folder, by file and line. Exits 1 if anything is."""
    problems = check_packs(folder)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        sys.exit(1)
    click.echo("All packs can be used.")


@policy.command("diff")
@click.argument("a")
@click.argument("b")
@packs_option
def diff(a: str, b: str, packs: Path | None) -> None:
    """Say what changes from pack A to pack B, each given as AUTHORITY@VERSION, or AUTHORITY for
    the one in force."""
    known = _load(packs)
    for line in differences(_named(known, a), _named(known, b)):
        click.echo(line)


def _load(packs: Path | None) -> PackSet:
    try:
        return load_packs(packs)
    except PackError as error:
        raise click.ClickException("\n".join(str(problem) for problem in error.problems)) from None


def _current(packs: PackSet, authority: str) -> Pack:
    if authority not in packs.authorities:
        raise click.ClickException(
            f"--authority: no such authority; there are {', '.join(packs.authorities)}"
        )
    return packs.current(authority, date.today())  # noqa: DTZ011  (a command, run by hand)


def _named(packs: PackSet, name: str) -> Pack:
    authority, _, version = name.partition("@")
    if not version:
        return _current(packs, authority)
    try:
        return packs.version(authority, version)
    except KeyError:
        raise click.ClickException(f"no pack {name}") from None


COMMANDS = (assess, policy)
