"""The story of the demonstration, played over HTTP as partners and practitioners would: post,
follow up, decide, and wait for the answers."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from frontdoor.accounts import samples
from frontdoor.demo.patience import Patient
from frontdoor.demo.people import ask_school, register, take_on

PATIENCE_SECONDS = 90
DATE_FIELDS = {"date_of_birth", "expected_date_of_delivery", "observed_on", "given_on"}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(slots=True)
class Played:
    """One referral of the story, as far as it has come."""

    about: str
    partner: str
    authority: str
    posted: Mapping[str, Any]
    rated: Mapping[str, Any] | None = None
    decided: Mapping[str, Any] | None = None
    messages: list[Mapping[str, Any]] = field(default_factory=list)


class Story:
    """Plays against `base_url` with the accounts of `credentials`."""

    def __init__(self, base_url: str, credentials: Path, today: date) -> None:
        known = json.loads(credentials.read_text())
        self._secrets = {one["client_id"]: one["client_secret"] for one in known["partners"]}
        people = (*known["staff"], *known.get("referrers", ()))
        self._staff = {one["username"]: one["password"] for one in people}
        self._http = httpx2.AsyncClient(base_url=base_url, timeout=30, transport=Patient())
        self._tokens: dict[str, str] = {}
        self._today = today
        self.played: list[Played] = []

    async def play(self, tell: Callable[[str], None]) -> None:
        """Post every sample, follow up, decide what the story decides, and wait for the answers.

        Raises httpx2.HTTPStatusError when something is refused, TimeoutError when an answer
        doesn't come.
        """
        story = samples("story.json")
        shift = self._today - date.fromisoformat(story["dates_as_of"])
        count = await register(self._http, self._person, self._today)
        tell(f"{count} people to offer work to, and somebody on duty each night")
        for entry in story["referrals"]:
            await self._post(entry, shift)
        tell(f"{len(self.played)} referrals posted")
        for entry, played in zip(story["referrals"], self.played, strict=True):
            for step in entry.get("then", ()):
                await self._follow_up(played, step)
        for played in self.played:
            played.rated = await self._until(self._case, played, lambda case: case is not None)
        tell("every one of them rated")
        for entry, played in zip(story["referrals"], self.played, strict=True):
            if entry["decision"]:
                await self._decide(played, entry["decision"])
        tell(f"{sum(one.decided is not None for one in self.played)} decided")
        for played in self.played:
            kind = "decision" if played.decided else "acknowledgement"
            played.messages = await self._until(
                self._messages,
                played,
                lambda found, kind=kind: any(  # type: ignore[misc]
                    one["kind"] == kind and one["state"] == "sent" for one in found
                ),
            )
        tell("every referrer answered")
        decided = [(one.posted["id"], one.authority) for one in self.played if one.decided]
        count = await take_on(self._http, self._person, decided, self._today)
        tell(f"{count} pieces of work taken on by somebody, others offered")
        if await ask_school(self._http, self._person, decided, self._today):
            tell("a school asked to do something for a family, on its own page")

    async def summary(self) -> Mapping[str, Any]:
        """Counts per stage, and one journey in full."""
        counts: dict[str, int] = {
            "posted": len(self.played),
            "rated": sum(one.rated is not None for one in self.played),
            "decided": sum(one.decided is not None for one in self.played),
            "acknowledged": self._sent("acknowledgement"),
            "answered": self._sent("decision"),
        }
        for colour in ("red", "amber", "green"):
            counts[f"suggested_{colour}"] = sum(
                one.rated is not None and one.rated["suggestion"]["rag"] == colour
                for one in self.played
            )
        journey = next((one for one in self.played if one.decided), self.played[0])
        told: dict[str, Any] = {"counts": counts, "journey": await self._journey(journey)}
        told["allocated"] = sum(
            [bool(await self._listed(one, "/v1/allocations")) for one in self.played]
        )
        counts["allocated"] = told.pop("allocated")
        return told

    async def _journey(self, played: Played) -> Mapping[str, Any]:
        case = await self._case(played)
        status = await self._get(
            f"/v1/referrals/{played.posted['id']}", await self._partner(played.partner)
        )
        return {
            "about": played.about,
            "posted": played.posted,
            "suggestion": case["suggestion"] if case else None,
            "decision": case["decisions"][-1] if case and case["decisions"] else None,
            "clocks": await self._listed(played, "/v1/clocks"),
            "allocations": await self._listed(played, "/v1/allocations"),
            "messages": await self._messages(played),
            "what_the_referrer_sees": status,
        }

    def _sent(self, kind: str) -> int:
        return sum(
            any(one["kind"] == kind and one["state"] == "sent" for one in played.messages)
            for played in self.played
        )

    async def _post(self, entry: Mapping[str, Any], shift: timedelta) -> None:
        source = resources.files("frontdoor") / "samples" / "referrals" / entry["file"]
        form = moved(json.loads(source.read_text("utf-8")), shift)
        answer = await self._http.post(
            "/v1/referrals",
            json=form,
            headers={
                **await self._partner(entry["client"]),
                "Idempotency-Key": str(uuid4()),
                "Prefer": "handling=lenient",
            },
        )
        answer.raise_for_status()
        self.played.append(
            Played(entry["about"], entry["client"], form["authority"], answer.json())
        )

    async def _follow_up(self, played: Played, step: Mapping[str, Any]) -> None:
        body = {key: value for key, value in step.items() if key != "kind"}
        answer = await self._http.post(
            f"/v1/referrals/{played.posted['id']}/{step['kind']}",
            json=body,
            headers={**await self._partner(played.partner), "Idempotency-Key": str(uuid4())},
        )
        answer.raise_for_status()

    async def _decide(self, played: Played, decision: Mapping[str, Any]) -> None:
        case = await self._case(played)
        assert case is not None
        children = case["children"]
        about = {one["child"]: one for one in decision["children"]}
        clauses = decision["clauses"]
        if clauses == "suggested":
            clauses = [one["id"] for one in case["suggestion"]["clauses"]][:5]
        body: dict[str, Any] = {
            "children": [
                {
                    "child_id": child["child_id"],
                    **{
                        key: value
                        for key, value in about.get(place, about[0]).items()
                        if key != "child"
                    },
                }
                for place, child in enumerate(children)
            ],
            "rationale": decision["rationale"],
            "analysis": decision.get("analysis"),
            "clauses": clauses,
            "actions": [
                {
                    "action": one["action"],
                    "owner": one["owner"],
                    "by": str(self._today + timedelta(days=one.get("by_offset_days", 5))),
                }
                for one in decision["actions"]
            ],
        }
        if not clauses:
            body["no_clause_because"] = "The guidance has no clause for what was described."
        for key in ("no_clause_because", "lowered_because", "without_agreement"):
            if decision.get(key):
                body[key] = decision[key]
        answer = await self._http.post(
            f"/v1/triage/referrals/{played.posted['id']}/decision",
            json=body,
            headers={
                **await self._person(decision["by"], played.authority),
                "If-Match": f'"{case["version"]}"',
            },
        )
        if answer.status_code >= 400:
            raise RuntimeError(f"{played.about}: {answer.text}")
        played.decided = answer.json()
        if played.decided["to_countersign"]:
            await self._countersign(played)

    async def _countersign(self, played: Played) -> None:
        decided = played.decided
        assert decided is not None
        answer = await self._http.post(
            f"/v1/triage/referrals/{played.posted['id']}/countersignature",
            json={"decision_id": decided["id"], "agree": True},
            headers=await self._person("manager", played.authority),
        )
        if answer.status_code >= 400:
            raise RuntimeError(f"{played.about}: {answer.text}")

    async def _case(self, played: Played) -> Mapping[str, Any] | None:
        answer = await self._http.get(
            f"/v1/triage/referrals/{played.posted['id']}",
            headers=await self._person("practitioner", played.authority),
        )
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        found: Mapping[str, Any] = answer.json()
        return found

    async def _messages(self, played: Played) -> list[Mapping[str, Any]]:
        return await self._listed(played, "/v1/messages")

    async def _listed(self, played: Played, path: str) -> list[Mapping[str, Any]]:
        found = await self._get(
            f"{path}?referral_id={played.posted['id']}",
            await self._person("practitioner", played.authority),
        )
        items: list[Mapping[str, Any]] = found["items"]
        return items

    async def _get(self, path: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
        answer = await self._http.get(path, headers=dict(headers))
        answer.raise_for_status()
        found: Mapping[str, Any] = answer.json()
        return found

    async def _until(self, ask: Any, played: Played, holds: Callable[[Any], bool]) -> Any:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds(found := await ask(played)):
                await asyncio.sleep(0.1)
        return found

    async def _partner(self, client: str) -> dict[str, str]:
        return await self._bearer(
            client,
            {
                "grant_type": "client_credentials",
                "client_id": client,
                "client_secret": self._secrets[client],
            },
        )

    async def _person(self, role: str, authority: str) -> dict[str, str]:
        username = role if "@" in role else f"{role}.{authority}"
        return await self._bearer(
            username,
            {
                "grant_type": "password",
                "username": username,
                "password": self._staff[username],
            },
        )

    async def _bearer(self, name: str, body: dict[str, str]) -> dict[str, str]:
        if name not in self._tokens:
            answer = await self._http.post("/oauth/token", data=body)
            answer.raise_for_status()
            self._tokens[name] = answer.json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[name]}"}


def moved(form: Any, shift: timedelta) -> Any:
    """The form with its dates moved, so that a baby of the story is a baby today."""
    if isinstance(form, dict):
        return {
            key: str(date.fromisoformat(value) + shift)
            if key in DATE_FIELDS and isinstance(value, str) and _ISO.fullmatch(value)
            else moved(value, shift)
            for key, value in form.items()
        }
    return [moved(one, shift) for one in form] if isinstance(form, list) else form
