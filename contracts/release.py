"""Publish the contracts: keep what is generated now as the baseline of the gate.

    python -m contracts.release VERSION

copies contracts/generated to contracts/released, and each example to contracts/examples/TYPE,
where it stays for ever: every example ever published must still parse. Refuses (exit 1) what the
gate refuses, and a version that was published with other examples.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from contracts.compatibility import compare_folders
from contracts.generate import GENERATED, differences

CONTRACTS: Final = Path(__file__).parent
RELEASED: Final = CONTRACTS / "released"
EXAMPLES: Final = CONTRACTS / "examples"


def objections(version: str, generated: Path, released: Path, examples: Path) -> list[str]:
    """Why what is generated cannot be published as `version`."""
    breaks = [str(one) for one in compare_folders(released, generated)]
    changed = [
        f"{path.parent.name}/{path.name} was published with another text"
        for example in sorted((generated / "examples").glob("*.json"))
        if (path := examples / example.stem / f"{version}.json").exists()
        and path.read_bytes() != example.read_bytes()
    ]
    return [*breaks, *changed]


def publish(version: str, generated: Path, released: Path, examples: Path) -> None:
    """Copy what is generated. Published examples stay."""
    shutil.rmtree(released, ignore_errors=True)
    shutil.copytree(generated, released, ignore=shutil.ignore_patterns("examples"))
    for example in sorted((generated / "examples").glob("*.json")):
        folder = examples / example.stem
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(example, folder / f"{version}.json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m contracts.release")
    parser.add_argument("version", help="the version to be released, such as 0.1.0")
    version: str = parser.parse_args(arguments).version
    found = differences() or objections(version, GENERATED, RELEASED, EXAMPLES)
    for line in found:
        sys.stderr.write(f"{line}\n")
    if found:
        return 1
    publish(version, GENERATED, RELEASED, EXAMPLES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
