"""The fault tests, over and over: how often each was run, and how often it failed.

python -m bench.faults --times 3
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import click


@click.command()
@click.option("--times", default=3, show_default=True)
def main(times: int) -> None:
    runs: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            subprocess.run(
                [sys.executable, "-m", "pytest", "tests/fault", "-q", f"--junitxml={report}"],
                check=False,
                stdout=subprocess.DEVNULL,
            )
            for case in ET.parse(report).iter("testcase"):
                name = case.attrib["name"]
                runs[name] += 1
                failures[name] += case.find("failure") is not None or case.find("error") is not None
    for name, count in runs.items():
        line = {
            "bench": "faults",
            "subject": name.removeprefix("test_").replace("_", " "),
            "edition": "single",
            "runs": count,
            "failures": failures[name],
        }
        print(json.dumps(line))
    if failures.total():
        raise SystemExit(1)


if __name__ == "__main__":
    main()
