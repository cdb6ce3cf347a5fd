"""Files beside a form."""

from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from services.console.desk import Desk
from services.console.forms import Typed
from services.console.pages.page import from_here, pages, typed_in
from services.console.pages.refer.held import TASKS, WEB, Held, ask, held, kept
from services.console.reads import Part, Refusal

HERE = "/refer/files"
NO_FILE = "Choose a file"
EMPTY = "There is nothing in that file"


class InMemory(MultiPartParser):
    """Keeps files in memory: on a disk, what they show would lie in the clear. Their size is
    limited before they are read."""

    spool_max_size = 64 * 1024 * 1024


def router(desk: Desk) -> APIRouter:
    """Adding and removing."""
    routes = pages(desk)

    def show(request: Request, draft: Held, error: str = "", status: int = 200) -> Response:
        context = {
            "files": draft.files,
            "key": str(uuid4()),
            "typed": Typed({}, {"file": error} if error else {}),
            "back": TASKS,
        }
        return desk.show(request, "refer-files.html", context, status=status)

    @routes.get(HERE)
    async def listed(request: Request) -> Response:
        draft = await held(desk, request)
        return show(request, draft)

    @routes.post("/refer/attachments")
    async def add(request: Request) -> Response:
        from_here(request)
        file, body, key = await _sent(request)
        draft = await held(desk, request)
        if not body:
            return show(request, draft, EMPTY if file else NO_FILE, 422)
        name = quote(file or "file", safe="")
        told = await desk.reads.send_file(
            f"{WEB}attachments",
            body,
            {
                "Frontdoor-Link": draft.token,
                "Content-Type": "application/octet-stream",
                "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
                "Idempotency-Key": key,
            },
        )
        if isinstance(told, Refusal):
            return show(request, draft, told.detail, told.status)
        return RedirectResponse(HERE, 303)

    @routes.post("/refer/files/removal")
    async def remove(request: Request) -> Response:
        sent = await typed_in(request)
        draft = await held(desk, request, sent)
        named = Typed(sent).one("file")
        try:
            attachment_id = str(UUID(named))
        except ValueError:
            return show(request, draft, "There is no such file", 422)
        told = await ask(
            desk, "attachments:removed", token=draft.token, attachment_id=attachment_id
        )
        if isinstance(told, Part):
            return RedirectResponse(HERE, 303)
        return kept(desk, request, {}, 503)

    return routes


async def _sent(request: Request) -> tuple[str, bytes, str]:
    """Name and content of the file that was sent, and the key by which it counts once; nothing
    where none was chosen."""
    try:
        form = await InMemory(request.headers, request.stream(), max_files=1).parse()
    except (MultiPartException, KeyError):
        return "", b"", ""
    file, key = form.get("file"), form.get("key")
    found = (file.filename or "", await file.read()) if isinstance(file, UploadFile) else ("", b"")
    await form.close()
    return *found, (key if isinstance(key, str) and key else str(uuid4()))[:80]
