"""What a template is given: everything decided here, so that templates only say it.

Who is told what stands in `detail_for`, and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID

from contracts.codes import GLASS_BROKEN_BECAUSE
from contracts.events import AssigneeKind, ContinuedBecause, Outcome, Rag
from policy.pack import Messages, Pack
from policy.working_time import LONDON, due, is_open, opens_next
from services.notifications.domain import Audience, Case, FamilyTold, Kind, Message
from services.notifications.domain.helping import NO_HELP
from services.notifications.domain.returning import TELEPHONE
from services.notifications.reads import Action, DecidedChild, Decision, Referral, Wanted
from services.notifications.rendering.titles import BRIEFER_TITLES, SUBJECTS, TITLES, Detail
from services.notifications.rendering.words import (
    COLOURS,
    FAMILY_KNEW,
    FAMILY_NOT_YET,
    FAMILY_TOLD,
    FAMILY_WITHHELD,
    OUTCOMES,
    PANEL_LOOKED,
    PANEL_OUTCOMES,
    day,
    listed,
    moment,
)

STATUTORY = "statutory_decision"


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that the other services said for one message, and the packs that apply: `pack`
    is the one in force at its cause, `contacts` the one in force now."""

    pack: Pack
    contacts: Pack
    referral: Referral | None
    decision: Decision | None
    link: str
    wanted: Wanted | None = None
    disagree: str | None = None
    useful: str | None = None
    helped: str | None = None
    status: str | None = None
    form: str = ""


def detail_for(case: Case, referral: Referral | None, contacts: Pack) -> Detail:
    """Full reasons go only to an address that the pack, or the organisation's registration,
    trusts; never about a restricted case. The public, the family and anyone who may be a party
    hear that it was received and read."""
    if case.public:
        return Detail.PUBLIC
    if case.restricted or referral is None or referral.referrer_email is None:
        return Detail.BRIEF
    domain = referral.referrer_email.rpartition("@")[2].lower()
    trusted = referral.trusted or any(
        fnmatchcase(domain, pattern.lower()) for pattern in contacts.trusted_domains
    )
    return Detail.FULL if trusted else Detail.BRIEF


def lacks(message: Message, decision: Decision | None) -> str | None:
    """What keeps a message from being sent, as a code. A decision says why, by which clause (or
    why none fits), and what happens next; or it isn't sent."""
    if message.kind not in (Kind.DECISION, Kind.RERATING, Kind.CLOSURE, Kind.CONTINUATION):
        return None
    if decision is None:
        return "no_decision"
    if not (decision.rationale or "").strip():
        return "no_rationale"
    if message.kind is Kind.DECISION:
        if not decision.clauses and not (decision.no_clause_because or "").strip():
            return "no_clause"
        if not decision.actions:
            return "no_action"
    return None


def hub(messages: Messages) -> Mapping[str, str]:
    """How to reach an authority's hub, as templates name it."""
    return {
        "name": messages.hub_name,
        "phone": messages.phone,
        "hours": messages.opening_words,
        "emergency": messages.emergency_phone,
        "police": messages.police_phone,
    }


def view(case: Case, message: Message, said: Said, now: datetime) -> Mapping[str, Any]:
    """The names that the templates of a message's kind use."""
    messages = said.contacts.messages
    detail = detail_for(case, said.referral, said.contacts)
    return {
        "title": BRIEFER_TITLES.get((message.kind, detail), TITLES[message.kind]),
        "subject": f"Referral {case.reference}: {SUBJECTS[message.kind]}",
        "reference": case.reference,
        "received": moment(case.received_at),
        "detail": detail.value,
        "hub": hub(messages),
        **_parts(case, message, said, now, detail),
    }


def _parts(
    case: Case, message: Message, said: Said, now: datetime, detail: Detail
) -> Mapping[str, Any]:
    """What only this kind says. Whoever may not be told a thing gets a message whose template is
    not given it: an authority's own template cannot say it either."""
    details = message.details or {}
    full = detail is Detail.FULL
    reasons = said.decision.rationale if said.decision and full else ""
    match message.kind:
        case Kind.ACKNOWLEDGEMENT:
            return {**_acknowledgement(case, said.pack, now), "status_link": said.status}
        case Kind.DECISION:
            return {
                "family_words": said.contacts.messages.family_words,
                **({**_decision(case, said), "useful": said.useful} if full else {}),
            }
        case Kind.RERATING if not full:
            return {}
        case Kind.RERATING:
            return {
                **_decision(case, said),
                "changed": details["rag"] != details["previous"],
                "previous": _colour(said.pack, Rag(details["previous"])),
            }
        case Kind.ALLOCATION:
            return {"taken_by": _taken_by(said.contacts, details)} if full else {}
        case Kind.PANEL_OUTCOME:
            return _panel(said.contacts, details) if full else {}
        case Kind.HELP_ENDED:
            return {}
        case Kind.HELP_ASKED_AFTER:
            return {"link": said.helped, **_named(said.decision)} if full else {}
        case Kind.DELAY:
            return {**(_overdue(said, details) if full else {}), "manager": "manager" in details}
        case Kind.CLOSURE:
            return {"rationale": reasons}
        case Kind.CONTINUATION:
            return {
                "rationale": reasons,
                "decided": details["reason"] == ContinuedBecause.DECIDED,
            }
        case Kind.INFORMATION_WANTED | Kind.INFORMATION_REMINDER:
            return {
                "link": said.link,
                "due": moment(datetime.fromisoformat(details["due_at"])) if details else None,
                "until": moment(said.wanted.link_until) if said.wanted else None,
                "yours": message.audience is Audience.REFERRER,
            }
        case Kind.WRITTEN_WANTED:
            return {"form": said.form, "due": moment(datetime.fromisoformat(details["due_at"]))}
        case Kind.DISAGREEMENT:
            return _disagreement(message, said)
        case _:
            return _alert(case, message, said)


def _alert(case: Case, message: Message, said: Said) -> Mapping[str, Any]:
    """What only this kind of alert says, to the hub's own staff."""
    details = message.details or {}
    match message.kind:
        case Kind.URGENT_ALERT:
            return {"link": said.link, "urgency": details["urgency"], "by": details["by"]}
        case Kind.BREACH_ALERT:
            return {"link": said.link, **_overdue(said, details)}
        case Kind.ESCALATION:
            overdue = _overdue(said, details)
            return {
                "link": said.link,
                **overdue,
                "step": details["step"],
                "person": details.get("person"),
                "short": f"Referral {case.reference} still waits: {overdue['clock']}. It was due at"
                f" {overdue['due']}. Sign in and open it: {said.link}",
            }
        case Kind.ALLEGATION_ALERT:
            return {"link": said.link}
        case Kind.OPEN_CASE_ALERT:
            return {
                "link": said.link,
                "as_of": moment(datetime.fromisoformat(details["as_of"])),
                "restricted": case.restricted,
            }
        case Kind.GLASS_ALERT:
            return {
                "link": said.link,
                "because": GLASS_BROKEN_BECAUSE[details["because"]].title,
                "opened": moment(datetime.fromisoformat(details["opened_at"])),
                "until": moment(datetime.fromisoformat(details["until"])),
            }
    raise ValueError(f"there are no words for {message.kind}")


def clock_title(pack: Pack, name: str) -> str:
    """What a pack calls a clock, or what else a line is about."""
    if name == TELEPHONE:
        return "Telephone: a message to them did not arrive"
    if name == NO_HELP:
        return "Look again: they say that the help that was named did not begin"
    rule = pack.clocks.rules.get(name)
    return rule.title if rule else name.replace("_", " ")


def _overdue(said: Said, details: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "clock": clock_title(said.pack, details["clock"]),
        "due": moment(datetime.fromisoformat(details["due_at"])),
    }


def _acknowledgement(case: Case, pack: Pack, now: datetime) -> Mapping[str, Any]:
    period = pack.clocks.rules[STATUTORY].period_for(None)
    decided_by = None
    if period is not None:
        found = due(
            case.received_at,
            period.amount,
            period.unit,
            period.count,
            calendar=pack.calendar.statutory,
        )
        decided_by = moment(found.due_at) if found.due_at > now else None
    opens = opens_next(pack.calendar, case.received_at)
    return {
        "decided_by": decided_by,
        "closed": not is_open(pack.calendar, case.received_at),
        "opens": moment(opens) if opens > now else None,
    }


def _decision(case: Case, said: Said) -> Mapping[str, Any]:
    decision, pack = said.decision, said.pack
    if decision is None:
        raise ValueError("a decision message is rendered from a decision")
    organisation = (said.referral.organisation if said.referral else None) or ""
    return {
        "colour": _colour(pack, decision.rag),
        "level": decision.level,
        "level_name": pack.rating.level_names[decision.level] if decision.level else "",
        "outcomes": _outcomes(decision.children, case.children, pack),
        "numbered": len({(each.rag, each.outcome) for each in decision.children}) > 1,
        "guidance": pack.guidance,
        "clauses": decision.clauses,
        "no_clause_because": decision.no_clause_because,
        "rationale": decision.rationale,
        "actions": [_action(each) for each in decision.actions],
        "yours": [
            _action(each) for each in decision.actions if _is_yours(each.owner, organisation)
        ],
        "stages": said.contacts.messages.disagreement,
        "disagree": said.disagree,
        "family_knows": family_knows(case.family),
    }


def _named(decision: Decision | None) -> Mapping[str, Any]:
    """The services that a decision named, and when."""
    if decision is None:
        raise ValueError("what is asked after is what a decision named")
    return {
        "decided": day(decision.decided_at.astimezone(LONDON).date()),
        "services": [one.action.strip() for one in decision.actions if one.service_id],
    }


def family_knows(told: FamilyTold | None) -> str:
    """Whether the family was told, for whoever referred: never why not."""
    if told is None:
        return FAMILY_NOT_YET
    if told.withheld:
        return FAMILY_WITHHELD
    return FAMILY_TOLD.format(day=day(told.on)) if told.on else FAMILY_KNEW


def _disagreement(message: Message, said: Said) -> Mapping[str, Any]:
    """How it stands, for whoever disagreed or for the hub's manager; its words stay in the hub."""
    details = message.details or {}
    number = int(details["stage"])
    stages = said.contacts.messages.disagreement
    stage = next((each for each in stages if each.stage == number), None)
    return {
        "said": details["said"],
        "stage": stage,
        "number": number,
        "due": moment(datetime.fromisoformat(details["due_at"])) if "due_at" in details else None,
        "outcome": details.get("outcome"),
        "urgent": details.get("urgent") == "yes",
        "hub_side": message.audience is Audience.MANAGER,
        "link": said.link,
    }


def _colour(pack: Pack, rag: Rag) -> Mapping[str, str]:
    ground, ink = COLOURS[rag]
    return {
        "name": pack.rating.rag_names[rag],
        "meaning": pack.rating.rag_meanings[rag],
        "ground": ground,
        "ink": ink,
    }


def _outcomes(
    decided: Sequence[DecidedChild], order: Sequence[UUID], pack: Pack
) -> list[Mapping[str, str]]:
    """Each outcome once, with the children it is for by their number on the form."""
    places = {child_id: number for number, child_id in enumerate(order, 1)}
    groups: dict[tuple[Rag, Outcome], list[int]] = {}
    for child in sorted(decided, key=lambda each: places.get(each.child_id, 0)):
        groups.setdefault((child.rag, child.outcome), []).append(places.get(child.child_id, 0))
    return [
        {
            "who": _who(numbers, len(decided)),
            "colour": pack.rating.rag_names[rag],
            "title": _title(pack, outcome),
            "meaning": OUTCOMES[outcome].meaning,
        }
        for (rag, outcome), numbers in groups.items()
    ]


def _title(pack: Pack, outcome: Outcome) -> str:
    """An outcome's name, in the authority's own words where it has some."""
    own = {Outcome.EARLY_HELP_ASSESSMENT: "early_help_assessment", Outcome.LOCALITY_PANEL: "panel"}
    return pack.words.get(own.get(outcome, ""), OUTCOMES[outcome].title)


def _who(numbers: Sequence[int], of: int) -> str:
    if len(numbers) == of:
        return {1: "The child", 2: "Both children"}.get(of, f"All {of} children")
    named = listed([str(number) for number in numbers])
    return f"Child {named}" if len(numbers) == 1 else f"Children {named}"


def _action(action: Action) -> Mapping[str, str]:
    return {
        "what": action.action.strip().rstrip("."),
        "who": action.owner.strip(),
        "by": day(action.by) if action.by else "",
    }


def _is_yours(owner: str, organisation: str) -> bool:
    named = owner.strip().casefold()
    return named in {"referrer", "the referrer", "you"} or (
        bool(organisation) and named == organisation.strip().casefold()
    )


def _panel(pack: Pack, details: Mapping[str, str]) -> Mapping[str, str]:
    known = pack.allocation.panels.get(details["panel"])
    outcome = PANEL_OUTCOMES.get(details["outcome"], PANEL_LOOKED)
    return {
        "panel": known.name if known else pack.words.get("panel", "panel"),
        "met": day(date.fromisoformat(details["meeting_on"])),
        "outcome": outcome.title,
        "meaning": outcome.meaning,
    }


def _taken_by(pack: Pack, details: Mapping[str, str]) -> str:
    section = pack.allocation
    team = section.teams.get(details["assignee"]) if section else None
    if team is not None:
        return team.name
    if details["assignee_kind"] == AssigneeKind.LEAD_PROFESSIONAL:
        return f"a {pack.words.get('lead_professional', 'lead professional')}"
    return "one of our teams"
