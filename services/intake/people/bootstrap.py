"""Wires the look-up of people."""

from fastapi import APIRouter

from chassis.http.routing import joined
from chassis.running import Loop, Resources
from chassis.stream.kernel import Kernel
from chassis.vault import BlindIndex, Vault
from services.intake.access import api as access
from services.intake.access.gathering import Gathering
from services.intake.domain import Case
from services.intake.people import api
from services.intake.people.finding import Finding, LookUp
from services.intake.people.store import PeopleStore
from services.intake.store import IntakeStore


def build(
    resources: Resources, kernel: Kernel[Case], store: IntakeStore, vault: Vault
) -> tuple[APIRouter, LookUp, PeopleStore, tuple[Loop, ...]]:
    """The routes, the look-up, who is kept, and the loop where this process looks people up."""
    people = PeopleStore(vault)
    look_up = LookUp(people, BlindIndex(resources.ring.index_key))
    finding = Finding(kernel, store, people, look_up)
    loops = (finding.run,) if resources.settings.look_up_people else ()
    gathering = Gathering(kernel.service, store, people, look_up, vault, resources.reads)
    routes = joined(
        (
            api.router(kernel, store, people, look_up),
            access.router(kernel, store, people, gathering),
        )
    )
    return routes, look_up, people, loops
