"""Words of messages: plain English that a parent could follow. Times are London's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from contracts.events import Outcome, Rag
from policy.working_time import LONDON

TEXT_WIDTH = 72

# Solid colours with text on them that reads well (contrast of at least 4.5 to 1).
COLOURS = {
    Rag.RED: ("#ca3535", "#ffffff"),
    Rag.AMBER: ("#ffdd00", "#0b0c0c"),
    Rag.GREEN: ("#0f7a52", "#ffffff"),
    Rag.NONE: ("#505a5f", "#ffffff"),
}


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """An outcome as the referrer reads it, `title` within a sentence."""

    title: str
    meaning: str


OUTCOMES = {
    Outcome.STRATEGY_DISCUSSION: OutcomeWords(
        "strategy discussion",
        "Social workers, the police and health meet straight away. They agree how to keep the "
        "child safe and whether to start a child protection enquiry.",
    ),
    Outcome.CHILD_AND_FAMILY_ASSESSMENT: OutcomeWords(
        "child and family assessment",
        "A social worker meets the child and the family to learn what life is like for them and "
        "what help they need.",
    ),
    Outcome.EARLY_HELP_ASSESSMENT: OutcomeWords(
        "early help assessment",
        "If the family agrees, one person sits down with them to find out what would help before "
        "things get harder.",
    ),
    Outcome.LOCALITY_PANEL: OutcomeWords(
        "locality panel",
        "Local services meet and agree who is best placed to help the family.",
    ),
    Outcome.SINGLE_AGENCY_SUPPORT: OutcomeWords(
        "support from one service", "One service can give the help that is needed."
    ),
    Outcome.INFORMATION_AND_ADVICE: OutcomeWords(
        "information and advice",
        "We give advice on what could help. No new service starts work with the family.",
    ),
    Outcome.NO_FURTHER_ACTION: OutcomeWords(
        "no further action by us",
        "We do not take this further now. You can refer again whenever something changes.",
    ),
    Outcome.ALREADY_OPEN: OutcomeWords(
        "somebody already works with the child",
        "We have passed what you told us to the worker who knows the child.",
    ),
    Outcome.ANOTHER_AUTHORITY: OutcomeWords(
        "passed to another council",
        "The child lives in another council's area. We have passed your referral on, and look "
        "after it until they accept it.",
    ),
}

PANEL_OUTCOMES = {
    "support_agreed": OutcomeWords(
        "support is agreed",
        "Services at the meeting agreed how they help, and get in touch with the family.",
    ),
    "lead_agreed": OutcomeWords(
        "one person takes the lead",
        "The panel agreed who brings the family's help together. That person gets in touch with "
        "the family.",
    ),
    "step_up": OutcomeWords(
        "more help is needed",
        "The panel thinks that the family needs more than it can give. It asks social care to look "
        "at it.",
    ),
    "no_further_help": OutcomeWords(
        "no more help for now",
        "The panel has no more help to offer for now. You can refer again whenever something "
        "changes.",
    ),
    "theme_noted": OutcomeWords(
        "no family was named",
        "The family has not agreed to be talked about there. So the panel spoke of this kind of "
        "need alone. A team goes on with what was decided.",
    ),
    "deferred": OutcomeWords(
        "not settled yet", "The panel looks at it again when it next meets, and we write again."
    ),
}
PANEL_LOOKED = OutcomeWords("it was looked at", "Ring us to learn what was agreed.")

FAMILY_TOLD = (
    "We told the family on {day}. Before you speak with them about this, ask us what they know."
)
FAMILY_KNEW = (
    "The family knows already. Before you speak with them about this, ask us what they know."
)
FAMILY_WITHHELD = (
    "We are not telling the family about this for now. Please do not speak with them about it "
    "before you have asked us."
)
FAMILY_NOT_YET = (
    "We have not told the family yet. Before you speak with them about this, ask us what they know."
)


@lru_cache(maxsize=1000)
def day(on: date) -> str:
    """`Friday 20 November 2026`."""
    return f"{on:%A} {on.day} {on:%B %Y}"


def moment(at: datetime) -> str:
    """`4.05pm on Friday 20 November 2026`, in London."""
    local = at.astimezone(LONDON)
    hour = local.hour % 12 or 12
    minutes = f".{local.minute:02}" if local.minute else ""
    return f"{hour}{minutes}{'am' if local.hour < 12 else 'pm'} on {day(local.date())}"


def paragraphs(text: str) -> list[str]:
    """The paragraphs of what somebody wrote, each on one line."""
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return [" ".join(block.split()) for block in blocks if block.strip()]


def wrapped(text: str, indent: int = 0) -> str:
    """`text` in lines short enough for any mail reader; lines after the first are indented, and
    telephone numbers are kept whole."""
    # As textwrap fills, which was a third of the time that a message took to write.
    rest = " ".join(text.split())
    lines, room = [], TEXT_WIDTH
    while len(rest) > room:
        end = _gap(rest, room)
        if end < 0:
            break
        lines.append(rest[:end])
        rest, room = rest[end + 1 :], TEXT_WIDTH - indent
    lines.append(rest)
    return f"\n{' ' * indent}".join(lines)


def _gap(words: str, room: int) -> int:
    """Where a line of at most `room` characters ends, or as soon after it as can be; -1 for nowhere.
    Never between two digits."""
    end = words.rfind(" ", 0, room + 1)
    while end > 0 and words[end + 1].isdigit() and words[end - 1].isdigit():
        end = words.rfind(" ", 0, end)
    if end < 0:
        end = words.find(" ", room)
        while end > 0 and words[end + 1].isdigit() and words[end - 1].isdigit():
            end = words.find(" ", end + 1)
    return end


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
