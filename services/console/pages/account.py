"""A person's own account: who they are here, how long they stay signed in, and signing out."""

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from chassis.identity import Caller
from services.console import sessions, words
from services.console.desk import Desk, iso
from services.console.pages.openid import way_out
from services.console.pages.page import (
    FormRefused,
    end_session,
    from_here,
    pages,
    sent_form,
    signed_in,
)
from services.console.pages.refer.held import let_go
from services.console.rows import Titles
from services.console.store import sessions as store
from services.console.times import stamp


def router(desk: Desk) -> APIRouter:
    """The account page, staying signed in, signing out here or everywhere."""
    routes = pages(desk)

    @routes.get("/account")
    async def shown(request: Request) -> Response:
        session = await signed_in(desk, request, partners=True)
        now = desk.clock()
        titles = Titles(desk.policy, session, now)
        async with desk.database.connection() as connection:
            number = await store.count_sessions(connection, session.staff_id, now, sessions.IDLE)
        caller = session.caller
        facts = [
            ("User name", session.name),
            ("Roles", ", ".join(words.sentence(role) for role in sorted(caller.roles))),
            *(() if caller.is_referrer else _of_the_hub(caller, titles)),
            ("Signed in", words.count(number, "session", "sessions")),
            ("This one ends", f"{stamp(session.expires_at)}, later if you go on working"),
        ]
        return desk.show(request, "account.html", {"facts": facts}, session=session)

    @routes.post("/session/stay")
    async def stay(request: Request) -> Response:
        """Keep the session, and say until when it holds now."""
        from_here(request)
        session = await signed_in(desk, request, partners=True)
        if not sessions.is_form_key(session.secret, request.headers.get("X-Form-Key", "")):
            raise FormRefused
        now = desk.clock()
        async with desk.database.connection() as connection:
            name = sessions.name_of(session.secret)
            await store.touch_session(connection, name, now)
            stored = await store.find_session(connection, name)
        until = min(stored.expires_at, now + sessions.IDLE) if stored else now
        return PlainTextResponse(iso(until), headers={"Cache-Control": "no-store"})

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        session, values = await sent_form(desk, request, partners=True)
        async with desk.database.connection() as connection:
            stored = await store.find_session(connection, sessions.name_of(session.secret))
            if "yes" in values.get("everywhere", ()):
                await store.end_sessions(connection, session.staff_id)
            else:
                await store.end_session(connection, sessions.name_of(session.secret))
        page = await _left(desk, request, session, stored)
        page.headers["Clear-Site-Data"] = '"cache", "storage"'
        end_session(desk, page)
        if session.caller.is_referrer:
            # Their form is their organisation's: it is not left behind on this device.
            let_go(desk, page)
        return page

    return routes


def _of_the_hub(caller: Caller, titles: Titles) -> Sequence[tuple[str, str]]:
    """What only those have who work for the hub."""
    qualified = [words.sentence(one) for one in sorted(caller.qualifications)]
    return (
        ("Qualifications", ", ".join(qualified) or "None"),
        ("Authorities", ", ".join(name for _, name in titles.authorities())),
    )


async def _left(
    desk: Desk, request: Request, session: sessions.Session, stored: store.StoredSession | None
) -> Response:
    """Where somebody goes who has signed out here: to the provider's own page, if they came by
    it. A page of ours stands between, because no form may lead to another site."""
    sealed = stored.sealed_id_token if stored else None
    id_token = sessions.unseal(session.secret, sealed) if sealed else None
    address = await way_out(desk, id_token) if id_token else None
    if address is None:
        return RedirectResponse("/sign-in", 303)
    return desk.show(request, "signed-out.html", {"address": address, "provider": desk.provider})
