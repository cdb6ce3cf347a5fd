"""Wires triage."""

from chassis.running import Resources, Running
from chassis.stream.kernel import Kernel, Service
from chassis.vault import Vault
from services.triage import api, discards
from services.triage.claims import api as claiming
from services.triage.claims.lapsing import Lapsing
from services.triage.countersigning import api as countersigning
from services.triage.handlers import HANDLERS
from services.triage.orders import Orders
from services.triage.store import TriageStore

NAME = "triage"


def build(resources: Resources) -> Running:
    """Triage on real parts."""
    store = TriageStore(Vault(NAME, resources.ring))
    service = Service(name=NAME, store=store, handlers=HANDLERS, **resources.for_kernel())
    kernel = Kernel(service)
    orders = Orders(kernel, store)
    source = resources.source_of(resources.database, NAME, service.types)
    return Running(
        name=NAME,
        kernel=kernel,
        source=source,
        routers=(
            api.router(kernel, store, orders),
            discards.router(kernel, store),
            claiming.router(orders),
            countersigning.router(kernel, orders),
        ),
        internal=(api.internal_router(kernel, store),),
        loops=(Lapsing(kernel).run,),
    )
