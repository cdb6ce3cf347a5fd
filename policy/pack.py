"""An authority pack: what the partnership decides, as data.

A pack is frozen once loaded. Versions stand side by side, each with the date from which it holds.
The sections that other files of this package own (hours, clocks, allocation) bring their models.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from contracts.events import AgreementStatus, DiscussionKind, Impact, Outcome, Rag, Urgency
from policy.allocation import AllocationSection
from policy.clocks import ClocksSection
from policy.clocks.periods import Lasting, Period
from policy.matching import MatchingSection
from policy.records import Records
from policy.working_time import Calendar, HoursSection

Level = Annotated[int, Field(ge=1, le=4)]
AgeTag = Literal["unborn", "under_1", "non_mobile", "under_5", "adolescent"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=600)]


def _between_commas(words: object) -> object:
    return [each.strip() for each in words.split(",")] if isinstance(words, str) else words


# Written as a list, or as one text with commas: thousands of words are read quicker so.
Words = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(_between_commas, json_schema_input_type=str | tuple[str, ...]),
]


class Section(BaseModel):
    """A part of a pack: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Clause(Section):
    """One citable paragraph of the thresholds guidance."""

    id: str
    level: Level
    title: Text
    text: Text


# What a need of the past is taken for.
NOTHING = "nothing"


class Indicator(Section):
    """A recognisable sign of need, tied to a clause.

    `about`: the concern codes that it speaks of (combinations count these). `ticked`: for a
    concern code, the lowest impact at which ticking it means this indicator. `ages`: for a child
    of that age it counts as another indicator. `harm`: whether it tells of harm or a risk of
    harm, as against a need; left out, level 4 is harm. `milder` and `stronger`: what the reader
    takes it for when the words are softened or sharpened. `past`: what the reader takes it for
    when it is said of the past, `nothing` for a need that is over; left out, it stands.
    """

    code: Code
    clause: str
    level: Level
    title: Text
    about: tuple[str, ...] = ()
    ticked: dict[str, Impact] = Field(default_factory=dict)
    ages: dict[AgeTag, str] = Field(default_factory=dict)
    phrases: tuple[str, ...] = ()
    hard: bool = False
    household: bool = False
    harm: bool | None = None
    urgency: Urgency | None = None
    at_least: Rag | None = None
    milder: str | None = None
    stronger: str | None = None
    past: str | None = None

    @property
    def is_harm(self) -> bool:
        """Whether this is about harm: as the pack says, or else from level 4 up."""
        return self.level >= 4 if self.harm is None else self.harm


class Combination(Section):
    """Signs that weigh more together: when all of `all_of`, and `at_least` of `any_of`, are met
    for a child, `indicator` counts. The members are concern codes, `age:` tags and `history:`
    kinds. A concern counts from `from_level`."""

    id: Code
    indicator: str
    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    at_least: Annotated[int, Field(ge=0, le=20)] = 0
    from_level: Level = 2


HistoryKind = Literal["referred", "open_social_care", "open_early_help", "closed"]


class HistoryRule(Section):
    """`times` or more facts of `kind` within `within_days` calendar days before receipt."""

    id: Code
    kind: HistoryKind
    indicator: str
    within_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    times: Annotated[int, Field(ge=1, le=50)] = 1


class ColourRule(Section):
    """The first rule that fits gives an indicator its colour. A part left out fits everything."""

    rag: Rag
    hard: bool | None = None
    harm: bool | None = None
    level: Level = 1


class Floors(Section):
    """Indicators that facts other than concerns bring in, by their codes."""

    immediate_danger: str
    impact_immediate: str
    unread_text: str
    unknown_sign: str
    unknown_concern: dict[Impact, str]
    request: dict[str, str] = Field(default_factory=dict)
    referrer_level: dict[int, str] = Field(default_factory=dict)


class Rating(Section):
    """How levels, harm and hard rules become a colour, how soon, and who may decide."""

    level_names: dict[Level, Text]
    rag_names: dict[Rag, Text]
    rag_meanings: dict[Rag, Text]
    colours: tuple[ColourRule, ...]
    urgency: dict[Rag, Urgency]
    lowest: Rag = Rag.GREEN
    floors: Floors
    outcomes: dict[Rag, Outcome]
    deciders: dict[AgreementStatus, dict[Rag, str]]
    qualification: str = "social_worker"
    countersign_rags: tuple[Rag, ...] = (Rag.RED,)
    countersign_outcomes: tuple[Outcome, ...] = (Outcome.NO_FURTHER_ACTION,)


class DisagreementStage(Section):
    """One stage of a professional disagreement. Its clock stands in the clocks section."""

    stage: Annotated[int, Field(ge=1, le=9)]
    title: Text
    who: Text
    words: Text


def _address(text: str) -> str:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        raise ValueError("is not an email address") from None
    return text


Address = Annotated[str, Field(max_length=254), AfterValidator(_address)]
# Nothing else reaches a telephone everywhere.
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{7,14}$")]


class Alerts(Section):
    """Where the hub's own staff read what cannot wait. `out_of_hours` is the emergency duty
    team's address while the hub is closed; left out, the duty team's. `manager` is whoever hears
    of time limits that have passed. `people` are the addresses of those whom the duty ladders
    name, by the ladders' words for them, `phones` their numbers, such as +447700900123, for
    steps that go by text message, and `teams` those of teams and panels, by their codes;
    for whoever is left out there, the duty team's and the hub's own team's stand in."""

    duty: Address
    out_of_hours: Address | None = None
    manager: Address
    people: dict[Text, Address] = Field(default_factory=dict)
    phones: dict[Text, Phone] = Field(default_factory=dict)
    teams: dict[Code, Address] = Field(default_factory=dict)


TemplateName = Annotated[str, Field(pattern=r"^[a-z_]+\.(txt|html)$")]
TemplateText = Annotated[str, Field(min_length=1, max_length=20_000)]


class Messages(Section):
    """What messages say of the authority. `trusted_domains` are patterns such as `*.example`.
    `complaint_words` stand in the letter for the family; `alerts` may be left out only where the installation says where alerts go. `templates` are the
    authority's own, by file name (`decision.txt`, `decision.html`), in place of the shipped ones;
    `frontdoor policy check` tries them. `help_asked_after`: how long after a decision that named a
    service, and that no team takes on, or after such advice, whoever referred or asked is asked
    whether that help happened."""

    hub_name: Text
    phone: Text
    emergency_phone: Text
    police_phone: Text = "999"
    opening_words: Text
    trusted_domains: tuple[Text, ...] = ()
    disagreement: tuple[DisagreementStage, ...] = ()
    family_words: Text
    complaint_words: Text = (
        "You can also complain to the council, in any way that suits you. Ask us how. If you are "
        "still not happy with the answer, ask the Local Government and Social Care Ombudsman "
        "(www.lgo.org.uk) to look at it. That costs nothing."
    )
    help_asked_after: Lasting = Period.model_validate("20 working days")
    alerts: Alerts | None = None
    templates: dict[TemplateName, TemplateText] = Field(default_factory=dict)


class Consultations(Section):
    """How soon a practitioner answers whoever asked for advice."""

    answer_within: Lasting = Period.model_validate("1 working day")


class Claims(Section):
    """How long somebody may keep a Red to themselves; anything else until their shift ends."""

    red: Lasting = Period.model_validate("1 hour")


class Checks(Section):
    """Asking agencies. `link_for`: how long an emailed link stays good after the answer is due.
    `agreement`: whether a referrer who says nothing of agreement, or of telling the parents, is
    asked at once, unless Red is suggested."""

    link_for: Lasting = Period.model_validate("5 working days")
    agreement: bool = False


class Discussions(Section):
    """Discussions that are held together. `attend`: by kind, the agencies without which it is no
    such discussion here, beside those that the house asks for everywhere."""

    attend: dict[DiscussionKind, tuple[str, ...]] = Field(default_factory=dict)


class Disagreements(Section):
    """Disagreeing with a decision. `link_for`: how long the link in a decision's email stays
    good."""

    link_for: Lasting = Period.model_validate("20 working days")


class Pack(Section):
    """One version of one authority's policy."""

    authority: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    name: Text
    version: Annotated[str, Field(pattern=r"^[0-9]{4}\.[0-9]+$")]
    valid_from: date
    valid_until: date | None = None
    about: Text
    shared_hub: tuple[str, ...] = ()
    guidance: Text
    words: dict[str, Text] = Field(default_factory=dict)
    clauses: dict[str, Clause]
    indicators: dict[str, Indicator]
    lexicon: dict[str, Words] = Field(default_factory=dict)
    families: dict[str, Words] = Field(default_factory=dict)
    combinations: dict[str, Combination] = Field(default_factory=dict)
    history: dict[str, HistoryRule] = Field(default_factory=dict)
    rating: Rating
    messages: Messages
    hours: HoursSection
    clocks: ClocksSection
    allocation: AllocationSection
    matching: MatchingSection
    consultations: Consultations = Consultations()
    claims: Claims = Claims()
    checks: Checks = Checks()
    discussions: Discussions = Discussions()
    disagreements: Disagreements = Disagreements()
    records: Records = Records()

    @cached_property
    def calendar(self) -> Calendar:
        """The hub's working calendar."""
        return Calendar.of(self.hours)

    @property
    def trusted_domains(self) -> tuple[str, ...]:
        """Domain patterns to which full reasons may be emailed."""
        return self.messages.trusted_domains

    def clause_of(self, indicator: str) -> Clause:
        """The clause that an indicator's code stands on. KeyError if there is no such indicator."""
        return self.clauses[self.indicators[indicator].clause]
