"""Figures in a sentence: ages ("9 weeks", "aged 4 months", "9/52", "8 year old") and shares."""

from collections.abc import Sequence

from policy.reader.phrases import NUMBERS

# Below this age a child is taken to be unable to move about, unless the text says otherwise.
_MOBILE_FROM_WEEKS = 26
_YEAR_WEEKS = 52
# Too young to agree to anything sexual, and old enough that it is said of them.
_TEN, _THIRTEEN = 10, 13
# Somebody of these years is an adult, if one speaks of a boyfriend.
_ADULT, _OLD_AGE = 18, 70

_WEEKS = {
    **dict.fromkeys(("day", "days"), 1 / 7),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "weeks'"), 1.0),
    **dict.fromkeys(("month", "months", "mth", "mths", "mo"), 52 / 12),
    **dict.fromkeys(("year", "years", "yr", "yrs", "yo", "yrs'"), 52.0),
}
_HAND = {"7": 1 / 7, "52": 1.0, "12": 52 / 12}
_OLD = frozenset({"old", "olds", "old's"})
_NO_AGE_AFTER = frozenset(
    [
        "ago",
        "pregnant",
        "gestation",
        "later",
        "sober",
        "clean",
        "waiting",
        "into",
        "before",
        "after",
        "since",
        "apart",
        "overdue",
        "premature",
        "early",
        "prem",
        "pregnancy",
        "wait",
        "sentence",
    ]
)
_NO_AGE_BEFORE = frozenset(
    [
        "for",
        "past",
        "last",
        "over",
        "within",
        "in",
        "after",
        "every",
        "since",
        "next",
        "previous",
        "another",
        "few",
        "several",
        "following",
    ]
)
_AGE_BEFORE = frozenset({"aged", "age", "now", "is", "only", "turned", "(", ","})
_AGED = frozenset(
    {"aged", "age", "is", "he's", "she's", "they're", "only", "just", "turned", "about"}
)
_ENDS_AGE = frozenset({"", ",", ")", "and", "but", "(", "or", "who", "now", "so", "with"})
_YOUNG = frozenset(
    [
        "baby",
        "babies",
        "infant",
        "newborn",
        "child",
        "boy",
        "girl",
        "son",
        "daughter",
        "twin",
        "twins",
    ]
)

Found = tuple[tuple[str, ...], int, int]


# Attendance under these shares, in per cent, is persistent, or severe, absence.
_PERSISTENT, _SEVERE = 90, 50
_PER_CENT = frozenset({"%", "percent"})


def figure_at(part: Sequence[str], position: int) -> Found | None:
    """The age or share that begins at a token, as concepts with the first and last token."""
    word = part[position]
    if not word[0].isdecimal() and word not in NUMBERS:
        return None
    return (
        _age_at(part, position)
        or _share_at(part, position)
        or _gestation_at(part, position)
        or _bare_age_at(part, position)
    )


def _gestation_at(part: Sequence[str], position: int) -> Found | None:
    """Weeks of a pregnancy as midwives write them, 31/40."""
    return (("PREGNANT",), position, position) if part[position].endswith("/40") else None


def _bare_age_at(part: Sequence[str], position: int) -> Found | None:
    """An age without its unit: "Sam (12)", "she's 14", "who is 24", "aged 6"."""
    word = part[position]
    before = part[position - 1] if position else ""
    after = part[position + 1] if position + 1 < len(part) else ""
    bracketed = before == "(" and after == ")"
    if len(word) > 2 or not word.isdecimal():
        return None
    if not (bracketed or before == "aged" or (before in _AGED and after in _ENDS_AGE)):
        return None
    years = int(word)
    if not 0 < years < _OLD_AGE:
        return None
    first = position - (1 if bracketed else 0)
    last = position + (1 if bracketed else 0)
    if years >= _ADULT:
        return ("AGE_ADULT",), first, last
    preteen = _TEN <= years < _THIRTEEN
    return ("AGE_OLDER", "AGE_TEN_TO_TWELVE") if preteen else ("AGE_OLDER",), first, last


def _share_at(part: Sequence[str], position: int) -> Found | None:
    word = part[position]
    after = part[position + 1] if position + 1 < len(part) else ""
    if after in _PER_CENT:
        last = position + 1
    elif after == "per" and position + 2 < len(part) and part[position + 2] == "cent":
        last = position + 2
    else:
        return None
    if len(word) > 5 or "/" in word or not word[0].isdecimal():
        return None
    share = float(word)
    if share >= _PERSISTENT:
        return None
    low = ("PERCENT_LOW",) if share >= _SEVERE else ("PERCENT_LOW", "PERCENT_VERY_LOW")
    return low, position, last


def _age_at(part: Sequence[str], position: int) -> Found | None:
    weeks, last = _length(part, position)
    if weeks is None or not _is_age(part, position, last, years=weeks >= _YEAR_WEEKS):
        return None
    if weeks < _MOBILE_FROM_WEEKS:
        return ("AGE_BABY", "AGE_UNDER_1"), position, last
    if weeks < _YEAR_WEEKS:
        return ("AGE_UNDER_1",), position, last
    if weeks >= _ADULT * _YEAR_WEEKS:
        return ("AGE_ADULT",), position, last
    preteen = _TEN * _YEAR_WEEKS <= weeks < _THIRTEEN * _YEAR_WEEKS
    return ("AGE_OLDER", "AGE_TEN_TO_TWELVE") if preteen else ("AGE_OLDER",), position, last


def _length(part: Sequence[str], position: int) -> tuple[float | None, int]:
    word = part[position]
    number, _, unit = word.partition("/")
    if unit:
        return (float(number) * _HAND[unit], position) if unit in _HAND else (None, position)
    following = part[position + 1] if position + 1 < len(part) else ""
    if following not in _WEEKS:
        return None, position
    # A figure of absurd length is no age, and turning it into a number would be slow.
    if len(word) > 4 and word[0].isdecimal():
        return None, position
    count = float(word) if word[0].isdecimal() else float(NUMBERS[word])
    return count * _WEEKS[following], position + 1


def _is_age(part: Sequence[str], first: int, last: int, *, years: bool) -> bool:
    after = list(part[last + 1 : last + 4])
    before = list(part[max(0, first - 3) : first])
    if (after and after[0] in _OLD) or after[:2] == ["of", "age"]:
        return True
    if (after and after[0] in _NO_AGE_AFTER) or (before and before[-1] in _NO_AGE_BEFORE):
        return False
    if part[last] == "yo" or (after and after[0] in _YOUNG):
        return True
    if "/" in part[first]:
        return any(_is_young(word) for word in part[max(0, first - 8) : first])
    if not before:
        return False
    named = any(_is_young(word) for word in before)
    introduced = before[-1] in _AGE_BEFORE and (named or years or before[-1] == "aged")
    return introduced or _is_young(before[-1])


def _is_young(word: str) -> bool:
    return word.removesuffix("'s") in _YOUNG
