"""Notifications, wired."""

import random
from dataclasses import replace
from datetime import timedelta

from chassis.running import Loop, Resources, Running
from chassis.settings import Settings
from chassis.stream.kernel import Kernel, Service
from chassis.vault import Vault
from services.notifications import api, internal, waiting
from services.notifications.alerts import AlertAddresses
from services.notifications.bounces import api as undelivered
from services.notifications.bounces.following import Bounces
from services.notifications.callbacks import bootstrap as callbacks
from services.notifications.channels.smtp import Relay, SmtpChannel
from services.notifications.digests.mornings import Mornings
from services.notifications.digests.sending import Digests
from services.notifications.digests.writing import Writer
from services.notifications.domain import Case
from services.notifications.ends import Ends
from services.notifications.handlers import HANDLERS
from services.notifications.news import api as news
from services.notifications.news.listing import Listing
from services.notifications.reads import HttpReads
from services.notifications.rendering import Renderer
from services.notifications.rendering.templates import Templates
from services.notifications.sending import Pace, Sender
from services.notifications.sent import api as sent
from services.notifications.store import NotificationsStore

NAME = "notifications"


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
    settings, ends = resources.settings, Ends(kernel)
    if settings.bounces is not None:
        domain = settings.mail_from.rpartition("@")[2]
        loops = (*loops, Bounces(ends, settings.bounces, domain).run)
    relay = _relay(resources.settings)
    if relay is not None:
        reads = HttpReads(resources.reads)
        templates, addresses = Templates(), AlertAddresses()
        renderer = Renderer(
            packs=resources.policy,
            templates=templates,
            sender=resources.settings.mail_from,
            public_url=resources.settings.public_url,
            alert_address=addresses.of,
        )
        pace = Pace(
            conversation=timedelta(seconds=resources.settings.smtp_seconds),
            lease=timedelta(seconds=resources.settings.lease_seconds),
            random=random.SystemRandom().random,
        )
        channels = [SmtpChannel(share) for share in _shares(relay)]
        senders = [Sender(kernel, store, channel, reads, renderer, pace) for channel in channels]
        writer = Writer(
            packs=resources.policy,
            templates=templates,
            sender=resources.settings.mail_from,
            public_url=resources.settings.public_url,
            addresses=addresses,
        )
        digests = Digests(service, channels[0], writer, pace.conversation)
        loops = (
            *loops,
            *(sender.run for sender in senders),
            digests.run,
            Mornings(service, reads).run,
        )
    return Running(
        name=NAME,
        kernel=kernel,
        source=resources.source_of(resources.database, NAME, service.types),
        routers=(
            undelivered.router(kernel),
            api.router(kernel, store),
            news.router(kernel),
            *calling.routers,
        ),
        internal=(internal.router(kernel), sent.router(kernel, Vault(NAME, resources.ring))),
        loops=loops,
    )


def _relay(settings: Settings) -> Relay | None:
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    return Relay(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        starttls=settings.smtp_starttls,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        connections=settings.smtp_connections,
        seconds=settings.smtp_seconds,
    )


def _shares(relay: Relay) -> list[Relay]:
    """The relay as two senders use it, each with half of its connections: while one claims and
    writes, the other hands over."""
    half = relay.connections // 2
    return [
        replace(relay, connections=connections)
        for connections in (relay.connections - half, half)
        if connections
    ]
