"""What passes with time: drafts that nobody came back to, questions that nobody answered,
assertions that hold no more, and how long look-ups wait."""

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import Unavailable
from chassis.rounds import go_round
from chassis.stream.kernel import Service
from chassis.telemetry import logs, metrics
from services.intake.accounts import store as accounts
from services.intake.consultations.store import ConsultationStore
from services.intake.domain import Case
from services.intake.drafts.drafting import Drafting
from services.intake.people.store import PeopleStore
from services.intake.people.waiting import measure

EVERY_SECONDS = 30.0

log = logs.get_logger(__name__)


class Tidying:
    """Looks until cancelled."""

    def __init__(
        self,
        service: Service[Case],
        drafting: Drafting,
        questions: ConsultationStore,
        people: PeopleStore,
    ) -> None:
        self._service = service
        self._drafting = drafting
        self._questions = questions
        self._people = people

    async def run(self) -> None:
        """Look every half a minute."""
        await go_round(self.step, EVERY_SECONDS, away=(Unavailable,))

    async def step(self) -> None:
        """Look once."""
        await self._drafting.forget_expired()
        now = self._service.clock()
        async with self._service.database.transaction() as connection:
            await accounts.forget_assertions(connection, now)
            overdue = await self._questions.note_overdue(connection, now)
            await append_audit(
                connection,
                [
                    AuditEntry(
                        "consultation_overdue", None, authority, None, {"consultation_id": one}
                    )
                    for one, authority in overdue
                ],
                now,
            )
            await measure(self._people, connection, now)
            metrics.CONSULTATIONS_OVERDUE.set(await self._questions.count_overdue(connection, now))
        if overdue:
            log.warning("consultations_overdue", count=len(overdue))
