"""Puts the console together from its real parts."""

from chassis.clock import Clock
from chassis.database import Database
from chassis.ids import new_id
from chassis.restriction import Guard
from chassis.running import Resources, Running
from chassis.stream.bell import Bell
from chassis.stream.kernel import Kernel, Service
from policy.loading import PackSet
from services.console import pages
from services.console.desk import Desk
from services.console.domain import Row
from services.console.doorbell import Doorbell
from services.console.doors import Doors
from services.console.handlers import HANDLERS
from services.console.leaving import Leaving
from services.console.logo import read_logo
from services.console.reads import Reads
from services.console.store.projection import ConsoleStore

NAME = "console"


def projector(
    source: str, database: Database, policy: PackSet, clock: Clock, bell: Bell
) -> Kernel[Row]:
    """What folds the read model into the tables of `database`'s schema."""
    return Kernel(
        Service(
            name=NAME,
            source=source,
            database=database,
            store=ConsoleStore(),
            handlers=HANDLERS,
            policy=policy,
            clock=clock,
            ids=new_id,
            bell=bell,
        )
    )


def build(resources: Resources) -> Running:
    """The console, ready to run. Its consumer projects; its pages read what was projected.

    `state["doorbell"]` is to be closed before the web server waits for its answers to end: an
    open queue holds one for as long as it is looked at.
    """
    kernel = projector(
        resources.source, resources.database, resources.policy, resources.clock, resources.bell
    )
    doorbell = Doorbell(resources.database)
    reads = Reads(resources.reads)
    leaving = Leaving(resources.database, reads, resources.clock)
    desk = Desk(
        database=resources.database,
        reads=reads,
        policy=resources.policy,
        clock=resources.clock,
        doorbell=doorbell,
        organisation=resources.settings.organisation,
        secure=resources.settings.public_url.startswith("https://"),
        guard=Guard(resources.database, resources.policy, resources.clock),
        doors=Doors(resources.settings.web_forms_per_hour),
        logo=read_logo(resources.settings.logo),
        provider=resources.settings.openid_name if resources.settings.openid_issuer else None,
    )
    return Running(
        name=NAME,
        kernel=kernel,
        source=resources.source_of(resources.database, NAME, kernel.service.types),
        routers=(pages.router(desk),),
        loops=(doorbell.run, leaving.run),
        state={"doorbell": doorbell},
    )
