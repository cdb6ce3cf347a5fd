"""Local services that advice or a decision may name (practice rule 24), as boxes to tick."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from contracts.codes import CONCERN_TYPES
from contracts.form import normal_postcode
from policy.local_services import OWNER, in_words, named
from services.console.reads import Reads, Refusal

SEARCHES: Final = "/v1/directory/searches"


async def offered(
    reads: Reads,
    token: str,
    authority: str,
    needs: Sequence[str],
    postcode: str | None = None,
) -> list[Mapping[str, Any]]:
    """The services that fit, the best first, each as a box: those of the whole authority where none
    fits, none where the directory can't be read. A postcode goes in the body: it stands in no URL."""
    known = [code for code in dict.fromkeys(needs) if code in CONCERN_TYPES]
    wanted: dict[str, Any] = {"authority": authority, "needs": known[:20]}
    wanted |= {"postcode": postcode} if postcode and normal_postcode(postcode) else {}
    told = await reads.told(token, SEARCHES, {**wanted, "else_all": True})
    if isinstance(told, Refusal):
        return []
    return [
        {"value": str(one["id"]), "text": named(one), "hint": {"text": " ".join(_more(one))}}
        for one in told.items
        if one["open"]
    ]


async def as_actions(reads: Reads, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A decision as it reads before it is recorded: each service that it names as the action that it
    becomes."""
    parts = await asyncio.gather(
        *(
            reads.part(token, f"/v1/directory/{service_id}")
            for service_id in body.get("services", ())
        )
    )
    actions = [{"action": in_words(one.data), "owner": OWNER} for one in parts if one.data]
    return {**body, "actions": [*body.get("actions", ()), *actions]}


def joined(one: Mapping[str, Any]) -> str:
    """How to join a service, in a sentence or more, with how to reach it."""
    ways = (("Telephone", "telephone"), ("Email", "email"), ("See", "url"))
    reached = " ".join(f"{word} {one[name]}." for word, name in ways if one[name])
    return " ".join(filter(None, (one["how_to_join"], reached, one["warning"])))


def _more(one: Mapping[str, Any]) -> Iterator[str]:
    yield from filter(None, (one["description"], one["warning"]))
