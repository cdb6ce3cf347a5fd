"""Call-backs, wired."""

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from fastapi import APIRouter

from chassis.outside.addresses import reachable
from chassis.running import Loop, Resources
from chassis.stream.kernel import Kernel
from chassis.vault import Vault
from services.notifications.callbacks import api, calls
from services.notifications.callbacks.calling import Caller, Limits
from services.notifications.callbacks.store import CallbackStore
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.domain import Case

SPARE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What the service runs of them."""

    routers: tuple[APIRouter, ...]
    loops: tuple[Loop, ...]


def build(resources: Resources, kernel: Kernel[Case], vault: Vault) -> Callbacks:
    """Call-backs on real parts."""
    settings = resources.settings
    store = CallbackStore(vault)
    allowed = settings.callback_networks
    channel = WebhookChannel(
        settings.callback_lanes,
        settings.callback_seconds,
        partial(reachable, allowed=allowed),
        partial(reachable, allowed=allowed, alone=True),
    )
    limits = Limits(
        lease=timedelta(seconds=settings.callback_seconds) + SPARE,
        chance=random.SystemRandom().random,
    )
    caller = Caller(kernel, store, channel, settings.public_url, limits)

    desk = api.CallbackDesk(kernel, store, allowed)

    async def call() -> None:
        try:
            await caller.run()
        finally:
            await channel.close()

    return Callbacks(
        routers=(api.router(desk), calls.router(desk)),
        loops=(call,),
    )
