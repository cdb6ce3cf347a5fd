"""Wires triage."""

from chassis.beside import Beside
from chassis.identity.links import Links
from chassis.running import Resources, Running
from chassis.stream.kernel import Kernel, Service
from chassis.vault import Vault
from services.triage import api, discards, held
from services.triage.checks import api as checks_api
from services.triage.checks import desk as checking
from services.triage.checks import inside as checks_inside
from services.triage.checks import partners as checks_for_partners
from services.triage.claims import api as claiming
from services.triage.claims.lapsing import Lapsing
from services.triage.consistency import figures, sampling
from services.triage.consistency.drawing import Drawing
from services.triage.countersigning import api as countersigning
from services.triage.disagreements import api as disagreements_api
from services.triage.disagreements import desk as disagreeing
from services.triage.disagreements import inside as disagreements_inside
from services.triage.disagreements import partners as disagreements_for_partners
from services.triage.discussions import api as discussions
from services.triage.findings import api as findings
from services.triage.handlers import HANDLERS
from services.triage.orders import Orders
from services.triage.replaying import api as replaying
from services.triage.store import TriageStore
from services.triage.trials import api as trials

NAME = "triage"


def build(resources: Resources) -> Running:
    """Triage on real parts."""
    vault = Vault(NAME, resources.ring)
    store = TriageStore(vault)
    service = Service(
        name=NAME, store=store, handlers=HANDLERS, hurried=True, **resources.for_kernel()
    )
    kernel = Kernel(service)
    orders = Orders(kernel, store)
    source = resources.source_of(resources.database, NAME, service.types)
    links = Links(resources.ring.token_key)
    checks = checking.Desk(kernel, store, vault, links)
    drawing = Drawing(service)
    disputes = disagreeing.Desk(kernel, store, vault, links)
    return Running(
        name=NAME,
        kernel=kernel,
        source=source,
        routers=(
            api.router(kernel, store, orders, resources.reads),
            discards.router(kernel, store),
            claiming.router(orders),
            countersigning.router(kernel, orders),
            discussions.router(kernel, vault, orders),
            findings.router(orders),
            replaying.router(kernel),
            checks_api.router(checks, resources.reads),
            checks_for_partners.router(checks),
            disagreements_api.router(disputes),
            disagreements_for_partners.router(disputes),
            sampling.router(checks, drawing),
            figures.router(service, resources.reads),
            trials.router(kernel, store, resources.reads, Beside()),
        ),
        internal=(
            api.internal_router(kernel, store, links),
            discards.internal_router(kernel),
            checks_inside.router(checks),
            disagreements_inside.router(disputes),
            held.router(kernel, store, vault),
        ),
        loops=(Lapsing(kernel).run, drawing.run),
    )
