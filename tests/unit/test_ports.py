"""Nobody is given a port that somebody else was given, whether it is in use yet or not."""

import subprocess
import sys

import pytest

from bench import ports

ANOTHER = """
import sys
from bench import ports
ports.PORTS = range(int(sys.argv[1]), int(sys.argv[2]))
print(*ports.free_ports(2))
"""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> range:
    begins = ports.free_ports(1)[0] + 1
    few = range(begins, begins + 40)
    monkeypatch.setattr(ports, "PORTS", few)
    return few


def test_two_calls_never_give_the_same_and_the_last_one_says_so(few: range) -> None:
    given: list[int] = []
    with pytest.raises(ports.NoPorts):
        while True:
            given += ports.free_ports(1)
    assert len(given) > len(few) / 2
    assert len(set(given)) == len(given)


def test_another_process_is_not_given_them_either(few: range) -> None:
    ours = ports.free_ports(len(few) // 2)
    asked = [sys.executable, "-c", ANOTHER, str(few.start), str(few.stop)]
    theirs = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert len(theirs) == 2
    assert not {int(port) for port in theirs} & set(ours)
