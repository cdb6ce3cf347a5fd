"""One thing a page: answering, adding, removing."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound
from policy.pack import Clause, Pack
from services.console import times
from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import pages, typed_in
from services.console.pages.refer.held import SENT, TASKS, Held, ask, held, kept, pack, today
from services.console.reads import Part, Refusal
from services.console.referring.answers import (
    blanks_of,
    digest,
    put,
    say_nobody,
    sent_of,
    typed_of,
    without_row,
)
from services.console.referring.progress import (
    Step,
    before,
    called,
    called_of,
    following,
    progress,
    told,
)
from services.console.referring.questions import LISTS, PAGES, SECTION_OF
from services.console.referring.shapes import Field, Form, Kind, List

TRIES = 3
CHANGED = "Somebody changed this page while you had it open. What you typed is below; theirs is:"
CHANGED_LIST = "The list was changed meanwhile. Look at it again."
MOST_CLAUSES = 6
DANGER = "/refer/now"
NAMELESS = {"children": "the child", "household": "this person"}


def router(desk: Desk) -> APIRouter:
    """The task list, the questions, the lists."""
    routes = pages(desk)

    @routes.get(TASKS)
    async def tasks(request: Request) -> Response:
        draft = await held(desk, request)
        context = {
            "form": draft.form,
            "files": draft.files,
            "progress": list(progress(draft.form)),
            "until": times.stamp(draft.expires_at),
        }
        return desk.show(request, "refer-tasks.html", context)

    @routes.get(DANGER)
    async def danger(request: Request) -> Response:
        draft = await held(desk, request)
        hub = pack(desk, draft.authority).messages
        after = following(Step(PAGES["danger"]), draft.form)
        context = {"hub": hub, "following": after, "back": Step(PAGES["danger"]).path}
        return desk.show(request, "refer-danger.html", context)

    @routes.get("/refer/page/{name}")
    @routes.get("/refer/page/{name}/{place}")
    async def ask_one(request: Request, name: str, place: int = 0) -> Response:
        draft = await held(desk, request)
        step = _step(name, place, draft.form)
        return show_step(desk, request, draft, step, Typed(typed_of(step.page, draft.form, place)))

    @routes.post("/refer/page/{name}")
    @routes.post("/refer/page/{name}/{place}")
    async def answer(request: Request, name: str, place: int = 0) -> Response:
        sent = await typed_in(request)
        for _ in range(TRIES):
            draft = await held(desk, request, sent)
            step = _step(name, place, draft.form)
            answered = _answer(desk, request, draft, step, Typed(sent))
            if isinstance(answered, Response):
                return answered
            saved = await save(desk, draft, answered)
            if isinstance(saved, Part):
                return RedirectResponse(_next(step, answered), 303)
            if saved.status != 412:
                return _not_saved(desk, request, saved, sent)
        return kept(desk, request, sent, 503)

    @routes.get("/refer/list/{rows}")
    async def listed(request: Request, rows: str) -> Response:
        draft = await held(desk, request)
        return _show_list(desk, request, draft, _list(rows))

    @routes.post("/refer/list/{rows}")
    async def list_done(request: Request, rows: str) -> Response:
        sent = await typed_in(request)
        one = _list(rows)
        draft = await held(desk, request, sent)
        changed = say_nobody(draft.form, one.rows, nobody=Typed(sent).one("nobody") == "yes")
        return await _keep_list(desk, request, draft, one, changed, TASKS)

    @routes.post("/refer/list/{rows}/{place}/removal")
    async def remove(request: Request, rows: str, place: int) -> Response:
        sent = await typed_in(request)
        one = _list(rows)
        draft = await held(desk, request, sent)
        if Typed(sent).one("seen") != _seen(draft.form, one):
            return _show_list(desk, request, draft, one, CHANGED_LIST)
        changed = without_row(draft.form, one.rows, place)
        return await _keep_list(desk, request, draft, one, changed, f"/refer/list/{one.rows}")

    return routes


async def save(desk: Desk, draft: Held, form: Form) -> Part | Refusal:
    """Keep what a form says now; nothing where it says what it said."""
    if form == draft.form:
        return Part()
    return await ask(desk, "drafts:saved", token=draft.token, version=draft.version, form=form)


def step_at(path: str, form: Form) -> Step | None:
    """The step that has an address, if it is one of this form."""
    found = re.fullmatch(r"/refer/page/([a-z-]+)(?:/(\d{1,3}))?", path)
    try:
        return _step(found[1], int(found[2] or 0), form) if found else None
    except NotFound:
        return None


def show_step(
    desk: Desk,
    request: Request,
    draft: Held,
    step: Step,
    typed: Typed,
    *,
    status: int = 200,
    notice: str = "",
    action: str = "",
) -> Response:
    """The page of a step. `notice`: somebody else changed it meanwhile."""
    page, form = step.page, draft.form
    now_there = typed_of(page, form, step.place)
    here = pack(desk, draft.authority)
    context = {
        "page": page,
        "about": called_of(step, form),
        "nameless": NAMELESS.get(page.rows, called_of(step, form)),
        "typed": typed,
        "seen": digest(now_there),
        "options": {field.name: _options(field, form, here) for field in page.fields},
        "days": [field.name for field in page.fields if field.kind is Kind.DAY],
        "clauses": _clauses(step, form, here),
        "many_children": len(form.get("children") or ()) > 1,
        "same_address": step.place > 0,
        "notice": notice,
        "theirs": list(told(step, form)) if notice else (),
        "action": action,
        "back": before(step, form),
    }
    return desk.show(request, "refer-page.html", context, status=status)


def _answer(desk: Desk, request: Request, draft: Held, step: Step, typed: Typed) -> Form | Response:
    """The form with what was typed in it, or the page that says what is wrong."""
    form, errors = put(
        step.page,
        typed,
        draft.form,
        step.place,
        today=today(desk),
        authorities=desk.policy.authorities,
    )
    values = sent_of(step.page, typed)
    if errors:
        return show_step(desk, request, draft, step, Typed(values, errors), status=422)
    stale = typed.one("seen") != digest(typed_of(step.page, draft.form, step.place))
    if stale and form != draft.form:
        return show_step(desk, request, draft, step, Typed(values), status=409, notice=CHANGED)
    return form


def _not_saved(
    desk: Desk, request: Request, refusal: Refusal, sent: Mapping[str, list[str]]
) -> Response:
    if refusal.status == 409:
        return RedirectResponse(SENT, 303)
    return kept(desk, request, sent, 503 if refusal.status >= 500 else 410)


def _next(step: Step, form: Form) -> str:
    if step.page.name == "danger" and form.get("immediate_danger"):
        return DANGER
    return following(step, form)


def _step(name: str, place: int, form: Form) -> Step:
    page = PAGES.get(name)
    if page is None:
        raise NotFound("page_not_found", "There is no such page.")
    rows = form.get(page.rows) or () if page.rows else ()
    # One more than there is may be added, where a list is added to.
    most = len(rows) if SECTION_OF[name].list else len(rows) - 1
    if not 0 <= place <= (most if page.rows else 0):
        raise NotFound("page_not_found", "There is no such page.")
    return Step(page, place)


def _list(rows: str) -> List:
    found = LISTS.get(rows)
    if found is None:
        raise NotFound("page_not_found", "There is no such page.")
    return found


def _names(form: Form, one: List) -> list[str]:
    return [called(one.rows, form, place) for place, _ in enumerate(form.get(one.rows) or ())]


def _seen(form: Form, one: List) -> str:
    return digest({"rows": _names(form, one)})


def _show_list(desk: Desk, request: Request, draft: Held, one: List, notice: str = "") -> Response:
    context = {
        "list": one,
        "rows": _names(draft.form, one),
        "first": next(page.name for page in PAGES.values() if page.rows == one.rows),
        "nobody": f"/{one.rows}" in blanks_of(draft.form),
        "seen": _seen(draft.form, one),
        "notice": notice,
        "back": TASKS,
    }
    return desk.show(request, "refer-list.html", context, status=409 if notice else 200)


async def _keep_list(
    desk: Desk, request: Request, draft: Held, one: List, form: Form, after: str
) -> Response:
    saved = await save(desk, draft, form)
    if isinstance(saved, Part):
        return RedirectResponse(after, 303)
    if saved.status == 412:
        return _show_list(desk, request, draft, one, CHANGED_LIST)
    return _not_saved(desk, request, saved, {})


def _options(field: Field, form: Form, here: Pack) -> tuple[tuple[str, str], ...]:
    if field.kind is Kind.PLACES:
        children = form.get("children") or ()
        return tuple((str(n), called("children", form, n)) for n, _ in enumerate(children))
    if field.kind is Kind.LEVEL:
        names: Mapping[Any, str] = here.rating.level_names
        return tuple((str(level), f"Level {level}: {name}") for level, name in names.items())
    return field.options


def _clauses(step: Step, form: Form, here: Pack) -> list[Clause]:
    """What the guidance says of the worry that a page asks about, the gravest first."""
    if step.page.help != "clauses":
        return []
    code = form["concerns"][step.place].get("code")
    signs = here.indicators.values()
    about = [one for one in signs if code in one.ticked] or [
        one for one in signs if code in one.about
    ]
    about.sort(key=lambda one: -one.level)
    names = dict.fromkeys(one.clause for one in about)
    return [here.clauses[name] for name in names if name in here.clauses][:MOST_CLAUSES]
