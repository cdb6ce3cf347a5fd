"""An email as its reader gets it: before it goes, while somebody may still change it, and as it was
sent. Notifications writes it and keeps it; nothing of it is kept here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.console.checking import ORDER
from services.console.forms import Kind
from services.console.people import Answer, Child
from services.console.reads import Opened, Part, Refusal

GETS: Final[Mapping[str, str]] = {
    "full": "Their address is one that may have the reasons: they get all of this.",
    "brief": "They get no details by email, because their address is not one that the hub trusts or "
    "few may see this referral. They are asked to ring.",
    "public": "They may be family, or a member of the public. They hear that it was received and "
    "read, and no more.",
}
WHY_NOT: Final[Mapping[str, str]] = {
    "not_told": "The referrer does not hear of this: before a decision a rating is the hub\u2019s "
    "own, and family or the public hear of none.",
    "no_address": "There is no address to write to. Telephone them: it will stand on the list of "
    "whom to telephone.",
    "bad_address": "Their address cannot be written to. Telephone them: it will stand on the list of "
    "whom to telephone.",
    "not_safe_to_write": "They have not said that it is safe to write to them. Telephone them.",
    "template_failed": "The authority\u2019s own template fails. The email would be held back until "
    "somebody mends it.",
}
HELD: Final = "As it stands the email would be held back: something that it has to say is missing."


@dataclass(frozen=True, slots=True)
class Mail:
    """An email. `html` is a whole page, to be shown in a frame of its own."""

    to: str
    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What the referrer would get: an email, or `why` they would get none; `gets` says how much they
    may be told. Without all three it cannot be shown now."""

    mail: Mail | None = None
    gets: str = ""
    why: str = ""


def asked(kind: Kind, body: Answer, people: Sequence[Child]) -> Answer:
    """What notifications is asked to write about: what goes to triage, and the colour that the whole
    referral then has."""
    if kind != "rating":
        return {**body, "what": kind}
    wanted = str(body.get("child_id") or "")
    colours = [
        body["rag"] if wanted in ("", child.child_id) else child.rag or child.suggested
        for child in people
    ]
    known = [colour for colour in colours if colour in ORDER]
    return {**body, "what": kind, "rag": max(known, key=ORDER.index, default=body["rag"])}


def awaiting(opened: Opened) -> Answer | None:
    """What notifications is asked to write about: the decision that a manager has yet to agree to.
    None where there is none."""
    waits = opened.case.data.get("awaiting_countersignature") or {}
    for made in opened.case.data.get("decisions") or ():
        if made["decision_id"] == waits.get("decision_id"):
            return {
                "what": "decision",
                "rationale": made.get("rationale") or "",
                "children": made.get("children") or [],
                "clauses": [clause["id"] for clause in made.get("clauses") or ()],
                "no_clause_because": made.get("no_clause_because"),
                "actions": made.get("actions") or [],
            }
    return None


def preview(told: Part | Refusal) -> Preview:
    """What notifications answered."""
    if isinstance(told, Refusal):
        return Preview()
    said = told.data
    if said.get("email"):
        return Preview(mail(said["email"]), GETS.get(said["detail"], ""))
    return Preview(why=WHY_NOT.get(said.get("because") or "", HELD))


def mail(said: Mapping[str, Any]) -> Mail:
    """An email from how it is told, or was kept."""
    return Mail(*(str(said.get(part) or "") for part in ("to", "subject", "html", "text")))
