"""What whoever has the work records of it: what was reached, an assessment or a plan, a step up or
down, another authority, and the end of help."""

from dataclasses import replace
from typing import Any, Final

from services.console import words
from services.console.people import Answer
from services.console.recording.shapes import (
    Entry,
    Group,
    Sent,
    Subject,
    Values,
    always,
    kept,
    missing,
)
from services.console.referring.shapes import AGENCIES, Field, Kind
from services.console.times import day

LEADING: Final = frozenset({"practitioner", "manager", "duty", "coordinator", "panel_chair"})
ELSEWHERE: Final = "-"
"""An authority that is none of this installation's."""
AREAS: Final = (
    ("safety", "Safe at home and outside"),
    ("health", "Health"),
    ("learning", "School and learning"),
    ("feelings", "Feelings and behaviour"),
    ("family", "Getting on together"),
    ("home", "Home and money"),
)
"""Areas of life that are scored, in our own words."""
REACHED: Final = (
    ("first_contact", "First contact with the family"),
    ("meeting", "A meeting of the team around the child"),
    ("review", "A review of the plan"),
)
PAPERS: Final = (("assessment", "An assessment"), ("plan", "A plan"))
ENDINGS: Final = (
    ("needs_met", "The needs are met"),
    ("disengaged", "The family no longer takes part"),
    ("moved", "The family has moved away"),
    ("agreement_withdrawn", "The family takes its agreement back"),
    ("other", "Another reason"),
)
WHY: Final = (
    ("risk_rose", "The risk rose"),
    ("need_rose", "The need rose"),
    ("needs_met_so_far", "The needs are met so far"),
    ("plan_ended", "The plan has ended"),
    ("family_asked", "The family asked for it"),
    ("moved_home", "The family has moved"),
    ("other", "Another reason"),
)
_ON: Final = Field("on", Kind.DAY, "On which day", ("on",))
_NOTE: Final = Field("note", Kind.WORDS, "Note (optional)", ("note",), hint="For whoever has the case, now and later.")  # fmt: skip
_SCORES: Final = Group(
    tuple(
        Field(f"score-{code}", Kind.NUMBER, title, ("scores", code), width="2")
        for code, title in AREAS
    ),
    "How things are now, from 0 (worst) to 10, as family and worker see it",
    folded=True,
)
_KEPT_AS: Final = Field("kept_as", Kind.LINE, "Its number in another system (optional)", ("kept_as",), hint="Where its record is kept. Nothing about the family.", width="20")  # fmt: skip
_WHY: Final = Field("reason", Kind.LIST, "Why", ("reason",), options=WHY)


def _scored(values: Values) -> dict[str, Any]:
    found = {
        code: values[f"score-{code}"]
        for code, _ in AREAS
        if values.get(f"score-{code}") is not None
    }
    return {"scores": found} if found else {}


def _reached(values: Values, _subject: Subject) -> Sent:
    names = ("milestone", "on", "agencies", "next_on", "note", "kept_as")
    body = kept(values, *names) | _scored(values)
    return Sent(
        body, missing(values, {"milestone": "Choose what was reached", "on": "Say on which day"})
    )


def _live(subject: Subject, kind: object) -> Answer | None:
    return next(
        (one for one in subject.thing["papers"] if one["kind"] == kind and one["live"]), None
    )


def _paper_groups(subject: Subject) -> tuple[Group, ...]:
    versions = (
        ("next", "The next version of the one that there is"),
        ("anew", "Another one beside it"),
    )
    again = Field(
        "which", Kind.CHOICE, "There is one already: which is this?", (), options=versions
    )
    alive = any(one["live"] for one in subject.thing["papers"])
    return (
        Group(
            (
                Field("kind", Kind.CHOICE, "What it is", ("kind",), options=PAPERS),
                _ON,
                Field("text", Kind.WORDS, "What it says", ("text",), hint="Or, below, where it is kept."),
                _KEPT_AS,
                *((again,) if alive or subject.thing["live_elsewhere"] else ()),
            )
        ),
        _SCORES,
    )  # fmt: skip


def _paper(values: Values, subject: Subject) -> Sent:
    errors = missing(values, {"kind": "Choose what it is", "on": "Say of which day it is"})
    if not values.get("text") and not values.get("kept_as"):
        errors["text"] = "Write what it says, or where it is kept"
    body = kept(values, "kind", "on", "text", "kept_as") | _scored(values)
    before = _live(subject, values.get("kind"))
    if before is not None and not values.get("which"):
        errors["which"] = "Say whether this is its next version or another one"
    elif before is not None and values["which"] == "next":
        body["replaces"] = before["id"]
    elif values.get("which") == "anew":
        body["anew"] = True
    return Sent(body, errors)


def _close(values: Values, _subject: Subject) -> Sent:
    errors = missing(values, {"reason": "Choose why help ends", "on": "Say on which day it ends"})
    return Sent(kept(values, "reason", "on", "note") | _scored(values), errors)


def _authorities(subject: Subject) -> tuple[Group, ...]:
    return (
        Group(
            (
                Field("to", Kind.LIST, "Which authority", ("to",), options=(*subject.choices, (ELSEWHERE, "Another"))),
                Field("other", Kind.LINE, "If another: its name", (), hint="Such as Derby, or Milton Keynes."),
                _WHY,
                _NOTE,
            )
        ),
    )  # fmt: skip


def _transfer(values: Values, _subject: Subject) -> Sent:
    """Another authority goes by its name, in small letters with hyphens."""
    wrong = missing(values, {"to": "Choose the authority", "reason": "Choose why"})
    body = kept(values, "to", "reason", "note")
    if values.get("to") == ELSEWHERE:
        plain_name = "".join(one if one.isalpha() else " " for one in values.get("other") or "")
        body["to"] = "-".join(plain_name.lower().split())
        if not body["to"]:
            wrong["other"] = "Give the authority’s name"
    return Sent(body, wrong)


def _step(values: Values, _subject: Subject) -> Sent:
    errors = missing(values, {"move": "Choose where it goes", "reason": "Choose why"})
    move = values.get("move")
    body = kept(values, "reason", "note")
    body |= {"direction": "down" if move == "down" else "up", "planned": move != "up_now"}
    return Sent(body, errors)


def papers_of(work: Answer) -> tuple[tuple[str, str], ...]:
    """The live assessments and plans of a piece of work, and of the family's earlier referrals:
    what somebody reads before another is begun."""
    here = (("", one) for one in work["papers"] if one["live"])
    elsewhere = (
        ("Of an earlier referral of the family: ", one) for one in work.get("live_elsewhere") or ()
    )
    return tuple((f"{where}{_headed(one)}", _kept(one)) for where, one in (*here, *elsewhere))


def _headed(paper: Answer) -> str:
    kind = words.said(dict(PAPERS), paper["kind"])
    return f"{kind}, version {paper['version']}, {day(paper['on'])}"


def _kept(paper: Answer) -> str:
    kept_as = paper.get("kept_as")
    return paper.get("text") or (f"Kept as {kept_as}" if kept_as else "")


REACHED_ENTRY: Final = Entry(
    title="What was reached",
    button="Record it",
    done="It is recorded, and the clocks that waited for it have stopped.",
    roles=LEADING,
    path="/v1/work/{thing_id}/milestones",
    of_work=True,
    help="It counts on the day when it was, however late you record it.",
    groups=always(
        Group(
            (
                Field("milestone", Kind.CHOICE, "What was reached", ("milestone",), options=REACHED),
                _ON,
                Field("next_on", Kind.DAY, "When the next is (optional)", ("next_on",)),
                _NOTE,
                _KEPT_AS,
            )
        ),
        Group(
            (Field("agencies", Kind.SEVERAL, "Agencies", ("agencies",), options=AGENCIES),),
            "Who was there, of a meeting or a review",
            folded=True,
        ),
        _SCORES,
    ),
    sent=_reached,
)  # fmt: skip
PAPER: Final = Entry(
    title="An assessment or a plan",
    button="Keep it",
    done="It is kept. Somebody else signs it off.",
    roles=LEADING,
    path="/v1/work/{thing_id}/papers",
    of_work=True,
    help="Where there is a live one already it stands below: read it before you begin another.",
    groups=_paper_groups,
    sent=_paper,
    beside=lambda subject: papers_of(subject.thing),
    codes={"live_paper": "which"},
)
STEP: Final = Entry(
    title="More help, or less",
    button="Ask for it",
    done="It is asked. You have the case until whoever receives it accepts.",
    roles=LEADING,
    checked=True,
    path="/v1/work/{thing_id}/steps",
    of_work=True,
    help="The story goes along. Less help needs the family\u2019s agreement.",
    groups=always(
        Group(
            (
                Field("move", Kind.CHOICE, "Where it goes", ("direction",), options=(("up", "Step up: a social worker\u2019s assessment"), ("up_now", "Step up at once: a worry of now, to duty"), ("down", "Step down: early help"))),
                _WHY,
                _NOTE,
            )
        )
    ),
    sent=_step,
)  # fmt: skip
TRANSFER: Final = Entry(
    title="To another authority",
    button="Ask them",
    done="It is noted. The case stays here until they have accepted it.",
    roles=frozenset({"coordinator", "manager"}),
    checked=True,
    path="/v1/work/{thing_id}/transfer",
    of_work=True,
    of_authorities=True,
    help="An authority of this installation reads on its page Duty what goes along, and gets a referral of its own once it accepts. To any other send it in the way that you have agreed, and record on Duty what they say.",
    groups=_authorities,
    sent=_transfer,
)  # fmt: skip
AWAY: Final = replace(
    TRANSFER, path="/v1/allocations/referrals/{referral_id}/transfer", of_work=False
)
"""Of what was decided to be another authority's, whoever holds it."""
CLOSURE: Final = Entry(
    title="End help",
    button="End it",
    done="Help has ended, with its reason.",
    roles=LEADING,
    checked=True,
    path="/v1/work/{thing_id}/closure",
    of_work=True,
    help="Scores at the end, beside those at the start, say how far the family came.",
    groups=always(
        Group(
            (Field("reason", Kind.LIST, "Why it ends", ("reason",), options=ENDINGS), _ON, _NOTE)
        ),
        _SCORES,
    ),
    sent=_close,
)
