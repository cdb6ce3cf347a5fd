"""What a receiver gives back, and what somebody of an agency is asked to do."""

from typing import Final

from contracts import codes
from services.console.moving import GIVEN_BACK
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

RECEIVERS: Final = frozenset({"practitioner", "manager", "duty", "coordinator"})


def _step(subject: Subject, thing_id: str) -> Answer | None:
    """The step whose receiver is pointed to, while it waits for an answer."""
    steps = subject.read.moves.data.get("steps", ())
    return next(
        (one for one in steps if one["state"] == "asked" and one.get("to_id") == thing_id), None
    )


def _why(subject: Subject) -> tuple[tuple[str, str], ...]:
    note = subject.thing.get("note")
    return (("What was written when it was asked", note),) if note else ()


def _asked(subject: Subject) -> tuple[Group, ...]:
    return (
        Group(
            (
                Field("worker_id", Kind.LIST, "Who is asked", ("worker_id",), options=subject.choices, hint="Of those on the register."),
                Field("kind", Kind.LIST, "What kind of help", ("kind",), options=options(codes.HELP), hint="It has to be within their agency\u2019s role. What the law gives to a social worker is asked of nobody else."),
                Field("text", Kind.WORDS, "What they are asked to do", ("text",), hint="Written for them. They see this, and no more of the family: say who it is about."),
                Field("by", Kind.DAY, "By when", ("by",)),
            )
        ),
    )  # fmt: skip


def _sent(values: Values, _subject: Subject) -> Sent:
    return Sent(
        kept(values, "worker_id", "kind", "text", "by"),
        missing(
            values,
            {
                "worker_id": "Choose who is asked",
                "kind": "Choose what kind of help",
                "text": "Write what they are asked to do",
                "by": "Say by when",
            },
        ),
    )


GIVE_BACK: Final = Entry(
    title="Give it back",
    button="Give it back",
    done="It is given back. Whoever had it has it still, and sees why.",
    roles=RECEIVERS,
    path="/v1/allocations/{thing_id}/return",
    help="Whoever asked sees what you write here.",
    groups=always(
        Group(
            (
                Field("reason", Kind.LIST, "Why", ("reason",), options=GIVEN_BACK),
                Field("note", Kind.WORDS, "What they should know (optional)", ("note",)),
            )
        )
    ),
    sent=plain({"reason": "Choose why"}, "note"),
    find=_step,
    beside=_why,
)
ACTION: Final = Entry(
    title="Ask an agency to do something",
    button="Ask them",
    done="They are asked. They have yet to accept.",
    roles=RECEIVERS | {"panel_chair"},
    checked=True,
    path="/v1/allocations/referrals/{referral_id}/actions",
    help="They accept or decline with their own account or system; a coordinator may note it for them.",
    groups=_asked,
    sent=_sent,
    of_register=True,
)
