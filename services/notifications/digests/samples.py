"""An invented digest, to try an authority's own templates with before they are used."""

from dataclasses import replace

from contracts.events import Rag
from policy.pack import Pack
from services.notifications.digests.domain import Digest, Line
from services.notifications.digests.people import LEAD
from services.notifications.digests.people import view as person_view
from services.notifications.digests.weeks import OF_ORGANISATION
from services.notifications.digests.weeks import view as week_view
from services.notifications.digests.writing import view
from services.notifications.domain import About
from services.notifications.reads import AskedPerson, SummarisedReferral, Summary
from services.notifications.rendering.samples import MESSAGE_ID, REFERRAL_ID, WRITTEN, Sample
from services.notifications.rendering.templates import ASKED, DIGEST, WEEK
from services.notifications.rendering.view import STATUTORY


def sample(pack: Pack) -> Sample:
    """A team's morning list with something overdue and something due."""
    digest = Digest(MESSAGE_ID, pack.authority, "team:hub", True, WRITTEN, WRITTEN)
    line = Line(
        MESSAGE_ID,
        REFERRAL_ID,
        f"{pack.prefix}-000123-K",
        STATUTORY,
        About.TODAY,
        WRITTEN,
        Rag.AMBER,
    )
    lines = (line, replace(line, due_at=WRITTEN.replace(hour=16), rag=None))
    values = view(pack, digest, lines, "https://frontdoor.example")
    return Sample(DIGEST, "a team", values, (line.reference,))


def week(pack: Pack) -> Sample:
    """A summary for a school with one referral that waits, for an answer of its own, and one that
    was decided."""
    recipient = f"{OF_ORGANISATION}{REFERRAL_ID}"
    digest = Digest(MESSAGE_ID, pack.authority, recipient, False, WRITTEN, WRITTEN)
    waits = SummarisedReferral(
        referral_id=REFERRAL_ID,
        reference=f"{pack.prefix}-000123-K",
        stage="received",
        received_at=WRITTEN,
    )
    decided = waits.model_copy(
        update={
            "referral_id": MESSAGE_ID,
            "reference": f"{pack.prefix}-000124-L",
            "stage": "decided",
        }
    )
    summary = Summary(
        organisation_id=REFERRAL_ID,
        name="Testwood Academy",
        address="leads@testwood.school.example",
        referrals=(decided, waits),
    )
    values = week_view(pack, digest, summary, {REFERRAL_ID: WRITTEN})
    needed = (waits.reference, decided.reference, pack.messages.phone)
    return Sample(WEEK, "an organisation's leads", values, needed)


def asked(pack: Pack) -> Sample:
    """Somebody who is asked to lead for a family, and to do something for another."""
    things = [
        AskedPerson(thing_id=MESSAGE_ID, staff_id=REFERRAL_ID, what=what) for what in (LEAD, "do")
    ]
    values = person_view(pack, things, "https://frontdoor.example")
    return Sample(ASKED, "somebody who is asked", values, (values["link"], pack.messages.phone))
