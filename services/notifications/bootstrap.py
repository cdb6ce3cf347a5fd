"""Notifications, wired."""

import random
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from pydantic import SecretStr

from chassis.clock import Clock
from chassis.identity.links import Links
from chassis.running import Loop, Resources, Running
from chassis.settings import Settings
from chassis.stream.kernel import Kernel, Service
from chassis.vault import Vault
from services.notifications import api, internal, waiting
from services.notifications.alerts import AlertAddresses
from services.notifications.bounces import api as undelivered
from services.notifications.bounces.following import Bounces
from services.notifications.callbacks import bootstrap as callbacks
from services.notifications.channels.paced import LONGEST_WAIT, Gate, Paced
from services.notifications.channels.pages import PageChannel
from services.notifications.channels.port import Channel
from services.notifications.channels.smtp import Relay, SmtpChannel
from services.notifications.channels.texts import MailAndTexts
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.digests.mornings import Mornings
from services.notifications.digests.people import People, PersonWriter
from services.notifications.digests.sending import Digests
from services.notifications.digests.weeks import Weeks, WeekWriter
from services.notifications.digests.writing import Writer
from services.notifications.domain import Case
from services.notifications.ends import Ends
from services.notifications.form_links import api as form_links
from services.notifications.form_links.sending import FormLinks
from services.notifications.form_links.writing import Writer as FormLinkWriter
from services.notifications.handlers import HANDLERS
from services.notifications.helped import api as helped
from services.notifications.helped.asking import AskingAfter
from services.notifications.letters import api as letters
from services.notifications.measures import api as measures
from services.notifications.news import api as news
from services.notifications.news.listing import Listing
from services.notifications.pace import Pace
from services.notifications.previews import api as previews
from services.notifications.previews.domain import LINK
from services.notifications.ratings import api as ratings
from services.notifications.reads import HttpReads
from services.notifications.receipts import api as receipts
from services.notifications.receipts.asking import Asking
from services.notifications.rendering import Renderer, no_number
from services.notifications.rendering.pen import Pen
from services.notifications.rendering.templates import Templates
from services.notifications.sending import Sender
from services.notifications.sent import api as sent
from services.notifications.store import NotificationsStore

if TYPE_CHECKING:
    from services.notifications.channels.notify import NotifyChannel

NAME = "notifications"
PAGING_LANES = 4


def build(resources: Resources) -> Running:
    """The service with its sender. Without a mail server messages wait, and are counted."""
    vault = Vault(NAME, resources.ring)
    store = NotificationsStore(vault)
    service: Service[Case] = Service(
        name=NAME, store=store, handlers=HANDLERS, **resources.for_kernel()
    )
    kernel = Kernel(service)

    async def count() -> None:
        await waiting.watch(resources.database, store)

    calling = callbacks.build(resources, kernel, vault)
    loops: tuple[Loop, ...] = (count, Listing(kernel).run, *calling.loops)
    links = Links(resources.ring.token_key)
    settings, ends = resources.settings, Ends(kernel)
    if settings.bounces is not None:
        domain = settings.mail_from.rpartition("@")[2]
        loops = (*loops, Bounces(ends, settings.bounces, domain).run)
    notify = _notify(settings)
    channel = _channel(settings, notify, resources.clock)
    reads, templates = HttpReads(resources.reads), Templates()
    addresses = AlertAddresses()
    renderer = Renderer(
        packs=resources.policy,
        templates=templates,
        sender=resources.settings.mail_from,
        public_url=resources.settings.public_url,
        alert_address=addresses.of,
        text_number=addresses.number if settings.notify_text_template and notify else no_number,
        useful_token=partial(links.token, "useful"),
        helped_token=partial(links.token, "helped"),
        paging=settings.paging_url,
    )
    if channel:
        waits = LONGEST_WAIT if settings.smtp_per_minute or notify else 0
        pace = Pace(
            conversation=timedelta(seconds=settings.smtp_seconds + waits),
            lease=timedelta(seconds=resources.settings.lease_seconds),
            random=random.SystemRandom().random,
        )
        sender = Sender(kernel, store, channel, reads, renderer, pace)
        pen = Pen(resources.policy, templates, settings.mail_from)
        writer = Writer(pen, settings.public_url, addresses)
        people = PersonWriter(pen, reads, settings.public_url)
        weeks = WeekWriter(pen, reads)
        digests = Digests(service, channel, writer, weeks, people, pace.conversation)
        way_back = FormLinkWriter(pen, settings.public_url)
        mailed = FormLinks(service, resources.ring, channel, way_back, pace.conversation)
        loops = (
            *loops,
            sender.run,
            digests.run,
            mailed.run,
            Mornings(service, reads).run,
            Weeks(service, reads).run,
            People(service, reads).run,
            AskingAfter(kernel, reads).run,
        )
    if notify is not None:
        loops = (*loops, Asking(service, notify, ends).run)
    return Running(
        name=NAME,
        kernel=kernel,
        source=resources.source_of(resources.database, NAME, service.types),
        routers=(
            undelivered.router(kernel),
            measures.router(service),
            ratings.router(service),
            helped.router(service),
            letters.router(kernel, store, reads, templates),
            previews.router(
                kernel,
                store,
                reads,
                replace(renderer, useful_token=lambda _: LINK),
                plain=notify is not None and settings.smtp_host is None,
            ),
            api.router(kernel, store),
            news.router(kernel),
            *calling.routers,
            receipts.router(ends, _secret(settings.notify_receipt_token)),
        ),
        internal=(
            ratings.internal_router(service, links),
            helped.internal_router(service, store, links),
            measures.internal_router(service),
            form_links.internal_router(
                form_links.LinkDesk(service, resources.ring, mails=channel is not None)
            ),
            internal.router(kernel),
            sent.router(kernel, Vault(NAME, resources.ring)),
        ),
        loops=loops,
        watched=partial(waiting.watched, store),
    )


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _notify(settings: Settings) -> "NotifyChannel | None":
    key = _secret(settings.notify_key)
    if key is None:
        return None
    # Its client is dear to load, and has no use where nobody has a key.
    from services.notifications.channels.notify import Account, NotifyChannel

    return NotifyChannel(
        Account(
            key=key,
            url=settings.notify_url,
            email_template=settings.notify_email_template,
            text_template=settings.notify_text_template,
            # What may have been sent before is looked for first: two calls to one conversation.
            seconds=settings.smtp_seconds / 2,
        )
    )


def _channel(settings: Settings, notify: "NotifyChannel | None", clock: Clock) -> Channel | None:
    """What the sender hands letters to. Emails go over the relay where there is one, else through
    Notify; without either they wait."""
    relay = _relay(settings)
    mail: Channel | None = SmtpChannel(relay) if relay else None
    if mail and settings.smtp_per_minute:
        mail = Paced(mail, Gate(settings.smtp_per_minute))
    texts = Paced(notify, Gate(settings.notify_per_minute)) if notify else None
    if not mail and texts and settings.notify_email_template:
        mail = texts
    pages = _pages(settings, clock)
    return MailAndTexts(mail, texts, pages) if mail and (texts or pages) else mail


def _pages(settings: Settings, clock: Clock) -> Channel | None:
    secret = _secret(settings.paging_secret)
    if not settings.paging_url or not secret:
        return None
    # Where the operator's own paging service stands is the operator's business.
    calls = WebhookChannel(PAGING_LANES, settings.smtp_seconds, anywhere, anywhere)
    return PageChannel(calls, secret, clock)


def anywhere(address: object) -> bool:
    """The judge of an address that an operator chose."""
    del address
    return True


def _relay(settings: Settings) -> Relay | None:
    if settings.smtp_host is None:
        return None
    return Relay(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        starttls=settings.smtp_starttls,
        username=settings.smtp_username,
        password=_secret(settings.smtp_password),
        connections=settings.smtp_connections,
        seconds=settings.smtp_seconds,
    )
