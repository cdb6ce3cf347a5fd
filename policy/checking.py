"""Explaining what is wrong with packs: `frontdoor policy check`."""

from pathlib import Path

from policy.loading import read_packs
from policy.sources import PackError, PackProblem, Sources, dotted, repeated_keys


def check(folder: Path) -> tuple[PackProblem, ...]:
    """Everything that is wrong with a folder of packs, each with file and line; empty if nothing.

    Beside what stops a pack from loading, this finds keys that are written twice in one mapping,
    of which loading would silently keep the last.
    """
    _, problems = read_packs(folder)
    found = dict.fromkeys(problems)
    sources = Sources(folder.resolve())
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
