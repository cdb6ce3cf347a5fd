"""That the school, or the family, was told, or why they are not."""

from typing import Any, Final

from contracts import codes
from services.console.recording.shapes import Entry, Group, Sent, Subject, Values, kept, missing
from services.console.recording.talking import moment
from services.console.referring.shapes import YES_NO, Field, Kind, options

TELLING: Final = frozenset({"practitioner", "manager", "duty", "coordinator"})
PATH: Final = "/v1/allocations/referrals/{referral_id}/tellings"
SETTLED: Final = (
    ("yes", "They were told"),
    ("no", "They are not to be told, for a reason"),
)
_WHEN: Final = (
    Field("told_on", Kind.DAY, "On which day", ("at",)),
    Field("told_time", Kind.LINE, "At what time", (), width="5", hint="24-hour clock, such as 08:10."),
)  # fmt: skip
_SAFELY: Final = Field(
    "safe_contact", Kind.YES_NO, "Was it made sure that it reached them safely?", ("safe_contact",),
    options=YES_NO,
    hint="Needed where there is a worry about domestic abuse and they were written to: that the "
    "parent who is harmed gets it, in the way that they said is safe, and nobody else.",
)  # fmt: skip


def _groups(whom: codes.Told) -> tuple[Group, ...]:
    school = whom is codes.Told.SCHOOL
    reasons = tuple(
        (code, title)
        for code, title in options(codes.NOT_TOLD_BECAUSE)
        if school or code not in codes.ONLY_OF_SCHOOLS
    )
    asked = "The school and who was told there" if school else "Who was told"
    hint = (
        "Name and post. Where the children go to several schools, name all."
        if school
        else "A parent, a carer, the young person: name and who they are to the child."
    )
    how = Field("how", Kind.CHOICE, "How they were told", ("how",), options=options(codes.TOLD_HOW))
    said = "What they said, and do now" if school else "What they said"
    return (
        Group((Field("told", Kind.CHOICE, "Were they told?", (), options=SETTLED),)),
        Group(
            (
                Field("to", Kind.LINE, asked, ("to",), hint=hint),
                how,
                *_WHEN,
                *(() if school else (_SAFELY,)),
            ),
            "If they were told",
        ),
        Group(
            (Field("not_because", Kind.LIST, "Why not", ("not_because",), options=reasons),),
            "If they are not to be told",
        ),
        Group((Field("words", Kind.WORDS, f"{said}, or more of the reason (optional)", ("words",)),)),
    )  # fmt: skip


def _sent(whom: codes.Told, values: Values, subject: Subject) -> Sent:
    told = values.get("told")
    body: dict[str, Any] = {"whom": whom, **kept(values, "words")}
    errors = missing(values, {"told": "Say whether they were told"})
    if told == "yes":
        errors |= missing(
            values,
            {
                "to": "Say who was told",
                "how": "Choose how they were told",
                "told_on": "Say on which day they were told",
                "told_time": "Say at what time they were told",
            },
        )
        body |= kept(values, "to", "how", "safe_contact")
        try:
            body["at"] = moment(values, "told_on", "told_time")
        except ValueError as wrong:
            errors["told_time"] = str(wrong)
    elif told == "no":
        errors |= missing(values, {"not_because": "Choose why they are not to be told"})
        body |= kept(values, "not_because")
        body["at"] = subject.now.isoformat()
    return Sent(body, errors, {"/at": "told_on"})


SCHOOL: Final = Entry(
    title="Telling the school",
    button="Record it",
    done="It is recorded, and the clock that waited for it has stopped.",
    roles=TELLING,
    path=PATH,
    help="A school that knows before the day begins can look after the child. Could you not reach "
    "anybody? Then nothing is recorded here, and the clock runs on.",
    groups=lambda _subject: _groups(codes.Told.SCHOOL),
    sent=lambda values, subject: _sent(codes.Told.SCHOOL, values, subject),
)
FAMILY: Final = Entry(
    title="Telling the family",
    button="Record it",
    done="It is recorded whether the family was told.",
    roles=TELLING,
    path=PATH,
    help="Speak with them before you write. Nothing is posted or emailed to the home without a "
    "safe-contact check. Could you not reach them? Then nothing is recorded here yet.",
    groups=lambda _subject: _groups(codes.Told.FAMILY),
    sent=lambda values, subject: _sent(codes.Told.FAMILY, values, subject),
)
