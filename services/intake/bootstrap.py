"""Wires intake."""

import asyncio
from datetime import timedelta
from functools import partial

from chassis.beside import Beside
from chassis.identity import Guesses
from chassis.identity.links import Links
from chassis.running import Resources, Running
from chassis.stream.kernel import Kernel, Service
from chassis.vault import BlindIndex, Vault
from services.intake import api, disagreements, internal
from services.intake.accounts import api as tokens
from services.intake.accounts import clients
from services.intake.agreeing import api as agreeing
from services.intake.attachments import api as attaching
from services.intake.attachments.scanning import scanner_at
from services.intake.calls import api as calls
from services.intake.consultations import api as consulting
from services.intake.consultations import helped
from services.intake.consultations.mailing import Mailing
from services.intake.consultations.store import ConsultationStore
from services.intake.correcting import api as correcting
from services.intake.directory import api as directory
from services.intake.drafts import api as drafts
from services.intake.drafts.drafting import Drafting
from services.intake.drafts.store import DraftStore
from services.intake.earlier import Lookups
from services.intake.handlers import HANDLERS
from services.intake.incidents import api as incidents
from services.intake.openid import bootstrap as openid
from services.intake.people import waiting
from services.intake.people.bootstrap import build as build_people
from services.intake.postcodes.wards import Wards
from services.intake.preparing import Preparing
from services.intake.preparing_beside import Preparer
from services.intake.readings import Readings
from services.intake.readings import internal_router as readings_router
from services.intake.receiving import Receiving
from services.intake.references import References
from services.intake.referrers import api as referring
from services.intake.restricting import api as restricting
from services.intake.retaining import api as retaining
from services.intake.retaining.destroying import Retaining
from services.intake.schools import api as schools
from services.intake.store import IntakeStore
from services.intake.summaries import api as summaries
from services.intake.telling import Telling
from services.intake.tidying import Tidying
from services.intake.transfers import api as transfers
from services.intake.vouching.changing import Vouching
from services.intake.vouching.keys import PublishedKeys
from services.intake.web import api as web

NAME = "intake"


def build(resources: Resources) -> Running:
    """Intake on real parts."""
    vault = Vault(NAME, resources.ring)
    store = IntakeStore(vault)
    service = Service(name=NAME, store=store, handlers=HANDLERS, **resources.for_kernel())
    kernel = Kernel(service)
    source = resources.source_of(resources.database, NAME, service.types)
    wards = Wards(resources.database)
    receiving = Receiving(
        kernel,
        store,
        References(resources.database, store),
        Lookups(resources.database, store),
        Preparer(
            Preparing(service.policy, BlindIndex(resources.ring.index_key), service.ids),
            Beside(urgent=True),
        ),
        wards,
    )
    drafting = Drafting(
        service,
        DraftStore(vault),
        receiving,
        timedelta(days=resources.settings.draft_days),
    )
    questions = ConsultationStore(vault)
    advice = consulting.AdviceDesk(service, questions, drafting)
    files = attaching.FileDesk(
        kernel,
        store,
        vault,
        drafting,
        scanner_at(resources.settings.clamd),
        asyncio.Semaphore(attaching.AT_ONCE),
    )
    telling = Telling(resources.policy, resources.reads)
    desk = api.Desk(kernel, store, receiving, telling)
    links = Links(resources.ring.token_key)
    mailing = Mailing(service, questions, resources.reads, links)
    pages = web.WebDesk(drafting, files, advice, telling, links)
    networks = resources.settings.provider_networks
    published = PublishedKeys(resources.clock, networks)
    token_desk = tokens.TokenDesk(
        database=resources.database,
        signing=resources.signing,
        pepper=resources.ring.token_key,
        clock=resources.clock,
        token_seconds=resources.settings.token_seconds,
        staff_token_seconds=resources.settings.staff_token_seconds,
        guesses=Guesses(resources.settings.sign_ins_per_minute),
        passwords=resources.settings.local_accounts,
        issuer=resources.settings.public_url.rstrip("/"),
        vouching=Vouching(resources.database, published, resources.clock),
    )
    client_desk = clients.ClientDesk(service, resources.ring.token_key, networks)
    keeping = Retaining(kernel, store)
    people_routes, look_up, people, loops = build_people(resources, kernel, store, vault)
    return Running(
        name=NAME,
        kernel=kernel,
        source=source,
        routers=(
            tokens.router(token_desk),
            clients.staff_router(client_desk),
            referring.staff_router(client_desk),
            api.router(desk),
            api.staff_router(desk),
            agreeing.router(kernel, store),
            correcting.router(kernel, store, BlindIndex(resources.ring.index_key), wards),
            directory.router(service),
            disagreements.router(resources.reads),
            people_routes,
            incidents.router(kernel, store),
            restricting.router(kernel, store),
            calls.staff_router(calls.CallDesk(kernel, store, receiving, look_up)),
            retaining.router(kernel, store, keeping),
            schools.router(service),
            drafts.router(drafting),
            attaching.router(files),
            attaching.staff_router(files),
            consulting.router(advice),
            consulting.staff_router(advice),
            helped.router(service, questions),
        ),
        internal=(
            internal.router(kernel, store, links),
            tokens.internal_router(token_desk),
            web.internal_router(pages),
            summaries.internal_router(service),
            transfers.internal_router(receiving, vault),
            readings_router(
                Readings(resources.database, store, resources.clock), resources.policy, Beside()
            ),
            *openid.routers(resources, token_desk),
        ),
        state={"receiving": receiving},
        loops=(*loops, Tidying(service, drafting, questions, people).run, keeping.run, mailing.run),
        watched=partial(waiting.watched, people),
    )
