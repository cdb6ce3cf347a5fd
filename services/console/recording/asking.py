"""Asking an agency or the referrer, writing down what they say, and taking a question back."""

from typing import Final

from contracts import codes
from services.console import asked
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
from services.console.referring.shapes import AGENCIES, YES_NO, Field, Kind, options

ASKING: Final = frozenset({"practitioner", "manager"})
REFERRER: Final = (asked.REFERRER, "The referrer")
BASES: Final = options(codes.LAWFUL_BASES)
WAYS: Final = (
    ("telephone", "I telephone them, and write the answer down"),
    ("email", "A link by email, to a page for this one question"),
    ("system", "Their own system, which is registered here"),
)

_WHO = Field("of", Kind.LIST, "Who is asked", ("of",), options=(REFERRER, *AGENCIES))
_HOW = (
    Field(
        "way", Kind.CHOICE, "How they are asked", (), options=WAYS,
        hint="The referrer is asked the way that they referred.",
    ),
    Field(
        "email", Kind.LINE, "Email address", ("email",), autocomplete="email",
        hint="For a link. It goes to domains that the authority trusts.",
    ),
    Field(
        "organisation", Kind.LINE, "Organisation", (),
        hint="For their own system. Three letters or more of its name.",
    ),
)  # fmt: skip
_WHAT = (
    Field(
        "need", Kind.WORDS, "What you need to know, and why", ("need",),
        hint="They read this. Ask for what the decision needs, and no more.",
    ),
    Field(
        "shared", Kind.WORDS, "What they are told about the family", ("shared",),
        hint="All that reaches them of this referral. Say who the children are, so that they can look.",
    ),
    Field("basis", Kind.LIST, "Lawful basis", ("basis",), options=BASES),
)  # fmt: skip
_PARENTS = (
    Field("parents_told", Kind.YES_NO, "Do the parents know that others are asked?", ("parents_told",), options=YES_NO),
    Field(
        "not_told_because", Kind.LIST, "If not, why", ("not_told_because",),
        options=options(codes.REASONS_NOT_INFORMED),
        hint="Where it is not Red and the parents do not know, a manager asks, and chooses a reason.",
    ),
)  # fmt: skip


def _ask_groups(subject: Subject) -> tuple[Group, ...]:
    how: tuple[Field, ...] = _HOW
    if subject.choices:
        which = Field("organisation_id", Kind.CHOICE, "Which of them", ("organisation_id",), options=subject.choices)  # fmt: skip
        how = (*_HOW, which)
    return (
        Group((_WHO, *how)),
        Group(_WHAT, "The question"),
        Group(_PARENTS, "The parents"),
    )


def _ask(values: Values, subject: Subject) -> Sent:
    errors = missing(
        values,
        {
            "of": "Choose who is asked",
            "need": "Say what you need to know, and why",
            "parents_told": "Say whether the parents know",
        },
    )
    body = kept(values, "of", "need", "shared", "parents_told", "not_told_because")
    body["basis"] = values.get("basis") or "public_task"
    way = values.get("way")
    if values.get("of") == asked.REFERRER:
        return Sent(body, errors)
    errors |= missing(
        values,
        {
            "way": "Choose how they are asked",
            "shared": "Say what the agency is told, so that it can look",
        },
    )
    if way == "email":
        errors |= missing(values, {"email": "Write the email address"})
        body |= kept(values, "email")
    elif way == "system":
        if subject.choices:
            errors |= missing(values, {"organisation_id": "Choose the organisation"})
            body |= kept(values, "organisation_id")
        else:
            errors |= missing(values, {"organisation": "Write the organisation's name"})
    # Where nothing was chosen from, the name alone was typed: what is wrong with an id is said there.
    names = {} if subject.choices else {"/organisation_id": "organisation"}
    return Sent(body, errors, names)


def _known(subject: Subject) -> dict[str, list[str]]:
    told = subject.read.case.data.get("parents_informed")
    found = {"basis": ["public_task"]}
    if told is not None:
        found["parents_told"] = ["yes" if told else "no"]
    reason = subject.read.case.data.get("reason_not_informed")
    if told is False and reason:
        found["not_told_because"] = [str(reason)]
    return found


def _open_request(subject: Subject, thing_id: str) -> Answer | None:
    for one in subject.read.checks.items:
        if one.get("request_id") == thing_id and one["state"] == "open":
            return one
    return None


def _question(subject: Subject) -> tuple[tuple[str, str], ...]:
    one = subject.thing
    said = (
        (f"Asked of {asked.of(one['of'])}", one.get("need") or ""),
        ("They were told", one.get("shared") or ""),
    )
    return tuple((title, text) for title, text in said if text)


_REPLY: Final = (
    Field("answered_by", Kind.LINE, "Who answered", ("answered_by",), hint="Name and role."),
    Field("information", Kind.WORDS, "What they said", ("information",), hint="The rules read it, and may raise the suggestion."),
    Field("nothing_known", Kind.TICKED, "They looked, and know nothing of the family", ("nothing_known",)),
    Field("handling", Kind.CHOICE, "What they allow to be done with it", ("handling",), options=options(codes.HANDLING)),
    Field("conditions", Kind.LINE, "Conditions (optional)", ("conditions",), hint="What the mark does not say."),
)  # fmt: skip


def _reply(values: Values, _subject: Subject) -> Sent:
    errors = missing(
        values,
        {
            "answered_by": "Say who answered",
            "handling": "Choose what they allow to be done with it",
        },
    )
    if bool(values.get("information")) == bool(values.get("nothing_known")):
        errors["information"] = "Write what they said, or tick that they know nothing: one of them"
    body = kept(values, "answered_by", "information", "nothing_known", "handling", "conditions")
    return Sent(body, errors)


ASK = Entry(
    title="Ask for information",
    button="Ask",
    done="They are asked. The answer is due by the clock that the guidance gives for it.",
    roles=ASKING,
    checked=True,
    path="/v1/triage/referrals/{referral_id}/checks",
    help="The rating stands, and nothing waits for the answer. Whoever decides sees what came back.",
    groups=_ask_groups,
    sent=_ask,
    prefill=_known,
    codes={"manager_needed": "parents_told", "already_asked": "of"},
)
REPLY = Entry(
    title="Write down an answer",
    button="Keep the answer",
    done="The answer is kept. Whoever decides has to have seen it.",
    roles=ASKING,
    path="/v1/triage/referrals/{referral_id}/checks/{thing_id}/reply",
    groups=always(Group(_REPLY)),
    sent=_reply,
    find=_open_request,
    beside=_question,
)
TAKE_BACK = Entry(
    title="Take a question back",
    button="Take it back",
    done="The question is taken back. Its link and its clock have ended.",
    roles=ASKING,
    path="/v1/triage/referrals/{referral_id}/checks/{thing_id}/withdrawal",
    help="Its link and its clock end. Whoever has not answered by then no longer can.",
    groups=always(Group((Field("reason", Kind.WORDS, "Why it is taken back", ("reason",)),))),
    sent=plain({"reason": "Say why the question is taken back"}),
    find=_open_request,
    beside=_question,
)
