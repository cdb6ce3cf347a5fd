"""What the other services say of the invented referrals, as they would over HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.notifications.letters.samples import samples
from services.notifications.rendering.templates import FAMILY_LETTER, Templates
from tests.browser.samples import SAMPLES, Sample
from tests.shipped import SHIPPED


def sample_of(referral_id: UUID) -> Sample | None:
    """The sample of that id."""
    return next((sample for sample in SAMPLES if sample.referral_id == referral_id), None)


def letter(referral_id: UUID, withheld: str | None) -> Mapping[str, Any]:
    """What notifications says of a letter for the family."""
    pack = SHIPPED.packs["warwickshire"][0]
    sample = list(samples(pack))[-1]
    offered = withheld is None
    return {
        "referral_id": str(referral_id),
        "reference": "WAR-000123-K",
        "offered": offered,
        "because": withheld,
        "reason": None if offered else "loss_of_evidence",
        "cautions": ["safe_contact"] if offered else [],
        "html": Templates().html(FAMILY_LETTER, sample.values) if offered else None,
        "text": "",
    }


def form(sample: Sample, narrative: str) -> Mapping[str, Any]:
    """What intake says of the form."""
    names = ("Maya", "Theo", "Isla", "Noah")
    born = ("2018-05-04", "2023-01-20", "2014-11-02", "2021-07-30")
    return {
        "id": str(sample.referral_id),
        "reference": sample.reference,
        "authority": "warwickshire",
        "later": [],
        "form": {
            "request": "protection",
            "your_reference": "SCH-8841",
            "referrer": {
                "name": "Dawn Sampleton",
                "role": "Designated safeguarding lead",
                "agency": sample.agency,
                "organisation": "Testwood Academy",
                "email": "d.sampleton@testwood.example",
                "phone": "01632 960101",
            },
            "children": [
                {
                    "child_id": str(child_id),
                    "given_name": names[place],
                    "family_name": "Example",
                    "also_known_as": [],
                    "date_of_birth": born[place],
                    "sex": "F" if place % 2 == 0 else "M",
                    "address": {
                        "lines": ["4 Sample Court", "Leamington Spa"],
                        "postcode": "CV32 9ZA",
                    },
                    "school": "Testwood Academy",
                }
                for place, child_id in enumerate(sample.children)
            ],
            "household": [
                {
                    "name": "Kerry Example",
                    "relationship": "mother",
                    "parental_responsibility": True,
                    "lives_with_children": "yes",
                    "first_language": "Polish",
                    "interpreter_needed": "yes",
                },
                {
                    "name": "Dean Example",
                    "relationship": "father",
                    "date_of_birth": "1988-02-01",
                    "parental_responsibility": True,
                    "parental_responsibility_for": [0],
                    "lives_with_children": "no",
                    "address": {"lines": ["9 Sample Row"], "confidential": True},
                },
            ],
            "alleged_perpetrators": [
                {"name": "Dean Example", "relationship": "father", "children": [0]}
            ],
            "agencies_involved": [
                {"agency": "health_visitor", "name": "Ann Sampleford", "leads": True}
            ],
            "risks_to_workers": [{"code": "animals", "detail": "a large dog in the yard"}],
            "visiting_advice": "Ring before you come; the bell does not work.",
            "concerns": [
                {"code": code, "children": [0], "impact": "serious", "detail": "", "current": True}
                for code in sample.concerns
            ],
            "narrative": narrative,
            "child_voice": "I don't like it when they shout.",
            "history": "The family moved here last spring.",
            "parents_informed": False,
            "reason_not_informed": "increased_risk_of_significant_harm",
            "set_aside": {"/children/0/nhs_number": "12345"},
        },
    }


def case(
    sample: Sample, decided_by: str | None, narrative: str, withdrawal_asked: bool
) -> Mapping[str, Any]:
    """What triage says of the case."""
    words = "dad hits mum when he has been drinking"
    start = max(0, narrative.find(words))
    bruise = max(0, narrative.find("a bruise on her cheek"))
    children = [str(child_id) for child_id in sample.children]
    reasons = [
        {"indicator": "disclosure", "clause": "4.2", "level": 4, "source": "text", "hard": True,
         "title": "A child tells of violence at home", "children": [], "text": "narrative",
         "start": start, "end": start + len(words)},
        {"indicator": "bruise", "clause": "4.1", "level": 4, "source": "text", "hard": False,
         "title": "An injury without an explanation", "children": [children[0]], "text": "narrative",
         "start": bruise, "end": bruise + len("a bruise on her cheek")},
        {"indicator": "mental_health", "clause": "3.4", "level": 3, "source": "concern",
         "hard": False, "title": "A parent's mental health affects the child", "children": []},
    ]  # fmt: skip
    decisions = [] if not decided_by else [
        {"decision_id": "d", "kind": "decision", "decided_at": "2026-03-03T10:00:00Z",
         "by": decided_by, "role": "practitioner", "rag": "red", "previous_rag": "red",
         "suggested_rag": "red", "child_id": None,
         "children": [{"child_id": child_id, "rag": "red", "outcome": "strategy_discussion",
                       "duties": []} for child_id in children],
         "rationale": "Maya told of violence at home and has an injury.",
         "analysis": "Father has been here before.",
         "clauses": [{"id": "4.2", "title": "Disclosure", "level": 4, "text": "", "version": "1"}],
         "no_clause_because": None, "lowered_because": None,
         "actions": [{"action": "Strategy discussion", "owner": "Duty team", "by": "2026-03-04"}]},
    ]  # fmt: skip
    return {
        "id": str(sample.referral_id),
        "reference": sample.reference,
        "authority": "warwickshire",
        "state": "decided" if decided_by or sample.decided else "to_decide",
        "rag": sample.rag,
        "received_at": "2026-03-03T09:00:00Z",
        "version": 1,
        "source_agency": sample.agency,
        "referrer_level": 4,
        "request": "protection",
        "agreement": "not_sought",
        "parents_informed": False,
        "immediate_danger": sample.danger,
        "locality": sample.locality,
        "repeat": False,
        "withdrawal_requested_at": "2026-03-03T09:30:00Z" if withdrawal_asked else None,
        "claim": None,
        "awaiting_countersignature": None,
        "suggestion": {
            "rag": sample.rag,
            "level": 4,
            "urgency": sample.urgency,
            "pack_version": "2018.1",
            "reasons": reasons,
            "clauses": [
                {"id": "4.1", "title": "Injury", "level": 4, "version": "2018.1",
                 "text": "An injury that is not explained is looked at the same day."},
                {"id": "4.2", "title": "Disclosure", "level": 4, "version": "2018.1",
                 "text": "What a child tells of abuse is always acted on."},
                {"id": "3.4", "title": "Parental mental health", "level": 3, "version": "2018.1",
                 "text": "A parent's illness that reaches into the child's day."},
            ],
            "texts": [{"text": "child_voice", "read": False, "reason": "too_long"}],
            "would_change": [
                {"added": False, "kind": "sign", "code": "disclosure", "rag": "amber",
                 "level": 3, "impact": None, "title": "A child tells of violence at home"},
                {"added": True, "kind": "concern", "code": "neglect", "rag": "red", "level": 4,
                 "impact": "serious", "title": None},
                {"added": True, "kind": "immediate_danger", "code": "immediate_danger",
                 "rag": "red", "level": 4, "impact": None, "title": None},
            ],
        },
        "children": [
            {"child_id": child_id, "age_band": band, "suggested": sample.rag, "level": 4,
             "urgency": sample.urgency, "rag": sample.rag if decided_by else None,
             "outcome": "strategy_discussion" if decided_by else None, "duties": []}
            for child_id, band in zip(children, sample.ages, strict=True)
        ],
        "decisions": decisions,
    }  # fmt: skip


def clocks(sample: Sample) -> list[Mapping[str, Any]]:
    """The clocks of the referral."""
    now = datetime.now(UTC)
    return [
        {"id": "1", "name": "hub_enquiry", "state": "breached" if sample.left < timedelta() else "running",
         "started_at": (now - sample.age).isoformat(), "due_at": (now + sample.left).isoformat(),
         "explanation": "4 hours from receipt, because Red is suggested."},
        {"id": "2", "name": "statutory_decision", "state": "running",
         "started_at": (now - sample.age).isoformat(),
         "due_at": (now + timedelta(hours=19)).isoformat(),
         "explanation": "One working day from receipt. Nothing pauses it."},
        {"id": "3", "name": "acknowledge", "state": "met",
         "started_at": (now - sample.age).isoformat(),
         "due_at": (now + timedelta(hours=19)).isoformat(),
         "explanation": "One working day from receipt."},
    ]  # fmt: skip


def story(sample: Sample) -> Mapping[str, Any]:
    """What intake tells of the family: a match to confirm, one that was confirmed, one that was
    refused."""
    maya = {"given_name": "Maya", "family_name": "Example", "date_of_birth": "2018-05-04"}
    kerry = {"given_name": "Kerry", "family_name": "Example"}
    earlier = SAMPLES[10]

    def match(number: int, state: str, because: str | None, **person: str) -> Mapping[str, Any]:
        return {
            "referral_id": str(earlier.referral_id), "reference": earlier.reference,
            "child_id": str(UUID(int=number)), "received_at": "2025-11-03T09:00:00Z",
            "state": state, "score": 0.93, "how": "likeness", "said_by": None, "said_at": None,
            "reasons": ["family_same", "given_nickname", "birth_swapped"], "because": because,
            "person": {**maya, **person},
        }  # fmt: skip

    return {
        "id": str(sample.referral_id),
        "reference": sample.reference,
        "look_up": "done",
        "children": [
            {
                "child_id": str(sample.children[0]),
                "person": maya,
                "matches": [
                    match(1, "candidate", None, given_name="May", date_of_birth="2018-04-05"),
                    match(2, "linked", "number_checked"),
                ],
            }
        ],
        "adults": [
            {"person_id": str(UUID(int=9)), "person": kerry,
             "matches": [match(3, "not_same", "different_person", given_name="Carrie")]}
        ],
        "earlier": [
            {
                "referral_id": str(earlier.referral_id), "reference": earlier.reference,
                "received_at": "2025-11-03T09:00:00Z", "source_agency": "midwife",
                "through": ["child"], "state": "linked", "stage": "decided", "open": True,
                "closed_at": None, "repeat": True, "recently_closed": False,
                "same_incident": True, "worker": {"kind": "team", "assignee": "family_help"},
                "incident": {"state": "linked", "how": "person", "said_by": None, "said_at": None},
                "decision": {
                    "decided_at": "2025-11-04T15:30:00Z", "rag": "amber",
                    "outcomes": [{"child_id": str(UUID(int=2)), "rag": "amber",
                                  "outcome": "child_and_family_assessment"}],
                },
            }
        ],
        "later": [],
        "elsewhere": {
            "freshness": "fresh", "as_of": "2026-03-04T02:00:00Z",
            "children": [
                {"child_id": str(sample.children[0]), "sure": sure, "facts": [
                    {"kind": "protection_plan", "since": "2025-12-01", "until": None,
                     "what": "Neglect", "team": "Safeguarding North", "worker": "Robin Mockley"},
                    {"kind": "early_help", "since": "2024-01-08", "until": "2024-09-02",
                     "what": None, "team": None, "worker": None},
                ]} for sure in (True, False)
            ],
        },
    }  # fmt: skip


FILES = [
    {"id": str(UUID(int=77)), "name": "Body map.pdf", "kind": "pdf", "size": 248_000,
     "scanned": True, "read": False, "received_at": "2026-03-03T09:00:00Z"},
]  # fmt: skip

CHECKS = [
    {"of": "gp", "state": "answered", "due_at": "2026-03-03T12:00:00Z", "need": "Injuries seen?",
     "shared": "A child was seen with a bruise.", "information": "None in the record.",
     "handling": "hub_only", "conditions": None, "answered_by": "Dr Sample",
     "nothing_known": False},
    {"request_id": str(UUID(int=81)), "of": "police", "state": "open", "due_at": "2026-03-03T12:00:00Z",
     "need": "Calls to the address?", "shared": "", "nothing_known": False},
]  # fmt: skip

DISAGREEMENTS = [
    {"disagreement_id": str(UUID(int=82)), "state": "open", "stage": 1, "stage_title": "Practitioner", "immediate_risk": True,
     "due_at": "2026-03-03T12:00:00Z", "raised_at": "2026-03-03T09:00:00Z",
     "raised_by": "Dawn Sampleton", "because": "The child is still at home.", "answers": [],
     "taken_further": []},
]  # fmt: skip

DISCUSSIONS = [
    {"kind": "strategy", "held_at": "2026-03-03T11:00:00Z", "by": "p.example", "marac": None,
     "attended": [{"agency": "police", "name": "Sgt Example", "role": None},
                  {"agency": "childrens_social_care", "name": None, "role": None}],
     "shared": "Two calls in May.", "safety_plan": "They stay with their aunt.",
     "safe_contact": None, "next_on": "2026-03-10",
     "children": [{"child_id": str(SAMPLES[0].children[0]), "agreed": "A medical today.",
                   "enquiry": "joint"}]},
]  # fmt: skip

TELLINGS = [
    {"whom": "family", "at": "2026-03-03T11:30:00Z", "how": "letter", "not_because": None,
     "safe_contact": False, "to": "Kerry Example, mother", "words": "She asks to be rung at noon."},
    {"whom": "school", "at": "2026-03-03T07:50:00Z", "how": None, "safe_contact": None, "to": None,
     "not_because": "police_investigation", "words": None},
]  # fmt: skip

DEFINITIONS = {
    "items": [
        {"measure": "lead_in_time", "title": "Lead professional allocated in time",
         "counted": "those accepted before the clock was due", "of": "decisions for early help",
         "when": "the clock began in the period"},
        {"measure": "lead_agency", "title": "Lead professionals by agency",
         "counted": "those whose worker is of the agency", "of": "lead professionals",
         "when": "they accepted in the period"},
        {"measure": "plan_in_time", "title": "Plan in time", "counted": "those met",
         "of": "clocks of the plan", "when": "the clock began in the period"},
    ],
    "small_numbers": "Figures of one to five are left out.",
}  # fmt: skip


def figures(by: str) -> list[Mapping[str, Any]]:
    """Figures of two localities, and of agencies that lead."""

    def one(measure: str, count: int | None, total: int | None, **more: str) -> Mapping[str, Any]:
        percent = None if count is None or not total else round(100 * count / total, 1)
        return {"measure": measure, "authority": "warwickshire", "locality": None, "agency": None,
                "category": None, "count": count, "total": total, "percent": percent, **more}  # fmt: skip

    places = ("rugby", "warwick") if by == "locality" else (None,)
    return [
        *(
            one("lead_in_time", 40 - 8 * n, 50, **({"locality": place} if place else {}))
            for n, place in enumerate(places)
        ),
        one("lead_agency", 30, 42, category="school"),
        one("lead_agency", 12, 42, category="health_visitor"),
        one("lead_agency", None, None, category="police"),
    ]


def flows(by: str) -> Mapping[str, Any]:
    """Which way referrals went: some of nearly every kind, one of them hardly ever."""
    ways = (
        ("first", "social_care", "taken_on", "open", 180),
        ("first", "social_care", "stepped_down", "needs_met", 60),
        ("first", "early_help", "taken_on", "needs_met", 150),
        ("first", "early_help", "taken_on", "disengaged", 40),
        ("first", "early_help", "stepped_up", "stepped_up", 30),
        ("first", "early_help", "waiting", "open", 60),
        ("first", "advice", None, None, 400),
        ("first", "elsewhere", None, None, 60),
        ("first", "not_decided", None, None, 44),
        ("after_advice", "early_help", "taken_on", "agreement_withdrawn", 20),
        ("after_advice", "advice", None, None, 60),
        ("after_early_help", "social_care", "taken_on", "open", 60),
        ("after_social_care", "advice", None, None, 39),
        ("after_elsewhere", "not_decided", None, None, 1),
    )
    places = ("rugby", "warwick") if by == "locality" else (None,)
    items = [
        {
            **dict(zip(("came", "decided", "then", "ended", "referrals"), way, strict=True)),
            "authority": "warwickshire",
            "locality": place,
            "agency": None,
        }
        for place in places
        for way in ways
    ]
    period = {"start": "2026-01-01", "end": "2026-12-01"}
    return {"items": items, **period, "definition": "Each referral once."}


ACKNOWLEDGEMENT = {
    "id": "0195d2a0-0000-7000-8000-000000000077", "kind": "acknowledgement", "state": "sent",
    "audience": "referrer", "sent_at": "2026-03-03T09:12:00Z",
}  # fmt: skip
