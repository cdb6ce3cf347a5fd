"""Commands about authority packs: assess, and policy due, check, diff, try, release, schema
and page."""

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO

import click

from chassis.settings import Settings
from frontdoor.commands.site import Site, on_site
from policy.assessing import assess as assess_record
from policy.checking import check as check_packs
from policy.difference import diff as differences
from policy.loading import PACKS, PackError, PackSet, load_packs
from policy.pack import Pack
from policy.publishing import page_of
from policy.releasing import RELEASED, with_release
from policy.schema import schema as pack_schema
from policy.sources import PackProblem
from policy.trying import Summary, explained, try_all
from policy.working_time import LONDON, Calendar, PeriodError, explain_due

packs_option = click.option(
    "--packs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Folder of authority packs; without it the installation's (FRONTDOOR_PACKS), or those shipped.",
)
authority_option = click.option("--authority", required=True, help="Whose pack.")


@click.command("assess")
@authority_option
@packs_option
@click.option("--changes", is_flag=True, help="Also say which one fact would change the colour.")
def assess(authority: str, packs: Path | None, changes: bool) -> None:
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
        click.echo(json.dumps(assess_record(record, pack, changes=changes), ensure_ascii=False))


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
    problems = check_packs(folder) or _template_problems(folder)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        sys.exit(1)
    click.echo("All packs can be used.")


def _template_problems(folder: Path) -> tuple[PackProblem, ...]:
    """What is wrong with the packs' own templates of messages."""
    from services.notifications.rendering.checking import template_problems

    return tuple(
        PackProblem(f"{authority}/{pack.version}", 0, f"messages.templates.{name}", why)
        for authority, packs in load_packs(folder).packs.items()
        for pack in packs
        for name, why in template_problems(pack)
    )


@policy.command("diff")
@click.argument("a")
@click.argument("b")
@packs_option
def diff(a: str, b: str, packs: Path | None) -> None:
    """Say what changes from pack A to pack B, each given as AUTHORITY@VERSION, or AUTHORITY for
    the one in force."""
    known = _load(packs)
    for line in differences(_named(known, a), _named(known, b)):
        click.echo(str(line))


@policy.command("try")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@authority_option
@click.option("--version", required=True, help="The version to try.")
@click.option(
    "--against", default=None, help="The version to compare with; the one in force without it."
)
@packs_option
def try_(
    file: TextIO, authority: str, version: str, against: str | None, packs: Path | None
) -> None:
    """Rate past referrals again under a version, and say which would change and why.

    FILE holds referral forms as posted, as JSON lines ("-" for standard input), each with
    `received_on`. One JSON line for each that would change, then one that counts them. Nothing is
    stored or sent, and no words of a referral are repeated.
    """
    known = _load(packs)
    new = _named(known, f"{authority}@{version}")
    old = _named(known, f"{authority}@{against}") if against else None
    summary = Summary()
    for tried in try_all(_records(file), new, known, old):
        summary.count(tried)
        if tried.changes:
            click.echo(json.dumps(explained(tried)))
    click.echo(json.dumps(summary.shown()))


@policy.command("release")
@click.argument("name", metavar="AUTHORITY@VERSION")
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=PACKS
)
def release(name: str, folder: Path) -> None:
    """Write down the digest of a version that comes into force. From then on `policy check`
    refuses a change to it, in its own files or in those that it includes."""
    authority, _, version = name.partition("@")
    _named(_load(folder), name)
    try:
        written = with_release(folder, authority, version)
    except ValueError:
        raise click.ClickException(f"{name} was released before, and has changed") from None
    (folder / RELEASED).write_text(written, "utf-8")
    click.echo(f"{name} is released.")


@policy.command("schema")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The JSON file to write.",
)
@click.option("--check", "compare", is_flag=True, help="Only say whether it is what it should be.")
def schema(to: Path, compare: bool) -> None:
    """Write the schema of packs, for editors that complete and check YAML."""
    written = json.dumps(pack_schema(), indent=2, ensure_ascii=False) + "\n"
    if not compare:
        to.write_text(written, "utf-8")
    elif not to.exists() or to.read_text("utf-8") != written:
        raise click.ClickException(f"{to} is not up to date: make generate")


@policy.command("page")
@authority_option
@click.option("--version", default=None, help="Which version; the one in force without it.")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    required=True,
    help="The HTML file to write.",
)
@packs_option
def page(authority: str, version: str | None, to: Path, packs: Path | None) -> None:
    """Write a pack as a page in plain language, with a chart of the pathway, for publishing."""
    name = f"{authority}@{version}" if version else authority
    to.write_text(page_of(_named(_load(packs), name)), "utf-8")


@policy.command("try-stored")
@on_site
@authority_option
@click.option("--version", required=True, help="The version to try.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day after.")
@click.option(
    "--against", default=None, help="The version to compare with; the one of the time without it."
)
@packs_option
def try_stored(
    site: Site,
    authority: str,
    version: str,
    against: str | None,
    since: datetime,
    until: datetime,
    packs: Path | None,
) -> None:
    """Rate this installation's referrals again under a version, and say which would change and why.

    As `try`, on what was received from one day up to another. Intake reads the texts again and
    hands over what it finds; nothing is stored but that they were opened. Runs beside the house.
    """
    from frontdoor.trials import trial_of
    from services.triage.trials import Trial

    known = _load(packs)
    trial = Trial(
        _named(known, f"{authority}@{version}"),
        (since.replace(tzinfo=LONDON), until.replace(tzinfo=LONDON)),
        _named(known, f"{authority}@{against}") if against else None,
    )

    async def work() -> Summary:
        urls = site.start()
        if not {"intake", "triage"} <= urls.keys():
            raise click.ClickException("it needs intake's and triage's tables: use --data")
        summary = Summary()
        async with trial_of(urls, site.ring(), known, trial) as referrals:
            async for case, tried in referrals:
                summary.count(tried)
                if tried.changes:
                    click.echo(json.dumps({"reference": case.facts.reference, **explained(tried)}))
        return summary

    with site.started():
        summary = asyncio.run(work())
    click.echo(json.dumps(summary.shown()))


def _records(file: TextIO) -> Iterator[object]:
    for line in file:
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError:
                yield None


def _load(packs: Path | None) -> PackSet:
    try:
        return load_packs(packs or Settings().packs)
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
    if not version or authority not in packs.authorities:
        return _current(packs, authority)
    try:
        return packs.version(authority, version)
    except KeyError:
        raise click.ClickException(f"no pack {name}") from None


COMMANDS = (assess, policy)
