"""What intake says."""

from datetime import date, datetime
from uuid import UUID

from contracts.codes.restricting import GlassBrokenBecause, RestrictedBecause
from contracts.envelope import EventData
from contracts.events.parts import (
    ChildFacts,
    ConcernFact,
    ExactLink,
    Home,
    KnownElsewhere,
    NarrativeSignal,
    TextReading,
)
from contracts.events.values import AgreementStatus, PartnerNews


class ReferralSubmitted(EventData):
    """A referral was received and stored. Its clock runs from `received_at`."""

    reference: str
    received_at: datetime
    pack_version: str
    children: tuple[ChildFacts, ...]
    concerns: tuple[ConcernFact, ...] = ()
    request: str = "unsure"
    immediate_danger: bool = False
    source_agency: str
    census_source: str
    organisation_id: UUID
    referrer_level: int | None = None
    basis: str
    agreement: AgreementStatus = AgreementStatus.UNKNOWN
    parents_informed: bool | None = None
    reason_not_informed: str | None = None
    locality: str | None = None
    school_cluster: str | None = None
    completeness: int = 0
    signals: tuple[NarrativeSignal, ...] = ()
    texts: tuple[TextReading, ...] = ()
    links: tuple[ExactLink, ...] = ()
    restricted: bool = False
    repeated_reference: bool = False
    # Carried over from an earlier system: known to whoever looks the child up, and no more.
    historic: bool = False
    # The hub wrote it down on the telephone; the referrer has yet to confirm it in writing.
    telephoned: bool = False
    # What other systems know of the children; found after the referral was received.
    history: tuple[KnownElsewhere, ...] = ()


class ReferralUpdated(EventData):
    """Further information came. Carries what changed for rating; earlier facts stand."""

    version: int
    received_at: datetime
    concerns: tuple[ConcernFact, ...] = ()
    signals: tuple[NarrativeSignal, ...] = ()
    texts: tuple[TextReading, ...] = ()
    immediate_danger: bool = False
    agreement: AgreementStatus | None = None
    # The referrer's own writing, of what was telephoned before.
    written: bool = False
    # The referral that it came as, where it is one of its own.
    written_referral_id: UUID | None = None


class ReferralCorrected(EventData):
    """What the form says of who somebody is, or where they live, was wrong. `fields` are the names of
    what was corrected, never what they say; `by` is `hub` or `referrer`. `child`, at `place` of those
    whom `referral.submitted` named, is as it was on the day of receipt; None for an adult. `home`:
    what follows from where the family lives, where that was corrected."""

    version: int
    corrected_at: datetime
    by: str
    because: str
    fields: tuple[str, ...]
    place: int | None = None
    child: ChildFacts | None = None
    home: Home | None = None


class ReferralAgreementRecorded(EventData):
    """What the family says of help, or of having been told, learnt after the referral was sent.
    `withdrawn`: they had agreed, and take it back. `who` is a code, `given_on` a date in England.
    What is None was not said, and what was known stands."""

    version: int
    recorded_at: datetime
    agreement: AgreementStatus
    withdrawn: bool = False
    who: str
    given_on: date
    scope: tuple[str, ...] = ()
    young_persons_own: str | None = None
    parents_informed: bool | None = None
    reason_not_informed: str | None = None


class ReferralWithdrawn(EventData):
    """The referrer asks to withdraw. Triage concludes; clocks run on."""

    reason: str
    requested_at: datetime


class ReferralLinked(EventData):
    """A child is the child of an earlier referral: by a number, or as a person says. `how` is the
    number's kind, `matched` or `person`; `score` the chance that they are one, 0 to 1."""

    child_id: UUID
    other_referral_id: UUID
    other_child_id: UUID
    how: str
    score: float | None = None
    other_received_at: datetime | None = None


class ReferralUnlinked(EventData):
    """A link is taken back. `reason` is a code."""

    child_id: UUID
    other_referral_id: UUID
    other_child_id: UUID
    reason: str


class IncidentLinked(EventData):
    """Two agencies' referrals about the same child tell of one incident. Each of the two says so. `how`: `matched`, or `person`."""

    other_referral_id: UUID
    how: str


class IncidentUnlinked(EventData):
    """Somebody says that these two do not tell of one incident."""

    other_referral_id: UUID


class ReferralKnownElsewhere(EventData):
    """What is known of this referral's children: in other systems of the authority, asked at `as_of`,
    by an identical verified number; and here, of linked earlier referrals that go on or were closed.
    Says the whole of it: what was said before no longer holds."""

    children: tuple[KnownElsewhere, ...]
    as_of: datetime


class ReferralTransferred(EventData):
    to_authority: str
    state: str


class ReferralErased(EventData):
    """Each owner of text destroys this referral's keys, index rows and rendered text."""

    erased_at: datetime
    reason: str


class PartnerStatusChanged(EventData):
    """What the referrer's organisation may see of a referral has changed, and can be read: call-backs
    and lists of changes come from this. `news` says what changed, `stage` where it stands now."""

    organisation_id: UUID
    news: PartnerNews
    stage: str
    changed_at: datetime


class ReferralRestricted(EventData):
    """Few see it from now on: staff with one of `roles`, and those of `allowed`; never one of
    `denied`. Says the whole of it: what stood before no longer holds. Ids are of staff."""

    because: RestrictedBecause
    roles: tuple[str, ...]
    allowed: tuple[UUID, ...] = ()
    denied: tuple[UUID, ...] = ()
    restricted_at: datetime
    staff_id: UUID | None = None


class ReferralUnrestricted(EventData):
    """Whoever may see the authority's referrals sees it again."""

    unrestricted_at: datetime
    staff_id: UUID


class ReferralGlassBroken(EventData):
    """Somebody who may not see a restricted referral opens it, until `until`."""

    because: GlassBrokenBecause
    staff_id: UUID
    opened_at: datetime
    until: datetime
