"""Problem details (RFC 9457), as a caller reads them."""

from typing import Any

import httpx2

from tests.journey.living import read

# Sent where something is wrong, and never to come back.
MARK = "Zyxwvut"


def problem(answer: httpx2.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem that `answer` is; that it repeats nothing of what was sent."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = read(answer)
    assert found["status"] == status
    assert found["type"].endswith(found["code"])
    assert found["title"]
    assert found["detail"]
    assert len(found["trace_id"]) == 32
    assert MARK.casefold() not in answer.text.casefold()
    if code:
        assert found["code"] == code
    return found


def pointers(found: dict[str, Any]) -> set[str]:
    assert all(one["detail"] for one in found["errors"])
    return {one["pointer"] for one in found["errors"]}
