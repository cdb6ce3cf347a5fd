"""Answering a disagreement stage by stage, and saying that words which the reader found mean
something else."""

from typing import Any, Final

from contracts import codes
from services.console import asked, opened, words
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
    plain,
)
from services.console.referring.shapes import Field, Kind, options

ANSWERING: Final = frozenset({"practitioner", "manager"})
OUTCOMES: Final = (
    ("upheld", "The decision stands"),
    ("changed", "The decision changes: it is rated again with this"),
    ("partly", "Partly: something is added or said anew"),
)
_UNCONVINCED: Final = Field(
    "because", Kind.WORDS, "Why the answer does not convince them", ("because",),
    hint="In their own words, where you have them.",
)  # fmt: skip
_DISMISSED: Final = Field(
    "because", Kind.CHOICE, "Why they mean something else", ("because",),
    options=options(codes.DISMISSED_BECAUSE),
)  # fmt: skip
RATING: Final = frozenset({"child_id", "rag", "rationale", "analysis", "clauses"})


def _of(subject: Subject, thing_id: str, *states: str) -> Answer | None:
    for one in subject.read.disagreements.items:
        if one.get("disagreement_id") == thing_id and one["state"] in states:
            return one
    return None


def _open(subject: Subject, thing_id: str) -> Answer | None:
    return _of(subject, thing_id, "open")


def _running(subject: Subject, thing_id: str) -> Answer | None:
    return _of(subject, thing_id, "open", "answered")


def _both_sides(subject: Subject) -> tuple[tuple[str, str], ...]:
    return asked.said(subject.thing, subject.now)


def _answer_groups(subject: Subject) -> tuple[Group, ...]:
    clauses = subject.pack.clauses.values() if subject.pack else ()
    which = tuple((child.child_id, child.called) for child in subject.people)
    rating = (
        Field("rag", Kind.CHOICE, "New rating", ("rating", "rag"), options=tuple(words.RAG.items())),
        *((Field("child_id", Kind.LIST, "Which child (all, unless you choose)", ("rating", "child_id"), options=which),) if len(which) > 1 else ()),
        Field("rationale", Kind.WORDS, "Rationale", ("rating", "rationale"), hint="Why it changes, in words for the referrer."),
        Field("analysis", Kind.WORDS, "Analysis (optional)", ("rating", "analysis"), hint="The hub's own record. It never leaves the hub."),
        Field("clauses", Kind.SEVERAL, "Clauses of the thresholds guidance", ("rating", "clauses"), options=tuple((one.id, f"{one.id}, level {one.level}: {one.title}") for one in clauses)),
    )  # fmt: skip
    return (
        Group(
            (
                Field("outcome", Kind.CHOICE, "What the hub answers", ("outcome",), options=OUTCOMES),
                Field("words", Kind.WORDS, "The answer", ("words",), hint="Written for whoever disagrees."),
                Field("theme", Kind.LIST, "What there is to learn from it", ("theme",), options=options(codes.LEARNING_THEMES), hint="Needed unless the decision stands."),
            )
        ),
        Group(rating, "The new rating, where the decision changes", folded=True),
    )  # fmt: skip


def _answer(values: Values, _subject: Subject) -> Sent:
    errors = missing(
        values, {"outcome": "Choose what the hub answers", "words": "Write the answer"}
    )
    body: dict[str, Any] = kept(values, "outcome", "words", "theme")
    rating = kept(values, *RATING)
    if values.get("outcome") in ("changed", "partly"):
        errors |= missing(values, {"theme": "Choose what there is to learn from it"})
    if values.get("outcome") == "changed" or rating:
        errors |= missing(
            values,
            {"rag": "Choose the new rating", "rationale": "Write the rationale of the new rating"},
        )
        body["rating"] = rating
    return Sent(body, errors, {"/rating": "rag"})


def _finding(subject: Subject, thing_id: str) -> Answer | None:
    for sign in subject.read.case.data.get("suggestion", {}).get("reasons", ()):
        if thing_id and opened.finding_key(sign) == thing_id:
            _, text = opened.written(subject.read).get(sign["text"], ("", ""))
            return {**sign, "quote": text[sign["start"] : sign["end"]]}
    return None


def _dismissal(values: Values, subject: Subject) -> Sent:
    one = subject.thing
    body = {name: one[name] for name in ("indicator", "text", "start", "end")}
    return Sent(
        {**body, **kept(values, "because")},
        missing(values, {"because": "Choose why they mean something else"}),
    )


def _words_found(subject: Subject) -> tuple[tuple[str, str], ...]:
    one = subject.thing
    title = one.get("title") or words.sentence(one["indicator"])
    return ((f"Read as: {title}", one["quote"]),) if one.get("quote") else ((title, ""),)


ANSWER = Entry(
    title="Answer a disagreement",
    button="Answer",
    done="The answer is recorded, and whoever disagrees is told.",
    roles=ANSWERING,
    path="/v1/triage/referrals/{referral_id}/disagreements/{thing_id}/answer",
    help="From stage 2 a manager answers who decided nothing about this referral.",
    groups=_answer_groups,
    sent=_answer,
    find=_open,
    beside=_both_sides,
)
FURTHER = Entry(
    title="Take a disagreement further",
    button="Take it to the next stage",
    done="The disagreement is at its next stage, with the owner and the clock of that stage.",
    roles=ANSWERING,
    path="/v1/triage/referrals/{referral_id}/disagreements/{thing_id}/escalation",
    help="For somebody who asks by telephone.",
    groups=always(Group((_UNCONVINCED,))),
    sent=plain({"because": "Say why the answer does not convince them"}),
    find=_running,
    beside=_both_sides,
)
END = Entry(
    title="End a disagreement",
    button="It is over",
    done="The disagreement is over.",
    roles=ANSWERING,
    path="/v1/triage/referrals/{referral_id}/disagreements/{thing_id}/conclusion",
    help="Where whoever disagrees told you that they accept the answer, or withdraw.",
    groups=always(),
    sent=plain({}),
    find=_running,
    beside=_both_sides,
)
DISMISSAL = Entry(
    title="Words that mean something else",
    button="Dismiss what was read",
    done="It is recorded that these words mean something else. The suggestion stands as it was.",
    roles=ANSWERING,
    qualified=True,
    path="/v1/triage/referrals/{referral_id}/dismissals",
    help="It changes no suggestion: it stands beside it with your name and the reason.",
    groups=always(Group((_DISMISSED,))),
    sent=_dismissal,
    find=_finding,
    beside=_words_found,
)
