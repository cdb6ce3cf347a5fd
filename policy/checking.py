"""Explaining what is wrong with packs: `frontdoor policy check`."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from policy.loading import read_packs
from policy.pack import Pack
from policy.releasing import changed
from policy.sources import PackError, PackProblem, Sources, dotted, repeated_keys


def check(folder: Path) -> tuple[PackProblem, ...]:
    """Everything that is wrong with a folder of packs, each with file and line; empty if nothing.

    Beside what stops a pack from loading, this finds keys that are written twice in one mapping,
    of which loading would silently keep the last, authorities that name nobody to alert, and
    released versions that have changed since.
    """
    packs, problems = read_packs(folder)
    found = dict.fromkeys(problems)
    sources = Sources(folder.resolve())
    found.update(dict.fromkeys(_unheard(sources, packs)))
    found.update(dict.fromkeys(changed(sources)))
    for path in sorted(folder.resolve().rglob("*.yaml")):
        try:
            sources.parse(path)
        except PackError as error:
            found.update(dict.fromkeys(error.problems))
            continue
        for where, line in repeated_keys(path):
            problem = PackProblem(sources.name(path), line, dotted(where), "is written twice")
            found[problem] = None
    return tuple(sorted(found, key=lambda problem: (problem.file, problem.line, problem.path)))


def _unheard(sources: Sources, packs: Mapping[str, tuple[Pack, ...]]) -> Iterator[PackProblem]:
    """An authority whose newest version names nobody to alert. It loads, because an installation
    may name somebody itself."""
    for authority, versions in packs.items():
        if versions and versions[-1].messages.alerts is None:
            _, files = sources.merged(sources.root / authority / versions[-1].version)
            message = "is missing: nobody would be told of a suggested Red"
            yield sources.locate(files, ("messages", "alerts"), message)
