"""Whether two people on two forms are one: keys that bring them together, and a score with reasons.

Pure. Weights, limits and nicknames are the pack's (docs/decisions/0025).
"""

from policy.matching.blocking import block_keys
from policy.matching.comparing import Compared, NameFrequency, compare
from policy.matching.person import Person, plain_name
from policy.matching.section import MatchingSection
from policy.matching.verdict import State, Verdict, judge, twins

__all__ = [
    "Compared",
    "MatchingSection",
    "NameFrequency",
    "Person",
    "State",
    "Verdict",
    "block_keys",
    "compare",
    "judge",
    "plain_name",
    "twins",
]
