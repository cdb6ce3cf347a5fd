"""An email to somebody who is asked to take something on: to lead for a family, or to do something for
one. It says how much waits for their answer and where, and names nobody.

Made once for each thing that somebody is asked, while the hub is open; written anew when it goes, so
that what was answered or taken back meanwhile is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.errors import Unavailable
from chassis.rounds import go_round
from chassis.stream.kernel import Service
from chassis.telemetry import logs
from policy.pack import Pack
from policy.working_time import LONDON, is_open
from services.notifications.digests import store
from services.notifications.digests.domain import Digest
from services.notifications.domain import Case
from services.notifications.reads import AskedPerson, Reads, Unreadable
from services.notifications.rendering.mail import Email
from services.notifications.rendering.pen import Pen
from services.notifications.rendering.templates import ASKED
from services.notifications.rendering.view import hub

EVERY_SECONDS = 60.0
OF_PERSON: Final = "person:"
LEAD: Final = "lead"

log = logs.get_logger(__name__)


class People:
    """Looks until cancelled whether somebody is asked who was not told yet."""

    def __init__(self, service: Service[Case], reads: Reads) -> None:
        self._service = service
        self._reads = reads

    async def run(self) -> None:
        """Look every minute. While something that it needs is away, wait."""
        await go_round(
            self.step,
            EVERY_SECONDS,
            away=(Unavailable, Unreadable),
            waits=lambda _: log.warning("asked_people_wait"),
        )

    async def step(self) -> int:
        """Make an email for everybody who was asked something new and signs in with an address;
        how many. Raises Unavailable, Unreadable."""
        service, made = self._service, 0
        for pack in service.policy.in_force(service.clock().astimezone(LONDON).date()):
            now = service.clock()
            if not is_open(pack.calendar, now):
                continue
            asked = await self._reads.asked_people(pack.authority)
            async with service.database.connection() as connection:
                told = await store.told(connection, [one.thing_id for one in asked])
            new = [one for one in asked if one.thing_id not in told]
            addresses = await self._reads.addresses(sorted({one.staff_id for one in new}))
            of = {one.thing_id: one.staff_id for one in new if one.staff_id in addresses}
            if of:
                async with service.database.transaction() as connection:
                    made += await store.make_asked(
                        connection, pack.authority, of, OF_PERSON, service.ids, now
                    )
        return made


@dataclass(frozen=True, slots=True)
class PersonWriter:
    """Writes these emails. `public_url` is where people reach the console."""

    pen: Pen
    reads: Reads
    public_url: str

    async def email(self, digest: Digest, now: datetime) -> Email | None:
        """One as an email; None where nothing waits for their answer any more, or their account has
        gone. Raises CannotWrite, Unavailable, Unreadable, and whatever an authority's own template
        does."""
        staff_id = UUID(digest.recipient.removeprefix(OF_PERSON))
        asked = [
            one
            for one in await self.reads.asked_people(digest.authority)
            if one.staff_id == staff_id
        ]
        address = (await self.reads.addresses([staff_id])).get(staff_id)
        if not asked or address is None:
            return None
        pack = self.pen.pack(digest.authority, now)
        return self.pen.email(
            ASKED,
            pack,
            view(pack, asked, self.public_url.rstrip("/")),
            message_id=digest.digest_id,
            recipient=address,
            queued_at=digest.made_at,
        )


def view(pack: Pack, asked: Sequence[AskedPerson], public_url: str) -> Mapping[str, Any]:
    """The names that the templates use: counts and a link."""
    leads = sum(one.what == LEAD for one in asked)
    return {
        "title": "You are asked to help a family",
        "subject": "You are asked to help a family",
        "hub": hub(pack.messages),
        "counts": {"lead": leads, "do": len(asked) - leads},
        "link": f"{public_url}/my-work",
    }
