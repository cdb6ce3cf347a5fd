"""Wires allocation."""

from chassis.running import Resources, Running
from chassis.stream.kernel import Kernel, Service
from services.allocation import api
from services.allocation.clocks.firing import Firing
from services.allocation.handlers import HANDLERS
from services.allocation.store import AllocationStore
from services.allocation.workers import api as workers
from services.allocation.workers import rota

NAME = "allocation"


def build(resources: Resources) -> Running:
    """Allocation on real parts."""
    store = AllocationStore()
    service = Service(name=NAME, store=store, handlers=HANDLERS, **resources.for_kernel())
    kernel = Kernel(service)
    source = resources.source_of(resources.database, NAME, service.types)
    firing = Firing(kernel, source)
    return Running(
        name=NAME,
        kernel=kernel,
        source=source,
        routers=(api.router(kernel, store), workers.router(service), rota.router(service)),
        internal=(api.internal_router(kernel, store),),
        loops=(firing.run, firing.count),
    )
