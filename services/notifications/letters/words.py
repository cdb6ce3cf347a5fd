"""What each outcome means, as a parent reads it."""

from dataclasses import dataclass
from typing import Final

from contracts.events import Outcome


@dataclass(frozen=True, slots=True)
class FamilyWords:
    """`next`: what happens. `choice`: the family may say no to it. `contact`: somebody gets in
    touch with them."""

    title: str
    next: str
    choice: bool = False
    contact: bool = True


WORDS: Final = {
    Outcome.CHILD_AND_FAMILY_ASSESSMENT: FamilyWords(
        "A social worker will meet you",
        "A social worker will ring you to agree when to visit. They want to hear from you, and "
        "from your child, how things are. Then you look together at what would help.",
    ),
    Outcome.EARLY_HELP_ASSESSMENT: FamilyWords(
        "We would like to offer you some help",
        "One worker will ask you what is going well and what is hard, and plan with you what "
        "would help.",
        choice=True,
    ),
    Outcome.LOCALITY_PANEL: FamilyWords(
        "Local services will look at who can help you best",
        "People from services near you will meet. After that, one of them will get in touch "
        "with you.",
        choice=True,
    ),
    Outcome.SINGLE_AGENCY_SUPPORT: FamilyWords(
        "One local service can help",
        "Somebody from that service will get in touch with you.",
        choice=True,
    ),
    Outcome.INFORMATION_AND_ADVICE: FamilyWords(
        "We have some advice on what could help",
        "No new worker will visit you because of this. Ring us to talk about the advice.",
        contact=False,
    ),
    Outcome.NO_FURTHER_ACTION: FamilyWords(
        "We do not need to do anything more",
        "No worker will visit you because of this. You can still ring us whenever you want help.",
        contact=False,
    ),
    Outcome.ALREADY_OPEN: FamilyWords(
        "The worker you know will talk with you",
        "You have a worker already. We have told them what we heard, and they will talk with you "
        "about it.",
    ),
    Outcome.ANOTHER_AUTHORITY: FamilyWords(
        "Another council will get in touch",
        "You live in the area of another council. We have passed on what we were told, and they "
        "will decide what happens next.",
    ),
}
