"""What the sandbox of the demonstration does with what is posted there."""

import json
from typing import Any

import httpx2

from frontdoor.demo.sandbox import CLIENT, Sandbox

KNOWN = {
    "partners": [{"client_id": CLIENT, "client_secret": "s"}],
    "staff": [
        {"username": f"{role}.warwickshire", "password": "p"}
        for role in ("practitioner", "manager")
    ],
}
CHANGES = [
    {"cursor": "1", "referral_id": "a", "news": "received"},
    {"cursor": "2", "referral_id": "b", "news": "decided"},
]
CASE = {
    "id": "a", "state": "to_decide", "version": 3,
    "children": [{"child_id": "c", "suggested": "red"}],
    "suggestion": {"clauses": [{"id": "4.1"}]},
}  # fmt: skip


class Hub:
    """A house that has one referral, once it is rated."""

    def __init__(self) -> None:
        self.rated = False
        self.sent: list[tuple[str, Any]] = []

    def answer(self, asked: httpx2.Request) -> httpx2.Response:
        path = asked.url.path
        if path == "/oauth/token":
            return httpx2.Response(200, json={"access_token": "t"})
        if path == "/v1/changes":
            after = asked.url.params.get("cursor")
            return httpx2.Response(200, json={"items": [] if after else CHANGES})
        if asked.method == "GET":
            return httpx2.Response(200, json=CASE) if self.rated else httpx2.Response(404)
        self.sent.append((path.rpartition("/")[2], json.loads(asked.content)))
        return httpx2.Response(201, json={"id": "d", "to_countersign": ["red"]})


async def test_what_the_sandbox_posts_is_decided_once_it_is_rated() -> None:
    hub = Hub()
    transport = httpx2.MockTransport(hub.answer)
    async with httpx2.AsyncClient(transport=transport, base_url="http://house.example") as http:
        sandbox = Sandbox(http, KNOWN)
        await sandbox.step()
        assert hub.sent == []
        hub.rated = True
        await sandbox.step()
        await sandbox.step()
    (decided, decision), (signed, agreed) = hub.sent
    assert (decided, signed) == ("decision", "countersignature")
    assert decision["children"][0]["outcome"] == "strategy_discussion"
    assert agreed == {"decision_id": "d", "agree": True}
