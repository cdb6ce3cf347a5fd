"""Write what is generated from the registry, the form and the codes, or check that it is current.

python -m contracts.generate            write contracts/generated
python -m contracts.generate --check    exit 1 and say which files differ
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from contracts.asyncapi import asyncapi
from contracts.registry import event_types
from contracts.sampling import example
from contracts.schemas import code_sets, event_schema, form_schema

GENERATED: Final = Path(__file__).parent / "generated"


def generated() -> Mapping[str, str]:
    """Every generated file: its path below contracts/generated, and its text."""
    events = tuple(event_types().values())
    files = {
        "asyncapi.yaml": yaml.safe_dump(asyncapi(events), sort_keys=False, width=100),
        "codes.json": _json(code_sets()),
        "referral-form.schema.json": _json(form_schema()),
    }
    for event in events:
        files[f"schemas/{event.name}.json"] = _json(event_schema(event))
        files[f"examples/{event.name}.json"] = _json(example(event))
    return files


def differences(folder: Path = GENERATED) -> list[str]:
    """A line for each file that is missing, no longer generated, or not as it would be now."""
    wanted = generated()
    there = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    return [
        *(f"missing: {name}" for name in sorted(wanted.keys() - there.keys())),
        *(f"no longer generated: {name}" for name in sorted(there.keys() - wanted.keys())),
        *(
            f"differs: {name}, from line {_first_difference(there[name], wanted[name])}"
            for name in sorted(wanted.keys() & there.keys())
            if there[name] != wanted[name]
        ),
    ]


def write(folder: Path = GENERATED) -> None:
    """Write every generated file and remove those that are none any more."""
    wanted = generated()
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m contracts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    if not parser.parse_args(arguments).check:
        write()
        return 0
    found = differences()
    for line in found:
        sys.stderr.write(f"{line}\n")
    if found:
        sys.stderr.write("Run python -m contracts.generate and commit what it writes.\n")
    return 1 if found else 0


def _json(tree: Any) -> str:
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def _first_difference(old: str, new: str) -> int:
    pairs = zip(old.splitlines(), new.splitlines(), strict=False)
    same = next((place for place, (one, two) in enumerate(pairs) if one != two), None)
    return (min(old.count("\n"), new.count("\n")) if same is None else same) + 1


if __name__ == "__main__":
    sys.exit(main())
