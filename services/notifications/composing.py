"""From a claimed message and the words for it to a letter."""

from dataclasses import dataclass
from typing import TypeAlias

from chassis.stream.kernel import Service
from chassis.telemetry import logs
from policy.loading import UnknownVersion
from services.notifications.batches import Job, Words, worker_of
from services.notifications.channels.port import Letter
from services.notifications.domain import Audience, Case, Kind
from services.notifications.domain.following import NoLongerTrue, Outcome, PutOff
from services.notifications.helped.domain import to_be_asked
from services.notifications.pace import Pace
from services.notifications.rendering import Email, Renderer

Written: TypeAlias = tuple[Email, Letter] | Outcome
"""A message that is ready, or what became of it without a letter."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Composer:
    """Composes letters."""

    service: Service[Case]
    renderer: Renderer
    pace: Pace

    def written(self, job: Job, words: Words) -> Written:
        """A message as an email and as a letter for the channel, or why there is none now."""
        message = job.message
        if message.message_id in words.unreadable:
            return PutOff("words_unreadable", self.pace.delay(message.attempt))
        referral = words.referrals.get(job.case.referral_id)
        decision = words.decisions.get(message.about) if message.about else None
        if message.audience is Audience.REFERRER and referral is None:
            return PutOff("referral_not_read", self.pace.delay(message.attempt))
        now = self.service.clock()
        if message.kind is Kind.HELP_ASKED_AFTER and not to_be_asked(
            job.case,
            message.about,
            words.decisions.values(),
            referral,
            self.service.policy,
            now,
        ):
            return NoLongerTrue()
        try:
            wanted = words.wanted.get(message.about) if message.about else None
            who = (job.case.authority, worker_of(message) or "")
            email = self.renderer.email(
                job.case, message, referral, decision, now, wanted, words.workers.get(who)
            )
            if not isinstance(email, Email):
                return email
            return email, email.letter(again=message.cuts > 0, turn=message.returns)
        except UnknownVersion:
            return PutOff("pack_not_here", self.pace.delay(message.attempt))
        except Exception:
            # One message that can't be written must not keep the others of its batch.
            log.exception("message_not_written", message_id=str(message.message_id))
            return PutOff("not_written", self.pace.delay(message.attempt))
