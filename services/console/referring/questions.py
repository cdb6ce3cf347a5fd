"""What the web form asks, page by page, in the order of asking.

Fields are those of the referral form (contracts.form); words are ours. Nothing has to be answered to
go on: what a safe decision needs is said before sending.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from contracts import codes
from contracts.codes import AGENCY_TYPES, AgencyGroup

Form = Mapping[str, Any]
Options = tuple[tuple[str, str], ...]


class Kind(StrEnum):
    """How a field is asked, and how its answer stands in the form."""

    LINE = "line"
    WORDS = "words"
    LINES = "lines"
    """A list of texts, one on each line."""
    CHOICE = "choice"
    NUMBER = "number"
    YES_NO = "yes_no"
    TICKED = "ticked"
    SEVERAL = "several"
    """A list of codes."""
    ROWS = "rows"
    """A list of objects with a code each, whose other fields are kept."""
    PLACES = "places"
    """Positions of children."""
    DAY = "day"
    WHO = "who"
    """The kind of agency, asked in two steps: first whether it is part of a job."""
    LEVEL = "level"
    BORN = "born"
    """Whether a child is born, which is told by the dates that it may have."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `at` is where its answer stands, from the part of the form that the page is
    about. `blank`: it may be said that it is not known, or does not apply."""

    name: str
    kind: Kind
    label: str
    at: tuple[str, ...]
    hint: str = ""
    options: Options = ()
    blank: bool = False
    width: str = ""
    autocomplete: str = ""


def _always(_form: Form) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Page:
    """One thing to ask. `rows` names the list of the form of which it asks about one row. `{name}`
    in a title is that row's name. `optional`: nobody is told that it is not done."""

    name: str
    title: str
    fields: tuple[Field, ...]
    rows: str = ""
    help: str = ""
    when: Callable[[Form], bool] = _always
    optional: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """A part of the form with several rows, which are added and removed."""

    rows: str
    title: str
    one: str
    hint: str
    most: int
    none: str = ""
    """What is ticked by somebody who asked, and knows of nobody."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the task list."""

    name: str
    title: str
    pages: tuple[Page, ...]
    list: List | None = None


def _options(table: Mapping[str, Any], *only: str) -> Options:
    return tuple(
        (code, entry if isinstance(entry, str) else entry.title)
        for code, entry in table.items()
        if not only or code in only
    )


WORK: Final = "work"
PEOPLE: Final = tuple(
    (code, agency.title)
    for code, agency in AGENCY_TYPES.items()
    if agency.group is AgencyGroup.INDIVIDUAL
)
AGENCIES: Final = tuple(
    (code, agency.title)
    for code, agency in AGENCY_TYPES.items()
    if agency.group is not AgencyGroup.INDIVIDUAL
)
KNOWN: Final = _options(codes.ANSWERS, "yes", "no", "unknown")
YES_NO: Final = (("yes", "Yes"), ("no", "No"))
YES_NO_UNKNOWN: Final = (*YES_NO, ("unknown", "Not known"))
IMPACTS: Final = (
    ("some", "Some: it affects the child now and then"),
    ("serious", "Serious: it harms the child, or does so often"),
    ("immediate", "Immediate: the child is in danger now"),
)
LEVELS: Final = tuple((str(level), f"Level {level}") for level in range(1, 5))
INJURIES: Final = frozenset({"physical_abuse", "sexual_abuse", "injury_to_non_mobile_child"})
WORRIES: Final = tuple(
    sorted(_options(codes.CONCERNS), key=lambda one: (one[0] == "other", one[1]))
)


def at_work(form: Form) -> bool:
    """Whether somebody refers as part of a job."""
    return agency_of(form) not in {None, *(code for code, _ in PEOPLE)}


def agency_of(form: Form) -> str | None:
    """The kind of agency that the form names."""
    referrer: Form = form.get("referrer") or {}
    return referrer.get("agency")


def _named(form: Form) -> bool:
    return agency_of(form) != "anonymous"


def _hurt(form: Form) -> bool:
    return any(one.get("code") in INJURIES for one in form.get("concerns") or ())


def _not_told(form: Form) -> bool:
    return form.get("parents_informed") is False


def _asked(form: Form) -> bool:
    return (form.get("agreement") or {}).get("status") in {"given", "refused"}


def unborn(child: Form, blanks: Mapping[str, str], place: int) -> bool:
    """Whether a child is said not to be born yet: by a date, or by its date being unknown."""
    return bool(child.get("expected_date_of_delivery")) or (
        f"/children/{place}/expected_date_of_delivery" in blanks
    )


_L, _W, _C, _D = Kind.LINE, Kind.WORDS, Kind.CHOICE, Kind.DAY

_DANGER = Section(
    "danger",
    "Is a child in danger now?",
    (
        Page(
            "danger",
            "Is a child in danger now?",
            (Field("immediate_danger", Kind.YES_NO, "Is a child in danger now?",
                   ("immediate_danger",), "If so, ring 999 before you go on.", YES_NO),),
        ),
        Page(
            "telephoned",
            "Have you rung us about this already?",
            (
                Field("made", _C, "Have you rung us about this already?", ("telephoned", "made"),
                      options=KNOWN),
                Field("to", _L, "Whom did you speak to?", ("telephoned", "to"), "If you know.",
                      width="20"),
                Field("on", _D, "When was that?", ("telephoned", "on")),
            ),
            optional=True,
        ),
    ),
)  # fmt: skip

_YOU = Section(
    "you",
    "About you",
    (
        Page(
            "who",
            "Who are you?",
            (Field("agency", Kind.WHO, "Who are you?", ("referrer", "agency"),
                   "Anybody may tell us of a worry. If you give no name, we can't come back to you.",
                   ((WORK, "I work or volunteer for an organisation"), *PEOPLE)),),
        ),
        Page(
            "organisation",
            "Your organisation",
            (
                Field("organisation", _L, "Name of the organisation", ("referrer", "organisation"),
                      autocomplete="organization"),
                Field("role", _L, "Your role", ("referrer", "role"),
                      autocomplete="organization-title"),
                Field("kind", _C, "What kind of organisation is it?", ("referrer", "agency"),
                      options=AGENCIES),
            ),
            when=at_work,
        ),
        Page(
            "name",
            "What is your name?",
            (Field("name", _L, "What is your name?", ("referrer", "name"),
                   "We don't tell the family who you are without asking you first, where we can help "
                   "it. A court can order us to.", autocomplete="name"),),
            when=_named,
        ),
        Page(
            "contact",
            "How can we reach you?",
            (
                Field("email", _L, "Email address", ("referrer", "email"),
                      "The answer goes there. Give one that nobody else reads.", autocomplete="email"),
                Field("phone", _L, "Telephone number", ("referrer", "phone"), width="20",
                      autocomplete="tel"),
            ),
            when=_named,
        ),
        Page(
            "knows",
            "How do you know the child?",
            (Field("knows_child", _W, "How do you know the child?", ("referrer", "knows_child")),),
            optional=True,
        ),
        Page(
            "asked",
            "Whom have you asked about this?",
            (
                Field("lead", _C, "Have you talked to your safeguarding lead?",
                      ("referrer", "safeguarding_lead_consulted"),
                      options=_options(codes.ANSWERS)),
                Field("guidance", _C, "Have you looked at the thresholds guidance?",
                      ("referrer", "guidance_consulted"), options=KNOWN),
            ),
            when=at_work,
            optional=True,
        ),
    ),
)  # fmt: skip

_CHILDREN = Section(
    "children",
    "The children",
    (
        Page(
            "child-name",
            "What is the child's name?",
            (
                Field("given_name", _L, "First name", ("given_name",), "As much as you know."),
                Field("family_name", _L, "Family name", ("family_name",)),
                Field("also_known_as", Kind.LINES, "Other names", ("also_known_as",),
                      "Names that the child is known by too, one on each line."),
            ),
            rows="children",
        ),
        Page(
            "child-born",
            "Is {name} born yet?",
            (Field("born", Kind.BORN, "Is {name} born yet?", (), options=(
                ("born", "Yes"), ("unborn", "No, the baby is expected"))),),
            rows="children",
            optional=True,
        ),
        Page(
            "child-birth",
            "When was {name} born?",
            (
                Field("date_of_birth", _D, "Date of birth", ("date_of_birth",),
                      "For example, 4 3 2017."),
                Field("age_estimate", Kind.NUMBER, "If you don't know: about how many years old?",
                      ("age_estimate",), width="2"),
            ),
            rows="children",
        ),
        Page(
            "child-expected",
            "When is the baby due?",
            (Field("expected_date_of_delivery", _D, "When is the baby due?",
                   ("expected_date_of_delivery",), blank=True),),
            rows="children",
        ),
        Page(
            "child-address",
            "Where does {name} live?",
            (
                Field("lines", Kind.LINES, "Address", ("address", "lines")),
                Field("postcode", _L, "Postcode", ("address", "postcode"), width="10"),
                Field("confidential", Kind.TICKED, "The address must be kept from somebody",
                      ("address", "confidential"), "Then few of us see it."),
                Field("address_unknown_because", _W, "If you don't know the address: why?",
                      ("address_unknown_because",)),
            ),
            rows="children",
            help="address",
        ),
        Page(
            "child-sex",
            "What is {name}'s sex?",
            (Field("sex", _C, "What is {name}'s sex?", ("sex",), options=_options(codes.SEXES)),),
            rows="children",
            optional=True,
        ),
        Page(
            "child-school",
            "Which school or nursery does {name} go to?",
            (
                Field("school", _L, "School or nursery", ("school",), blank=True),
                Field("school_year", _L, "School year", ("school_year",), blank=True, width="5"),
                Field("upn", _L, "Unique pupil number (UPN)", ("upn",), blank=True, width="20"),
            ),
            rows="children",
            optional=True,
        ),
        Page(
            "child-health",
            "Where is {name} registered with a doctor?",
            (
                Field("gp", _L, "GP surgery", ("gp",), blank=True),
                Field("nhs_number", _L, "NHS number", ("nhs_number",),
                      "10 digits, such as 999 123 4567.", blank=True, width="20"),
            ),
            rows="children",
            optional=True,
        ),
        Page(
            "child-background",
            "{name}'s background and language",
            (
                Field("ethnicity", _C, "Ethnic background", ("ethnicity",),
                      options=_options(codes.ETHNICITIES)),
                Field("first_language", _L, "First language", ("first_language",), blank=True,
                      width="20"),
                Field("interpreter_needed", _C, "Is an interpreter or signer needed?",
                      ("interpreter_needed",), options=KNOWN),
            ),
            rows="children",
            optional=True,
        ),
        Page(
            "child-needs",
            "Does {name} have a disability or special needs?",
            (
                Field("disabilities", Kind.SEVERAL, "Disabilities", ("disabilities",),
                      options=_options(codes.DISABILITIES)),
                Field("special_needs", _W, "Special needs, and how to talk with the child",
                      ("special_needs",)),
            ),
            rows="children",
            optional=True,
        ),
        Page(
            "child-fostering",
            "Does {name} live with somebody who is not close family?",
            (Field("private_fostering", _C,
                   "Does {name} live with somebody who is not close family?", ("private_fostering",),
                   "For 28 days or more, by agreement with the parents: that is private fostering, "
                   "and the council has to know.", options=KNOWN),),
            rows="children",
            optional=True,
        ),
    ),
    List("children", "The children", "child",
         "Every child of the household, those not born yet too.", 30),
)  # fmt: skip

_HOUSEHOLD = Section(
    "household",
    "Parents and others in the household",
    (
        Page(
            "person-name",
            "Who is it?",
            (
                Field("name", _L, "Name", ("name",)),
                Field("relationship", _L, "What are they to the child?", ("relationship",),
                      "For example mother, stepfather, lodger."),
                Field("date_of_birth", _D, "Date of birth, if you know it", ("date_of_birth",)),
            ),
            rows="household",
        ),
        Page(
            "person-responsibility",
            "{name} and the children",
            (
                Field("parental_responsibility", Kind.YES_NO,
                      "Does {name} have parental responsibility?", ("parental_responsibility",),
                      "The legal rights and duties of a parent.", YES_NO_UNKNOWN),
                Field("lives_with_children", _C, "Does {name} live with the children?",
                      ("lives_with_children",), options=KNOWN),
                Field("phone", _L, "Telephone number", ("phone",), width="20"),
            ),
            rows="household",
            optional=True,
        ),
    ),
    List("household", "Parents and others in the household", "person",
         "Parents first, also one who lives elsewhere; then everybody who lives in the home.", 50,
         "I don't know who else is in the household"),
)  # fmt: skip

_WORRIES = Section(
    "worries",
    "Your worries",
    (
        Page(
            "happened",
            "What has happened, and why are you worried?",
            (Field("narrative", _W, "What has happened, and why are you worried?", ("narrative",),
                   "What did you see or hear yourself, and when? What did somebody tell you?"),),
            help="happened",
        ),
        Page(
            "concerns",
            "What are you worried about?",
            (Field("concerns", Kind.ROWS, "What are you worried about?", ("concerns",),
                   "Choose all that fit.", WORRIES),),
        ),
        Page(
            "concern",
            "{name}",
            (
                Field("impact", _C, "How much does it affect the child?", ("impact",),
                      options=IMPACTS),
                Field("children", Kind.PLACES, "Which children?", ("children",),
                      "If you choose none, we take it to be all of them."),
                Field("detail", _W, "What makes you think so?", ("detail",)),
                Field("observed_on", _D, "When did you last notice it?", ("observed_on",)),
                Field("current", Kind.YES_NO, "Does it go on now?", ("current",), options=YES_NO),
            ),
            rows="concerns",
            help="clauses",
            optional=True,
        ),
        Page(
            "source",
            "How do you know?",
            (
                Field("information_source", _C, "How do you know?", ("information_source",),
                      options=_options(codes.INFORMATION_SOURCES)),
                Field("exact_words", _W, "The child's own words, if the child told somebody",
                      ("exact_words",), "Word for word. Don't ask the child to say it again."),
            ),
            optional=True,
        ),
        Page(
            "injuries",
            "Is there an injury?",
            (Field("injuries", _W, "What does the injury look like?", ("injuries",),
                   "Where on the body, how big, what colour, and what was said of it.", blank=True),),
            when=_hurt,
            optional=True,
        ),
        Page(
            "history",
            "What went before?",
            (Field("history", _W, "What went before?", ("history",),
                   "Earlier worries, and when.", blank=True),),
            optional=True,
        ),
        Page(
            "level",
            "Which level of need do you think it is?",
            (Field("referrer_level", Kind.LEVEL, "Which level of need do you think it is?",
                   ("referrer_level",), "You need not know. We look at it ourselves.", LEVELS),),
            when=at_work,
            optional=True,
        ),
        Page(
            "wanted",
            "What do you think should happen?",
            (
                Field("request", _C, "What do you ask for?", ("request",),
                      options=_options(codes.REQUESTS)),
                Field("what_should_happen", _W, "What do you think should happen?",
                      ("what_should_happen",)),
            ),
            optional=True,
        ),
    ),
)  # fmt: skip

_ALLEGED = Section(
    "alleged",
    "Who is said to have done harm",
    (
        Page(
            "alleged",
            "Who is said to have done harm?",
            (
                Field("name", _L, "Name", ("name",), "Few of us see this."),
                Field("relationship", _L, "What are they to the child?", ("relationship",)),
                Field("access_to_children", _W, "Do they see the child, or other children?",
                      ("access_to_children",)),
                Field("works_with_children", Kind.TICKED,
                      "They work or volunteer with children", ("works_with_children",)),
            ),
            rows="alleged_perpetrators",
            optional=True,
        ),
    ),
    List("alleged_perpetrators", "Who is said to have done harm", "person",
         "Leave this empty if nobody is.", 20),
)  # fmt: skip

_VOICE = Section(
    "voice",
    "What the child says, and what goes well",
    (
        Page(
            "voice",
            "What does the child say, or show?",
            (
                Field("child_voice", _W, "What does the child say, or show?", ("child_voice",)),
                Field("child_voice_missing_because", _W, "If nobody asked the child: why?",
                      ("child_voice_missing_because",)),
            ),
        ),
        Page(
            "well",
            "What goes well?",
            (Field("going_well", _W, "What goes well?", ("going_well",),
                   "What keeps the child safe, and who helps."),),
            optional=True,
        ),
    ),
)  # fmt: skip

_TRIED = Section(
    "tried",
    "What was tried already",
    (
        Page(
            "tried",
            "What was tried already?",
            (Field("work_already_tried", _W, "What was tried already?", ("work_already_tried",),
                   "And what came of it. Nothing need be tried first where a child is not safe.",
                   blank=True),),
        ),
    ),
)  # fmt: skip

_AGENCIES = Section(
    "agencies",
    "Who works with the family already",
    (
        Page(
            "involved",
            "Who works with the family already?",
            (
                Field("name", _L, "Name", ("name",)),
                Field("role", _L, "Role", ("role",)),
                Field("contact", _L, "How to reach them", ("contact",)),
                Field("agency", _C, "Kind of organisation", ("agency",), options=AGENCIES),
            ),
            rows="agencies_involved",
            optional=True,
        ),
    ),
    List("agencies_involved", "Who works with the family already", "person",
         "As far as you know.", 50, "I don't know of anybody"),
)  # fmt: skip

_TOLD = Section(
    "told",
    "What the parents know, and agreement",
    (
        Page(
            "told",
            "Do the parents know that you are telling us?",
            (Field("parents_informed", Kind.YES_NO, "Do the parents know that you are telling us?",
                   ("parents_informed",), "Tell them, unless that could put the child or somebody "
                   "else at risk.", YES_NO),),
        ),
        Page(
            "not-told",
            "Why were the parents not told?",
            (Field("reason_not_informed", _C, "Why were the parents not told?",
                   ("reason_not_informed",), options=_options(codes.REASONS_NOT_INFORMED)),),
            when=_not_told,
        ),
        Page(
            "agreement",
            "Does the family agree to be helped?",
            (Field("status", _C, "Does the family agree to be helped?", ("agreement", "status"),
                   "We read the referral whatever you answer.",
                   _options(codes.AGREEMENT_STATUSES)),),
        ),
        Page(
            "agreed",
            "What did they say?",
            (
                Field("given_by", _L, "Who said so?", ("agreement", "given_by")),
                Field("given_on", _D, "When?", ("agreement", "given_on")),
                Field("scope", Kind.SEVERAL, "What does it cover?", ("agreement", "scope"),
                      options=_options(codes.AGREEMENT_SCOPES)),
                Field("young_persons_own", _C, "Does the young person agree too?",
                      ("agreement", "young_persons_own"), options=_options(codes.ANSWERS)),
            ),
            when=_asked,
            optional=True,
        ),
        Page(
            "response",
            "What does the family say about it?",
            (
                Field("family_response", _W, "What does the family say about it?",
                      ("family_response",)),
                Field("willing_to_engage", _C, "Would they work with a service?",
                      ("willing_to_engage",), options=_options(codes.ANSWERS)),
            ),
            optional=True,
        ),
    ),
)  # fmt: skip

_SAFETY = Section(
    "safety",
    "Safety of whoever visits",
    (
        Page(
            "safety",
            "What does a visitor have to take care of?",
            (
                Field("risks", Kind.ROWS, "Choose all that you know of", ("risks_to_workers",),
                      options=_options(codes.RISKS_TO_WORKERS)),
                Field("visiting_advice", _W, "How to visit or ring safely", ("visiting_advice",),
                      "For example who must not hear of it, and when it is safe to ring.",
                      blank=True),
            ),
            optional=True,
        ),
    ),
)  # fmt: skip

SECTIONS: Final = (
    _DANGER, _YOU, _CHILDREN, _HOUSEHOLD, _WORRIES, _ALLEGED, _VOICE, _TRIED, _AGENCIES, _TOLD,
    _SAFETY,
)  # fmt: skip
PAGES: Final = {page.name: page for section in SECTIONS for page in section.pages}
LISTS: Final = {section.list.rows: section.list for section in SECTIONS if section.list}
SECTION_OF: Final = {page.name: section for section in SECTIONS for page in section.pages}
