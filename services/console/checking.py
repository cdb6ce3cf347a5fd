"""What somebody is about to record, put together for a last look: what it says, and what about it
is worth a second thought. Nothing here refuses; triage does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from policy.pack import Clause, Pack
from services.console import words
from services.console.forms import Kind
from services.console.people import Answer, Child, day, form_of
from services.console.reads import Opened
from services.console.revealing import warnings, words_of
from services.console.story import met

TITLES: Mapping[Kind, str] = {
    "decision": "Check the decision",
    "rating": "Check the rating",
    "withdrawal": "Check the conclusion",
}
BUTTONS: Mapping[Kind, str] = {
    "decision": "Record the decision",
    "rating": "Record the rating",
    "withdrawal": "Record the conclusion",
}
ADVISED = frozenset({"information_and_advice", "single_agency_support"})
NO_SERVICE = "Green and advice name a local service, where there is one: none is named."
ORDER = ("none", "green", "amber", "red")


AT_ONCE = "It goes as soon as you record it."
AFTER_MANAGER = "It goes once a manager has countersigned."


def when_told(body: Answer, pack: Pack | None, *, manager: bool) -> str:
    """When the referrer is told of what is recorded: what the pack names waits for a manager,
    where none makes the decision."""
    if pack is None or manager:
        return AT_ONCE
    rating = pack.rating
    waits = any(
        child["rag"] in rating.countersign_rags or child["outcome"] in rating.countersign_outcomes
        for child in body.get("children", ())
    )
    return AFTER_MANAGER if waits else AT_ONCE


def summary(
    kind: Kind, body: Answer, people: Sequence[Child], clauses: Mapping[str, Clause]
) -> list[tuple[str, tuple[str, ...]]]:
    """What is about to be recorded, as labels and lines."""
    names = {child.child_id: child.called for child in people}
    rows: list[tuple[str, tuple[str, ...]]] = []
    for child in body.get("children", ()):
        duties = [words.said(words.DUTIES, code) for code in child["duties"]]
        rows.append(
            (
                names.get(child["child_id"], "Child"),
                (
                    words.said(words.RAG, child["rag"]),
                    words.said(words.OUTCOMES, child["outcome"]),
                    *duties,
                ),
            )
        )
    if kind == "rating":
        whom = names.get(str(body.get("child_id")), "Every child")
        rows.append(("New rating", (f"{words.said(words.RAG, body['rag'])}, for {whom}",)))
    if kind == "withdrawal":
        rows.append(("Conclusion", ("Close it" if body["close"] else "The referral goes on",)))
    rows.append(("Rationale, for the referrer", (body["rationale"],)))
    if body.get("analysis"):
        rows.append(("Analysis, for the hub only", (body["analysis"],)))
    chosen = tuple(
        f"{code} {clauses[code].title}" if code in clauses else str(code)
        for code in body.get("clauses", ())
    )
    if chosen:
        rows.append(("Clauses", chosen))
    if body.get("no_clause_because"):
        rows.append(("No clause fits", (body["no_clause_because"],)))
    if body.get("lowered_because"):
        why = words.said(words.LOWERED_BECAUSE, body["lowered_because"])
        rows.append(("Why below the suggestion", (why,)))
    actions = tuple(_action(action) for action in body.get("actions", ()))
    if actions:
        rows.append(("What happens next", actions))
    return rows


def second_thoughts(
    kind: Kind, body: Answer, people: Sequence[Child], opened: Opened
) -> tuple[str, ...]:
    """What is worth another look before it is recorded."""
    found = []
    if kind != "withdrawal":
        found += _below(kind, body, people)
    found += tells(body, opened)
    unsure = sum(one.state == "candidate" for one in met(opened))
    if unsure:
        found.append(
            "Nobody has said yet whether they are the same people: "
            f"{words.count(unsure, 'possible match', 'possible matches')} under Known before."
        )
    if opened.files.items:
        found.append("There are attachments, which no rule has read.")
    if any(not text.get("read", True) for text in _texts(opened)):
        found.append(
            "The rules could not read one of the texts: read it yourself before you record this."
        )
    if opened.form.away or opened.story.away:
        found.append("Part of the referral could not be shown while you decided.")
    return tuple(found)


def wants_service(kind: Kind, body: Answer) -> bool:
    """Whether a decision is one that names a local service, where there is one, and names none
    (practice rule 24)."""
    if kind != "decision" or body.get("services"):
        return False
    return any(child["rag"] == "green" or child["outcome"] in ADVISED for child in body["children"])


def unsaid(kind: Kind, body: Answer, people: Sequence[Child]) -> dict[str, str]:
    """What triage would refuse for want of a reason, by the field: said before the last look."""
    below = kind != "withdrawal" and _below(kind, body, people)
    return (
        {"lowered_because": "Choose a reason"} if below and not body.get("lowered_because") else {}
    )


def tells(body: Answer, opened: Opened) -> tuple[str, ...]:
    """What of it may tell the referrer more than they need, in sentences."""
    return warnings(_told(body), form_of(opened))


def flagged(body: Answer, opened: Opened) -> tuple[str, ...]:
    """The words that tell the referrer more than they may need, to be marked where they stand."""
    return words_of(_told(body), form_of(opened))


def _told(body: Answer) -> list[str]:
    """What of it the referrer reads."""
    texts = [body.get("rationale"), body.get("no_clause_because")]
    texts += [action.get("action") for action in body.get("actions", ())]
    return [str(text) for text in texts if text]


def _below(kind: Kind, body: Answer, people: Sequence[Child]) -> list[str]:
    decided = {child["child_id"]: child["rag"] for child in body.get("children", ())}
    if kind == "rating":
        wanted = str(body.get("child_id") or "")
        decided = {
            child.child_id: body["rag"] for child in people if wanted in ("", child.child_id)
        }
    return [
        f"{child.called}: {words.said(words.RAG, decided[child.child_id])} is less than what the "
        f"rules suggest, {words.said(words.RAG, child.suggested)}."
        for child in people
        if child.child_id in decided
        and child.suggested in ORDER
        and decided[child.child_id] in ORDER
        and ORDER.index(decided[child.child_id]) < ORDER.index(child.suggested)
    ]


def _texts(opened: Opened) -> Sequence[Mapping[str, Any]]:
    texts: Sequence[Mapping[str, Any]] = opened.case.data.get("suggestion", {}).get("texts", ())
    return texts


def _action(action: Mapping[str, str]) -> str:
    by = action.get("by")
    return (
        f"{action.get('action', '')} ({action.get('owner', '')}{', by ' + day(by) if by else ''})"
    )
