"""Tells whoever asked for advice, and left an address, where the answer is, and asks them later whether
the help that it named happened (practice rule 24). Notifications writes and sends the email; it says
nothing of the question."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx2
from pydantic_core import from_json

from chassis.database import Connection
from chassis.errors import Unavailable
from chassis.identity.links import Links
from chassis.rounds import go_round
from chassis.stream.kernel import Service
from chassis.telemetry import logs
from services.intake.consultations.domain import Consultation, worth_mailing
from services.intake.consultations.store import ConsultationStore
from services.intake.domain import Case

EVERY_SECONDS: Final = 10.0
SECONDS: Final = 10.0
FORM_LINKS: Final = "/internal/v1/notifications/form-links"
OPENS_FOR: Final = timedelta(days=60)
AGAIN_AFTER: Final = timedelta(hours=6)
"""An address that gets no more for a day is tried later."""

log = logs.get_logger(__name__)


async def intend(
    store: ConsultationStore, connection: Connection, answered: Consultation, now: datetime
) -> None:
    """Have whoever asked be mailed, where they left an address."""
    if not _address(await store.words(connection, answered.consultation_id)):
        return
    mails = [("answer", now)]
    if answered.help_ask_at is not None:
        mails.append(("help", answered.help_ask_at))
    await store.to_mail(connection, answered.consultation_id, mails)


def _address(words: Mapping[str, str]) -> str:
    return str(from_json(words.get("asker") or "{}").get("email") or "")


class Mailing:
    """Looks until cancelled."""

    def __init__(
        self,
        service: Service[Case],
        store: ConsultationStore,
        reads: httpx2.AsyncClient,
        links: Links,
    ) -> None:
        self._service = service
        self._store = store
        self._reads = reads
        self._links = links

    async def run(self) -> None:
        """Look every ten seconds; at once again after one. While mail can't be sent, wait."""
        await go_round(
            self.step,
            EVERY_SECONDS,
            most=1,
            away=(Unavailable,),
            waits=lambda _: log.warning("advice_mail_waits"),
        )

    async def step(self) -> int:
        """Look once. How many were looked at. Raises Unavailable."""
        store, now = self._store, self._service.clock()
        async with self._service.database.transaction() as connection:
            found = await store.next_to_mail(connection, now)
            if found is None:
                return 0
            consultation_id, about = found
            one = await store.one(connection, consultation_id)
            email = _address(await store.words(connection, consultation_id))
            later = False
            if one is not None and email and worth_mailing(one, about, now):
                later = await self._ask(one, about, email)
            if later:
                at = now + AGAIN_AFTER
                await store.mail_later(connection, consultation_id, about, at)
            else:
                await store.mailed(connection, consultation_id, about)
        return 1

    async def _ask(self, one: Consultation, about: str, email: str) -> bool:
        """Have it mailed. Whether that has to be tried later. Raises Unavailable."""
        body: dict[str, Any] = {
            "token": self._links.token("advice", one.consultation_id),
            "email": email,
            "authority": one.authority,
            "until": (self._service.clock() + OPENS_FOR).isoformat(),
            "about": about,
        }
        try:
            answer = await self._reads.post(FORM_LINKS, json=body, timeout=SECONDS)
        except httpx2.HTTPError as away:
            raise Unavailable("mail_away", "No mail can be sent from here now.") from away
        if answer.status_code >= 500:
            raise Unavailable("mail_away", "No mail can be sent from here now.")
        if answer.status_code not in (202, 429):
            log.warning("advice_not_mailed", status=answer.status_code)
        return answer.status_code == 429
