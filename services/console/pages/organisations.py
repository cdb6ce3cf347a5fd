"""Partner organisations and their systems' access, for operators. A secret stands on one page, once."""

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from chassis.identity import SCOPES
from contracts import codes
from services.console import words
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import let_in, once_more, pages, sent_to
from services.console.reads import Part, Refusal
from services.console.sessions import Session
from services.console.times import stamp

ROOM = "/organisations"
CLIENTS = "/v1/intake/clients"
DAY_HOURS = 24
# The console shows fields of the request's parts under the names of its form.
FIELDS = {"client_id", "name", "agency", "email_domain", "scopes", "overlap_hours"}
DONE = {
    "keys": "The keys are registered.",
    "lead": "The address is kept.",
    "provider": "The provider is registered.",
    "provider-end": "The provider vouches for it no more.",
    "person-end": "They are let in no more.",
}
PROVIDER = ("issuer", "subject", "audience", "jwks_url", "scope_claim")
KNOWN = "There is a client of that name already."


def router(desk: Desk) -> APIRouter:
    """The list, registering, another client, another secret, disabling."""
    routes = pages(desk)

    @routes.get("/organisations")
    async def listed(request: Request, done: str = "") -> Response:
        session = await let_in(desk, request, ROOM)
        part = await desk.reads.part(session.token, CLIENTS)
        found = [
            (facts, [one for one in group if one["client_id"]])
            for facts, group in groupby(
                part.items, key=lambda one: (one["name"], one["agency"], one["email_domain"])
            )
        ]
        return desk.show(
            request,
            "organisations.html",
            {
                "away": part.away,
                "found": found,
                "agency": lambda code: words.said(codes.AGENCIES, code),
                "done": "The client is let in no more." if done else "",
            },
            session=session,
        )

    @routes.get("/organisations/new")
    async def new(request: Request, beside: str = "") -> Response:
        session = await let_in(desk, request, ROOM)
        typed = Typed({"beside": [beside], "scopes": list(SCOPES)})
        return _form(desk, request, session, typed)

    @routes.post("/organisations/new")
    async def register(request: Request) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        body: dict[str, Any] = {
            "client_id": typed.one("client_id").strip(),
            "scopes": list(typed.every("scopes")),
        }
        if typed.one("beside"):
            body["beside"] = typed.one("beside")
        else:
            body["organisation"] = {
                "name": typed.one("name").strip(),
                "agency": typed.one("agency"),
                "email_domain": typed.one("email_domain").strip() or None,
            }
        told = await desk.reads.told(session.token, CLIENTS, body)
        if isinstance(told, Refusal):
            return _form(desk, request, session, _refused(typed, told), told, 422)
        return _secret(desk, request, session, told)

    @routes.post("/organisations/clients/{client_id}/secret")
    async def replace(request: Request, client_id: str) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        leaked = Typed(values).one("leaked") == "yes"
        path = f"{CLIENTS}/{client_id}/secret"
        body = {"overlap_hours": 0 if leaked else DAY_HOURS}
        told = await desk.reads.told(session.token, path, body)
        return _secret(desk, request, session, _there(told))

    @routes.post("/organisations/clients/{client_id}/keys")
    async def keys(request: Request, client_id: str) -> Response:
        """Say with which public keys the client signs, or see what is wrong with them."""
        session, values = await sent_to(desk, request, ROOM)
        refused = await _put(desk, session, client_id, "keys", _keys(Typed(values)))
        if refused:
            errors = {"keys": _first(refused)}
            return await _one_client(desk, request, session, client_id, Typed(values, errors))
        return RedirectResponse(f"{ROOM}/clients/{client_id}?done=keys", 303)

    @routes.post("/organisations/clients/{client_id}/lead")
    async def lead(request: Request, client_id: str) -> Response:
        """Say where the organisation's safeguarding leads are written to."""
        session, values = await sent_to(desk, request, ROOM)
        body = {"lead_email": Typed(values).one("lead_email").strip() or None}
        refused = await _put(desk, session, client_id, "lead", body)
        if refused:
            errors = {"lead_email": _first(refused)}
            return await _one_client(desk, request, session, client_id, Typed(values, errors))
        return RedirectResponse(f"{ROOM}/clients/{client_id}?done=lead", 303)

    @routes.post("/organisations/clients/{client_id}/disablement")
    async def disable(request: Request, client_id: str) -> Response:
        """End a client's access for good, after a last look."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        if typed.one("step") == "change":
            return RedirectResponse(f"{ROOM}/clients/{client_id}", 303)
        if typed.one("step") != "record":
            name = (await _client(desk, session, client_id))["name"]
            summary = [("Whose access ends now, and is not given back", [f"{client_id}, {name}"])]
            title, button = "End its access", "Disable it"
            return once_more(
                desk, request, session, typed, title=title, summary=summary, button=button
            )
        _there(await desk.reads.told(session.token, f"{CLIENTS}/{client_id}/disablement", {}))
        return RedirectResponse(f"{ROOM}?done=yes", 303)

    @routes.get("/organisations/clients/{client_id}")
    async def shown(request: Request, client_id: str, done: str = "") -> Response:
        session = await let_in(desk, request, ROOM)
        return await _one_client(
            desk, request, session, client_id, Typed(), done=DONE.get(done, "")
        )

    _add_provider(desk, routes)
    _add_people(desk, routes)
    return routes


def _add_provider(desk: Desk, routes: APIRouter) -> None:
    @routes.post("/organisations/clients/{client_id}/provider")
    async def provider(request: Request, client_id: str) -> Response:
        """Say who the client is at its organisation's own provider, or see what is wrong."""
        session, values = await sent_to(desk, request, ROOM)
        refused = await _put(desk, session, client_id, "provider", _provider(Typed(values)))
        if refused:
            errors = {_field(pointer): detail for pointer, detail in refused.errors}
            typed = Typed(values, errors or {"subject": refused.detail})
            return await _one_client(desk, request, session, client_id, typed)
        return RedirectResponse(f"{ROOM}/clients/{client_id}?done=provider", 303)

    @routes.post("/organisations/clients/{client_id}/provider-end")
    async def provider_end(request: Request, client_id: str) -> Response:
        session, _ = await sent_to(desk, request, ROOM)
        _there(await desk.reads.told(session.token, f"{CLIENTS}/{client_id}/provider-end", {}))
        return RedirectResponse(f"{ROOM}/clients/{client_id}?done=provider-end", 303)


def _add_people(desk: Desk, routes: APIRouter) -> None:
    @routes.post("/organisations/clients/{client_id}/people")
    async def register(request: Request, client_id: str) -> Response:
        """Give somebody of the organisation an account. The password stands on this page, once."""
        session, values = await sent_to(desk, request, ROOM)
        typed = Typed(values)
        body = {"username": typed.one("username").strip(), "role": typed.one("role") or "referrer"}
        told = await desk.reads.told(session.token, f"{CLIENTS}/{client_id}/people", body)
        if isinstance(told, Refusal):
            if told.status == 404:
                raise NotFound("client_not_found", "There is no such client, or it is disabled.")
            typed = Typed(values, {"username": _first(told)})
            return await _one_client(desk, request, session, client_id, typed)
        context = {"person": told.data, "client_id": client_id}
        return desk.show(request, "person-password.html", context, session=session)

    @routes.post("/organisations/clients/{client_id}/people/disablement")
    async def end(request: Request, client_id: str) -> Response:
        session, values = await sent_to(desk, request, ROOM)
        body = {"username": Typed(values).one("username")}
        path = f"{CLIENTS}/{client_id}/people/disablement"
        _there(await desk.reads.told(session.token, path, body))
        return RedirectResponse(f"{ROOM}/clients/{client_id}?done=person-end", 303)


async def _put(
    desk: Desk, session: Session, client_id: str, what: str, body: Mapping[str, Any]
) -> Refusal | None:
    """Change something of a client; why not, if it was refused. Raises NotFound."""
    path = f"{CLIENTS}/{client_id}/{what}"
    told = await desk.reads.told(session.token, path, body, method="PUT")
    if isinstance(told, Refusal) and told.status != 404:
        return told
    _there(told)
    return None


def _first(refused: Refusal) -> str:
    return refused.errors[0][1] if refused.errors else refused.detail


async def _one_client(
    desk: Desk, request: Request, session: Session, client_id: str, typed: Typed, done: str = ""
) -> Response:
    one = await _client(desk, session, client_id)
    people = await desk.reads.part(session.token, f"{CLIENTS}/{client_id}/people")
    until = one.get("old_secret_until")
    context = {
        "client": one,
        "scopes": SCOPES,
        "old_secret_until": stamp(datetime.fromisoformat(until)) if until else "",
        "people": people,
        "typed": typed,
        "done": done,
    }
    status = 422 if typed.errors else 200
    return desk.show(request, "client.html", context, session=session, status=status)


async def _client(desk: Desk, session: Session, client_id: str) -> Mapping[str, Any]:
    """One client. Raises NotFound, Unavailable."""
    part = desk.there(await desk.reads.part(session.token, CLIENTS))
    for one in part.items:
        if one["client_id"] == client_id:
            return one
    raise NotFound("client_not_found", "There is no such client.")


def _keys(typed: Typed) -> Mapping[str, Any]:
    """What was pasted: a key set, one of its keys, or a key in PEM. Intake says what is wrong."""
    return {**_pasted(typed.one("keys")), "end_secret": typed.one("end_secret") == "yes"}


def _provider(typed: Typed) -> Mapping[str, Any]:
    """Who the client is there: what was left empty is not said."""
    said = {name: typed.one(name).strip() for name in PROVIDER}
    keys = _pasted(typed.one("provider_keys"))
    return {**{name: value for name, value in said.items() if value}, **keys}


def _field(pointer: str) -> str:
    """The form's field that a part of the request was typed in."""
    name = pointer.strip("/").split("/")[0]
    return "provider_keys" if name in ("keys", "pem") else name


def _pasted(text: str) -> dict[str, Any]:
    pasted = text.strip()
    try:
        read = json.loads(pasted or "{}")
        return {"keys": read.get("keys", [read] if read else [])}
    except (ValueError, AttributeError):
        return {"pem": pasted}


def _there(told: Part | Refusal) -> Part:
    if isinstance(told, Refusal):
        raise NotFound("client_not_found", "There is no such client, or it is disabled.")
    return told


def _secret(desk: Desk, request: Request, session: Session, told: Part) -> Response:
    return desk.show(request, "client-secret.html", {"client": told.data}, session=session)


def _refused(typed: Typed, told: Refusal) -> Typed:
    errors = {"client_id": KNOWN} if told.code == "client_known" else {}
    for pointer, detail in told.errors:
        name = pointer.rstrip("/").rsplit("/", 1)[-1]
        errors[name if name in FIELDS else "client_id"] = detail
    return Typed(typed.values, errors)


def _form(
    desk: Desk,
    request: Request,
    session: Session,
    typed: Typed,
    told: Refusal | None = None,
    status: int = 200,
) -> Response:
    context: Mapping[str, Any] = {
        "typed": typed,
        "problem": told.detail if told and not typed.errors else "",
        "agencies": [
            {"value": code, "text": text}
            for code, text in (("", "Choose a kind"), *codes.AGENCIES.items())
        ],
        "scopes": [
            {"value": scope, "text": meaning, "hint": {"text": scope}}
            for scope, meaning in SCOPES.items()
        ],
    }
    return desk.show(request, "organisation-new.html", context, session=session, status=status)
