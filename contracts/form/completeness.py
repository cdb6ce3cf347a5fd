"""How complete a form is, by section, and what would help. Information, never a hurdle."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from contracts.codes import AGENCY_TYPES, Agency, AgencyGroup
from contracts.events import AgreementStatus
from contracts.form.model import FORM_VERSIONS, Agreement, Child, ReferralForm


@dataclass(frozen=True, slots=True)
class Completeness:
    """`score` and each of `sections` from 0 to 100. `missing`: a JSON pointer, what to add."""

    score: int
    sections: Mapping[str, int]
    missing: tuple[tuple[str, str], ...]


def _always(_form: ReferralForm) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _OfForm:
    section: str
    weight: int
    pointer: str
    add: str
    given: Callable[[ReferralForm], bool]
    group: AgencyGroup | None = None
    since: int = 1
    wanted: Callable[[ReferralForm], bool] = _always


@dataclass(frozen=True, slots=True)
class _OfChild:
    section: str
    weight: int
    pointer: str
    add: str
    given: Callable[[Child], bool]
    group: AgencyGroup | None = None
    since: int = 1


def _unborn(child: Child) -> bool:
    return child.expected_date_of_delivery is not None and child.date_of_birth is None


_INJURIES: Final = frozenset({"physical_abuse", "sexual_abuse", "injury_to_non_mobile_child"})

_OF_FORM: Final = (
    _OfForm("referrer", 3, "/referrer/name", "your name", lambda f: bool(f.referrer.name)),
    _OfForm("referrer", 1, "/referrer/role", "your role", lambda f: bool(f.referrer.role)),
    _OfForm("referrer", 3, "/referrer/agency", "your agency", lambda f: bool(f.referrer.agency)),
    _OfForm("referrer", 4, "/referrer/email", "an email address for the answer",
            lambda f: bool(f.referrer.email)),
    _OfForm("referrer", 3, "/referrer/phone", "a number to ring you on",
            lambda f: bool(f.referrer.phone)),
    _OfForm("household", 5, "/household", "who else lives there, parents first",
            lambda f: any(person.name for person in f.household)),
    _OfForm("household", 3, "/household", "who has parental responsibility",
            lambda f: any(p.parental_responsibility is not None for p in f.household)),
    _OfForm("agreement", 6, "/parents_informed", "whether the parents were told",
            lambda f: f.told is not None),
    _OfForm("agreement", 3, "/reason_not_informed", "why the parents were not told",
            lambda f: f.told is not False or f.why_not_told is not None),
    _OfForm("agreement", 4, "/agreement", "whether the family agrees to a service",
            lambda f: f.agreement_for() is not AgreementStatus.UNKNOWN),
    _OfForm("concern", 8, "/narrative", "what has happened", lambda f: bool(f.narrative)),
    _OfForm("concern", 5, "/concerns", "what you are worried about", lambda f: bool(f.concerns)),
    _OfForm("concern", 3, "/concerns", "the impact on the child",
            lambda f: bool(f.concerns) and all(concern.impact for concern in f.concerns)),
    _OfForm("concern", 2, "/referrer_level", "the level of need you think it is",
            lambda f: f.referrer_level is not None),
    _OfForm("voice", 6, "/child_voice", "what the child says, or why nobody has asked",
            lambda f: bool(f.child_voice)),
    _OfForm("voice", 2, "/going_well", "what is going well", lambda f: bool(f.going_well)),
    _OfForm("work_tried", 5, "/work_already_tried", "what has been tried",
            lambda f: bool(f.work_already_tried)),
    _OfForm("referrer", 2, "/referrer/knows_child", "how you know the child",
            lambda f: bool(f.referrer.knows_child), since=2),
    _OfForm("referrer", 2, "/referrer/safeguarding_lead_consulted",
            "whether your safeguarding lead was asked",
            lambda f: bool(f.referrer.safeguarding_lead_consulted), since=2),
    _OfForm("referrer", 2, "/telephoned", "whether it was telephoned first, to whom and when",
            lambda f: f.telephoned is not None and f.telephoned.made is not None, since=2,
            wanted=lambda f: f.immediate_danger or f.request == "protection"),
    _OfForm("referrer", 2, "/incident_number", "the incident's number",
            lambda f: bool(f.incident_number), AgencyGroup.JUSTICE, since=2),
    _OfForm("referrer", 1, "/declaration", "who says that it is right, and when",
            lambda f: f.declaration is not None and bool(f.declaration.name), since=2),
    _OfForm("agreement", 2, "/agreement", "what the young person says of it",
            lambda f: any(one.young_persons_own for one in _agreements(f)), since=2,
            wanted=lambda f: f.agreement is not None),
    _OfForm("agreement", 2, "/willing_to_engage", "whether the family would work with a service",
            lambda f: f.willing_to_engage is not None, since=2),
    _OfForm("concern", 3, "/information_source", "whether you saw it or were told",
            lambda f: f.information_source is not None, since=2),
    _OfForm("concern", 2, "/history", "what went before", lambda f: bool(f.history), since=2),
    _OfForm("concern", 2, "/injuries", "what the injury looks like", lambda f: bool(f.injuries),
            since=2, wanted=lambda f: any(c.code in _INJURIES for c in f.concerns)),
    _OfForm("concern", 2, "/alleged_perpetrators", "who is said to have done it",
            lambda f: bool(f.alleged_perpetrators), since=2,
            wanted=lambda f: any(c.code in _INJURIES for c in f.concerns)),
    _OfForm("concern", 2, "/what_should_happen", "what you think should happen",
            lambda f: bool(f.what_should_happen), since=2),
    _OfForm("work_tried", 2, "/agencies_involved", "who works with the family already",
            lambda f: bool(f.agencies_involved), since=2),
    _OfForm("safety", 3, "/risks_to_workers", "what a visitor has to take care of",
            lambda f: bool(f.risks_to_workers or f.visiting_advice), since=2),
)  # fmt: skip

_OF_CHILD: Final = (
    _OfChild("child", 5, "/given_name", "the given name",
             lambda c: bool(c.given_name) or _unborn(c)),
    _OfChild("child", 5, "/family_name", "the family name",
             lambda c: bool(c.family_name) or _unborn(c)),
    _OfChild("child", 6, "/date_of_birth", "the date of birth, or of expected delivery",
             lambda c: c.date_of_birth is not None or _unborn(c)),
    _OfChild("child", 5, "/address", "the address, or why it is not known",
             lambda c: bool(c.address_unknown_because)
             or (c.address is not None and c.address.given)),
    _OfChild("child", 2, "/address/postcode", "the postcode",
             lambda c: bool(c.address_unknown_because)
             or (c.address is not None and c.address.normal_postcode is not None)),
    _OfChild("child", 2, "/sex", "the sex", lambda c: c.sex is not None or _unborn(c)),
    _OfChild("child", 2, "/ethnicity", "the ethnic background",
             lambda c: c.ethnicity is not None or _unborn(c)),
    _OfChild("child", 2, "/school", "the school or nursery",
             lambda c: bool(c.school) or _unborn(c)),
    _OfChild("identifiers", 4, "/upn", "the unique pupil number",
             lambda c: c.verified_upn is not None or _unborn(c),
             AgencyGroup.EDUCATION),
    _OfChild("identifiers", 4, "/nhs_number", "the NHS number",
             lambda c: c.verified_nhs_number is not None or _unborn(c),
             AgencyGroup.HEALTH),
    _OfChild("child", 2, "/interpreter_needed", "whether an interpreter is needed",
             lambda c: c.interpreter_needed is not None or _unborn(c), since=2),
    _OfChild("child", 1, "/first_language", "the first language",
             lambda c: bool(c.first_language) or _unborn(c), since=2),
    _OfChild("child", 2, "/disabilities", "any disability, or that there is none",
             lambda c: bool(c.disabilities) or _unborn(c), since=2),
    _OfChild("child", 2, "/private_fostering", "whether it is a private fostering arrangement",
             lambda c: c.private_fostering is not None or _unborn(c), since=2),
    _OfChild("identifiers", 1, "/gp", "the GP surgery", lambda c: bool(c.gp),
             AgencyGroup.HEALTH, since=2),
    _OfChild("identifiers", 1, "/school_year", "the school year",
             lambda c: bool(c.school_year) or _unborn(c), AgencyGroup.EDUCATION, since=2),
)  # fmt: skip


def _agreements(form: ReferralForm) -> tuple[Agreement, ...]:
    said = form.agreement if isinstance(form.agreement, tuple) else (form.agreement,)
    return tuple(one for one in said if one is not None)


def completeness(form: ReferralForm) -> Completeness:
    """How complete `form` is. Numbers count only for agencies that know them, and what a later
    version of the form asks only for who writes to it. Not known is an answer; what does not
    apply is not asked."""
    answered = form.without_value
    wanted: dict[str, float] = {}
    got: dict[str, float] = {}
    missing: list[tuple[str, str]] = []
    for section, weight, pointer, add, given in _asked(form):
        if answered.get(pointer) == "not_applicable":
            continue
        wanted[section] = wanted.get(section, 0) + weight
        if given or pointer in answered:
            got[section] = got.get(section, 0) + weight
        else:
            missing.append((pointer, add))
    sections = {name: _percent(got.get(name, 0), weight) for name, weight in wanted.items()}
    return Completeness(_percent(sum(got.values()), sum(wanted.values())), sections, tuple(missing))


def _asked(form: ReferralForm) -> Iterator[tuple[str, float, str, str, bool]]:
    agency = AGENCY_TYPES.get(form.referrer.agency or "")
    version = _version(form)
    for one in _OF_FORM:
        if one.since > version or not one.wanted(form) or _not_theirs(one.group, agency):
            continue
        yield one.section, one.weight, one.pointer, one.add, one.given(form)
    children = form.children or (Child(),)
    for each in _OF_CHILD:
        if each.since > version or _not_theirs(each.group, agency):
            continue
        for place, child in enumerate(children):
            pointer = f"/children/{place}{each.pointer}"
            yield (each.section, each.weight / len(children), pointer, each.add, each.given(child))


def _version(form: ReferralForm) -> int:
    known = form.form_version in FORM_VERSIONS
    return FORM_VERSIONS.index(form.form_version if known else FORM_VERSIONS[-1]) + 1


def _not_theirs(group: AgencyGroup | None, agency: Agency | None) -> bool:
    return group is not None and (agency is None or agency.group is not group)


def _percent(part: float, whole: float) -> int:
    return round(100 * part / whole) if whole else 100
