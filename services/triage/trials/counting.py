"""What a trial comes to, for whoever decides about adopting a version. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from policy.ruleset import RAG_ORDER
from policy.trying import Summary, Tried, explained
from services.triage.domain import Case

LISTED = 200
"""How many referrals are listed, those whose colour would change first."""

HOW = {"now": "found", "no_longer": "lost", "placed_elsewhere": "moved"}


class Counted:
    """A trial as it goes."""

    def __init__(self) -> None:
        self._summary = Summary()
        self._signs: Counter[tuple[str, str, str, str | None]] = Counter()
        self._changed: list[tuple[int, UUID, dict[str, Any]]] = []

    @property
    def referrals(self) -> int:
        return self._summary.referrals

    @property
    def changed(self) -> list[UUID]:
        """Those that would be rated differently."""
        return [referral_id for _, referral_id, _ in self._changed]

    def count(self, case: Case, tried: Tried) -> None:
        """Count one referral."""
        self._summary.count(tried)
        if not tried.changes or tried.before is None or tried.after is None:
            return
        said = explained(tried)
        said.pop("referral")
        self._signs.update(set(_signs(said)))
        step = RAG_ORDER[tried.after.rag] - RAG_ORDER[tried.before.rag]
        row = {"referral_id": case.referral_id, "reference": case.facts.reference, **said}
        self._changed.append((-abs(step), case.referral_id, row))

    def shown(self, visible: Collection[UUID]) -> Mapping[str, Any]:
        """The counts over all, and those of the changed referrals that may be listed."""
        self._changed.sort(key=lambda one: one[:2])
        listed = [row for _, referral_id, row in self._changed if referral_id in visible]
        return {
            **self._summary.shown(),
            "signs": [
                {"how": how, "indicator": code, "clause": clause, "was": was, "referrals": number}
                for (how, code, clause, was), number in sorted(
                    self._signs.items(), key=lambda one: (-one[1], one[0][:3])
                )
            ],
            "items": listed[:LISTED],
            "not_listed": len(self._changed) - len(listed[:LISTED]),
        }


def _signs(said: Mapping[str, Any]) -> list[tuple[str, str, str, str | None]]:
    """Each sign that has to do with a change: how, which, its clause, and its earlier clause where
    the guidance placed it elsewhere."""
    found: list[tuple[str, str, str, str | None]] = [
        (HOW[how], one["indicator"], one["clause"], None)
        for how in ("now", "no_longer")
        for one in said[how]
    ]
    return found + [
        (HOW["placed_elsewhere"], one["indicator"], one["to"]["clause"], one["from"]["clause"])
        for one in said["placed_elsewhere"]
    ]
