"""Wires allocation."""

from chassis.running import Resources, Running
from chassis.stream.kernel import Kernel, Service
from chassis.vault import Vault
from services.allocation import api, held, story
from services.allocation.actions import api as actions
from services.allocation.case_system import api as case_system
from services.allocation.clocks import api as clocks_api
from services.allocation.clocks.firing import Firing
from services.allocation.clocks.recalculating import Recalculation
from services.allocation.duty import api as duty_api
from services.allocation.handlers import handlers_for
from services.allocation.leading import api as leading
from services.allocation.offers import api as offers
from services.allocation.offers import reading, reassigning
from services.allocation.offers.desk import Desk
from services.allocation.offers.offering import Offering
from services.allocation.panels import api as panels
from services.allocation.panels import feeds
from services.allocation.panels.listing import Listing
from services.allocation.scorecard import api as scorecard
from services.allocation.stepping import api as stepping
from services.allocation.stepping import transfers
from services.allocation.store import AllocationStore
from services.allocation.telling import api as telling
from services.allocation.workers import api as workers
from services.allocation.workers import rota

NAME = "allocation"


def build(resources: Resources) -> Running:
    """Allocation on real parts."""
    store = AllocationStore(Vault(NAME, resources.ring))
    service = Service(
        name=NAME, store=store, handlers=handlers_for(resources.policy), **resources.for_kernel()
    )
    kernel = Kernel(service)
    source = resources.source_of(resources.database, NAME, service.types)
    firing = Firing(kernel, source)
    desk = Desk(kernel, store)
    return Running(
        name=NAME,
        kernel=kernel,
        source=source,
        routers=(
            clocks_api.router(kernel),
            duty_api.router(kernel),
            api.router(desk),
            workers.router(service),
            rota.router(service),
            offers.router(desk),
            reading.router(desk),
            reassigning.router(desk),
            leading.router(desk, resources.reads),
            telling.router(desk),
            feeds.router(desk, resources.settings.public_url),
            panels.router(desk),
            actions.router(desk),
            stepping.router(desk),
            transfers.router(desk, resources.reads),
            story.router(desk),
            scorecard.router(desk),
            case_system.router(desk, resources.reads),
        ),
        internal=(api.internal_router(kernel, store), held.router(kernel, store)),
        loops=(
            firing.run,
            firing.count,
            Recalculation(kernel).run,
            Offering(kernel).run,
            Listing(kernel).run,
        ),
        watched=firing.watched,
    )
