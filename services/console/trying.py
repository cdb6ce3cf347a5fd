"""Trying a version of the guidance on past referrals: what was asked for, and what triage found, in
words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from policy.loading import PackSet
from policy.pack import Pack
from services.console import words
from services.console.forms import Typed

PATH = "/v1/triage/trials"
SECONDS = 60.0
"""Triage answers after 40 at the latest."""
OF_THE_TIME = ""
"""Compared with the version that held when each referral came."""
SIGNS = 30
"""How many signs are shown."""

_HOW = {
    "found": "Found now, and was not",
    "lost": "No longer found",
    "moved": "Placed elsewhere, or weighed otherwise",
}
_NOT_RATED = {"texts_not_here": "Their texts have been destroyed"}


@dataclass(frozen=True, slots=True)
class Move:
    """From one colour to another, and how many referrals."""

    was: str
    now: str
    referrals: int


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign that has to do with changes: `clause` in the version that is tried, or in the earlier
    one where it is no longer found; `was`: where it stood before, if elsewhere."""

    how: str
    title: str
    clause: str
    was: str | None
    referrals: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A referral that would be rated differently."""

    referral_id: str
    reference: str
    was: str
    now: str
    also: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a trial found."""

    pack: Pack
    finding: str
    cut: str
    moves: tuple[Move, ...]
    signs: tuple[Sign, ...]
    more_signs: int
    changed: tuple[Changed, ...]
    not_listed: int
    not_rated: tuple[tuple[str, int], ...]


def last_month(today: date) -> tuple[date, date]:
    """The first and the last day of the month before that of `today`, a date in England."""
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def begun(policy: PackSet, authorities: Sequence[str], today: date) -> dict[str, list[str]]:
    """The form before anything was typed: the newest version, on last month."""
    known = [one for one in authorities if one in policy.authorities]
    newest = [f"{one}@{policy.packs[one][-1].version}" for one in known]
    first, last = last_month(today)
    return {
        "version": newest[:1],
        "against": [OF_THE_TIME],
        "since": [first.isoformat()],
        "until": [last.isoformat()],
    }


def asked(typed: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    """What goes to triage, and what is wrong with it by field. Days are in England; the last one is
    included in the form, and excluded in what is sent."""
    errors: dict[str, str] = {}
    authority, _, version = typed.one("version").partition("@")
    of, _, against = typed.one("against").partition("@")
    if not version:
        errors["version"] = "Choose a version."
    if against and of != authority:
        errors["against"] = "Choose a version of the same authority."
    days = {}
    for name in ("since", "until"):
        try:
            days[name] = date.fromisoformat(typed.one(name))
        except ValueError:
            errors[name] = "Give a day."
    if not errors and days["since"] > days["until"]:
        errors["until"] = "The last day cannot come before the first."
    if errors:
        return {}, errors
    return {
        "authority": authority,
        "version": version,
        "against": against or None,
        "since": days["since"].isoformat(),
        "until": (days["until"] + timedelta(days=1)).isoformat(),
    }, {}


def result(answer: Mapping[str, Any], policy: PackSet) -> Result:
    """What triage answered, in words."""
    packs = policy.packs[answer["authority"]]
    new = policy.version(answer["authority"], answer["version"])
    titles = {code: one.title for pack in (*packs, new) for code, one in pack.indicators.items()}

    def title(code: str) -> str:
        return titles.get(code, words.sentence(code))

    signs = answer["signs"]
    return Result(
        pack=new,
        finding=_finding(answer),
        cut=""
        if answer["complete"]
        else f"There was time for the first {answer['referrals']:,} of {answer['received']:,}. "
        "Choose a shorter time for the rest.",
        moves=tuple(_move(said, number) for said, number in answer["moves"].items()),
        signs=tuple(
            Sign(
                _HOW[one["how"]],
                title(one["indicator"]),
                one["clause"],
                one["was"] if one["was"] != one["clause"] else None,
                one["referrals"],
            )
            for one in signs[:SIGNS]
        ),
        more_signs=max(0, len(signs) - SIGNS),
        changed=tuple(_changed(one, title) for one in answer["items"]),
        not_listed=answer["not_listed"],
        not_rated=tuple(
            (_NOT_RATED.get(code, words.sentence(code)), number)
            for code, number in answer["not_rated"].items()
        ),
    )


def _move(said: str, referrals: int) -> Move:
    was, now = said.split(" to ")
    return Move(was, now, referrals)


def _finding(answer: Mapping[str, Any]) -> str:
    tried = words.count(answer["referrals"], "referral", "referrals")
    if not answer["referrals"]:
        return "Nothing was received in this time."
    if not answer["would_change"]:
        return f"Of {tried}, none would be rated differently."
    same = answer["would_change"] - answer["raised"] - answer["lowered"]
    parts = [
        f"{number:,} {what}"
        for number, what in (
            (answer["raised"], "a higher colour"),
            (answer["lowered"], "a lower one"),
            (same, "the same colour with another level, urgency or child"),
        )
        if number
    ]
    return f"Of {tried}, {answer['would_change']:,} would be rated differently: {', '.join(parts)}."


def _changed(one: Mapping[str, Any], title: Callable[[str], str]) -> Changed:
    was, now = one["from"], one["to"]
    also = []
    if was["level"] != now["level"]:
        also.append(f"level {was['level']} becomes {now['level']}")
    if was["urgency"] != now["urgency"]:
        also.append(
            f"{words.URGENCY[was['urgency']].lower()} becomes "
            f"{words.URGENCY[now['urgency']].lower()}"
        )
    also += [
        f"child {child['child']}: {words.RAG[child['from']]} becomes {words.RAG[child['to']]}"
        for child in one["children"]
        if child["from"] != child["to"] and len(one["children"]) > 1
    ]

    why = [f"found now: {title(each['indicator'])} ({each['clause']})" for each in one["now"]]
    why += [
        f"no longer found: {title(each['indicator'])} ({each['clause']})"
        for each in one["no_longer"]
    ]
    why += [
        f"weighed otherwise: {title(each['indicator'])}, {_place(each['from'], each['to'])}"
        for each in one["placed_elsewhere"]
    ]
    return Changed(
        one["referral_id"], one["reference"], was["rag"], now["rag"], tuple(also), tuple(why)
    )


def _place(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    parts = [
        f"{name} {was[name]} becomes {now[name]}"
        for name in ("clause", "level")
        if was[name] != now[name]
    ]
    if was.get("rag") != now.get("rag"):
        parts.append(f"{words.RAG[was['rag']]} becomes {words.RAG[now['rag']]}")
    if was.get("urgency") != now.get("urgency"):
        urgencies = (words.URGENCY[one["urgency"]].lower() for one in (was, now))
        parts.append(" becomes ".join(urgencies))
    if was["hard"] != now["hard"]:
        parts.append("nothing lowers it now" if now["hard"] else "it can be lowered now")
    return ", ".join(parts)
