"""The demonstration's sandbox: whatever this organisation's system posts is rated, decided and answered
within seconds, so that whoever builds one sees the whole of it without a hub.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import httpx2

CLIENT: Final = "sandbox"
AUTHORITY: Final = "warwickshire"
LOOK_SECONDS: Final = 2.0
RATIONALE: Final = (
    "This is the sandbox, and nobody has read your referral: it was decided as the rules suggest. A "
    "practitioner says here, in two to five sentences, what they saw in it, which part of the guidance "
    "it meets, and what happens now."
)
OUTCOMES: Final[Mapping[str, str]] = {
    "red": "strategy_discussion",
    "amber": "child_and_family_assessment",
    "green": "early_help_assessment",
    "none": "information_and_advice",
}


class Sandbox:
    """Decides over HTTP, as the sample practitioner, what the sandbox posts. `credentials` are those
    of the installation."""

    def __init__(self, http: httpx2.AsyncClient, credentials: Mapping[str, Any]) -> None:
        self._http = http
        self._secrets = {one["client_id"]: one["client_secret"] for one in credentials["partners"]}
        self._passwords = {one["username"]: one["password"] for one in credentials["staff"]}
        self._tokens: dict[str, str] = {}
        self._cursor = ""
        self._waiting: set[str] = set()

    @property
    def known(self) -> bool:
        """Whether this installation has a sandbox: one of before has none."""
        return CLIENT in self._secrets

    async def run(self) -> None:
        """Look for ever. What goes wrong is tried again: tokens end, and a house may be busy."""
        while True:
            try:
                await self.step()
            except httpx2.HTTPError:
                self._tokens.clear()
            await asyncio.sleep(LOOK_SECONDS)

    async def step(self) -> None:
        """Decide what has come and was rated. Raises httpx2.HTTPError."""
        query = {"cursor": self._cursor} if self._cursor else {}
        changes = await self._get("/v1/changes", CLIENT, **query)
        for item in changes["items"]:
            self._cursor = item["cursor"]
            if item["news"] == "received":
                self._waiting.add(item["referral_id"])
        for referral_id in sorted(self._waiting):
            case = await self._get(f"/v1/triage/referrals/{referral_id}", "practitioner")
            if case.get("suggestion"):
                if case["state"] == "to_decide":
                    await self._decide(case)
                self._waiting.discard(referral_id)

    async def _decide(self, case: Mapping[str, Any]) -> None:
        path = f"/v1/triage/referrals/{case['id']}"
        decided = await self._post(
            f"{path}/decision", "practitioner", decision(case), version=case["version"]
        )
        if decided.get("to_countersign"):
            agreed = {"decision_id": decided["id"], "agree": True}
            await self._post(f"{path}/countersignature", "manager", agreed)

    async def _get(self, path: str, who: str, **query: str) -> Mapping[str, Any]:
        answer = await self._http.get(path, params=query, headers=await self._bearer(who))
        if answer.status_code == 404:
            return {}
        answer.raise_for_status()
        found: Mapping[str, Any] = answer.json()
        return found

    async def _post(
        self, path: str, who: str, body: Mapping[str, Any], version: int | None = None
    ) -> Mapping[str, Any]:
        """What a command answers. Whoever was first, was first: then nothing."""
        headers = {**await self._bearer(who), "Idempotency-Key": str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await self._http.post(path, json=body, headers=headers)
        if answer.status_code in (401, 429, 503):
            answer.raise_for_status()
        told: Mapping[str, Any] = answer.json() if answer.is_success else {}
        return told

    async def _bearer(self, who: str) -> dict[str, str]:
        if who not in self._tokens:
            if who == CLIENT:
                proof = {"client_id": who, "client_secret": self._secrets[who]}
                body = {"grant_type": "client_credentials", **proof}
            else:
                name = f"{who}.{AUTHORITY}"
                proof = {"username": name, "password": self._passwords[name]}
                body = {"grant_type": "password", **proof}
            answer = await self._http.post("/oauth/token", data=body)
            answer.raise_for_status()
            self._tokens[who] = answer.json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[who]}"}


def decision(case: Mapping[str, Any]) -> dict[str, Any]:
    """A decision that follows the suggestion."""
    clauses = [one["id"] for one in case["suggestion"]["clauses"]][:3]
    return {
        "children": as_suggested(case),
        "rationale": RATIONALE,
        "clauses": clauses,
        "no_clause_because": None if clauses else "The sandbox found no clause for it.",
        "actions": [
            {"action": "Nothing: this is the sandbox", "owner": "Nobody"},
            {"action": "Show this action to your users", "owner": "Sandbox Software"},
        ],
    }


def as_suggested(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is decided for each child of a case by whoever agrees with what the rules suggest."""
    return [
        {
            "child_id": child["child_id"],
            "rag": child["suggested"],
            "outcome": OUTCOMES[child["suggested"]],
        }
        for child in case["children"]
    ]
