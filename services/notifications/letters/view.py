"""What the letter's template is given: nothing that would say who told the hub, or what about.

The rationale and the actions stay out. They are written for whoever referred, and would tell a
family who that was.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from policy.pack import Pack
from policy.working_time import LONDON
from services.notifications.domain import Case
from services.notifications.letters.words import WORDS
from services.notifications.reads import Decision
from services.notifications.rendering.view import hub
from services.notifications.rendering.words import day, listed

TITLE = "What we decided, and what happens next"
NO_NAME = "your child"


def view(
    case: Case, decision: Decision, names: Mapping[UUID, str], contacts: Pack, now: datetime
) -> Mapping[str, Any]:
    """The names that the template uses. `names` are given names by child; `contacts` is the pack
    in force now."""
    messages = contacts.messages
    groups: dict[str, list[str]] = {}
    meant = {}
    places = {child_id: place for place, child_id in enumerate(case.children)}
    for child in sorted(decision.children, key=lambda one: places.get(one.child_id, len(places))):
        said = WORDS[child.outcome]
        meant[said.title] = said
        groups.setdefault(said.title, []).append(names.get(child.child_id) or NO_NAME)
    everybody = [name for named in groups.values() for name in named]
    return {
        "title": TITLE,
        "reference": case.reference,
        "date": day(now.astimezone(LONDON).date()),
        "decided": day(decision.decided_at.astimezone(LONDON).date()),
        "children": listed(list(dict.fromkeys(everybody))),
        "several": len(groups) > 1,
        "outcomes": [
            {
                "who": listed(list(dict.fromkeys(named))),
                "title": title,
                "next": meant[title].next,
                "choice": meant[title].choice,
            }
            for title, named in groups.items()
        ],
        "contact": any(said.contact for said in meant.values()),
        "complain": messages.complaint_words,
        "hub": hub(messages),
    }
