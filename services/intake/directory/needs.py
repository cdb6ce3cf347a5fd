"""Which needs a service answers, by the words that its directory uses: its categories first of all.

Each need is a concern's code. A word stands for every word that begins with it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

_WORDS: Final[Mapping[str, str]] = {
    "domestic_abuse": "domestic abuse|domestic violence|refuge|coercive",
    "parental_mental_ill_health": "adult mental health|perinatal mental|postnatal depression",
    "parental_substance_misuse": "substance misuse|drugs and alcohol|drug and alcohol|addiction",
    "child_mental_ill_health": "mental health|wellbeing|counsel|anxiety|emotional support|camhs",
    "self_harm": "self-harm|self harm|suicid",
    "sexual_abuse": "sexual abuse|sexual violence|rape",
    "sexual_exploitation": "sexual exploitation",
    "criminal_exploitation": "criminal exploitation|county lines",
    "gangs": "gang|knife|youth violence",
    "missing": "missing from home|runaway",
    "radicalisation": "radicalis|extremis",
    "young_carer": "young carer",
    "poor_attendance": "attendance|school refus|education welfare",
    "exclusion": "exclusion|excluded|alternative provision",
    "behaviour": "behaviour|anger",
    "parenting_support": "parenting|family support|parent group|family hub|children's centre",
    "housing": "housing|homeless|tenan",
    "financial_hardship": "debt|benefit|food bank|foodbank|hardship|money advice|budgeting",
    "disability": "disab|special educational|autis|adhd",
    "child_learning_disability": "learning disab",
    "health": "health visit|immunis|nutrition|healthy weight",
    "bereavement": "bereave|grief|grieving",
    "unborn_child": "antenatal|pregnan|midwif",
    "online_harm": "online safety|cyberbull",
}
_FINDERS: Final = {
    code: re.compile(rf"\b(?:{words})", re.IGNORECASE) for code, words in _WORDS.items()
}


def needs_in(texts: Iterable[str | None]) -> tuple[str, ...]:
    """The needs that any of some texts speaks of, in order of their codes."""
    said = "\n".join(filter(None, texts))
    return tuple(sorted(code for code, words in _FINDERS.items() if words.search(said)))
