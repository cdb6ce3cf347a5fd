"""Codes of problems: partners' systems branch on them, so each means one thing."""

import re
from collections import defaultdict
from pathlib import Path

from chassis.http.catalogue import codes

ROOT = Path(__file__).parents[3]


def test_each_code_has_one_status_and_looks_like_a_code() -> None:
    statuses = defaultdict(set)
    for one in codes([ROOT / "chassis", ROOT / "services"]):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", one.code), one
        statuses[one.code].add(one.status)
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}
    assert statuses["database_away"] == {503}
    assert statuses["too_many_guesses"] == {429}
    assert statuses["not_found"] == {404}
