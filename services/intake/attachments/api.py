"""Sending files beside a referral or a draft, and reading them in the hub."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import DomainError, InvalidInput, NotFound
from chassis.http import idempotency
from chassis.http.claims import Claim
from chassis.identity import Caller, partner, staff
from chassis.stream.kernel import Answer, Command, Kernel
from chassis.telemetry import traces
from chassis.vault import Vault
from services.intake import answers
from services.intake.attachments import domain
from services.intake.attachments import store as attachments
from services.intake.attachments.file import File
from services.intake.attachments.inspecting import KINDS, inspect
from services.intake.attachments.scanning import Scanner
from services.intake.callers import IdempotencyKey, organisation_of, response_of
from services.intake.domain import Case
from services.intake.drafts.drafting import Drafting, entry
from services.intake.once import once
from services.intake.referrers import store as referrers
from services.intake.store import IntakeStore

MOST_FILES: Final = 20
AT_ONCE: Final = 4
MOST_NAME: Final = 120

Disposition = Annotated[str | None, Header(alias="Content-Disposition")]
FILE_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            kind.media_type: {"schema": {"type": "string", "format": "binary"}}
            for kind in KINDS.values()
        },
    }
}


@dataclass(frozen=True, slots=True)
class FileDesk:
    """What files need. `at_once` bounds how many are looked at together, for memory's sake."""

    kernel: Kernel[Case]
    store: IntakeStore
    vault: Vault
    drafting: Drafting
    scanner: Scanner
    at_once: asyncio.Semaphore


def router(desk: FileDesk) -> APIRouter:
    """What partners send."""
    routes = APIRouter(tags=["attachments"])
    service = desk.kernel.service

    @routes.post(
        "/v1/referrals/{referral_id}/attachments",
        status_code=201,
        openapi_extra=FILE_BODY,
        **answers.described(answers.Attached, 201),
    )
    async def attach(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        referral_id: UUID,
        content_disposition: Disposition = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Send a file as the body: PDF, JPEG, PNG, HEIC or Word. Its name goes in
        `Content-Disposition`. Rules can't read it, so that the referral is never suggested Green
        after it; a practitioner opens it."""
        async with service.database.connection() as connection:
            case = await referrers.read_own(
                connection, referral_id, organisation_of(caller), caller.name
            )
            if case is None:
                raise NotFound("referral_not_found", "There is no such referral.")
        return await _attach(desk, request, caller, case, content_disposition, key=idempotency_key)

    @routes.post(
        "/v1/drafts/{draft_id}/attachments",
        status_code=201,
        openapi_extra=FILE_BODY,
        **answers.described(answers.Attached, 201),
    )
    async def attach_to_draft(
        request: Request,
        caller: Annotated[Caller, Depends(partner("referral.create"))],
        draft_id: UUID,
        content_disposition: Disposition = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """The same beside a draft; it goes with it when it is submitted."""
        return response_of(
            await keep_beside(
                desk, request, caller, draft_id, content_disposition, key=idempotency_key
            )
        )

    return routes


async def keep_beside(
    desk: FileDesk,
    request: Request,
    caller: Caller,
    draft_id: UUID,
    disposition: str | None,
    *,
    key: str | None,
) -> Answer:
    """Keep the file that is the body beside a draft that the caller holds. Raises NotFound,
    InvalidInput for a file that is not taken, DomainError for one too many."""
    await desk.drafting.read(caller, draft_id)
    async with desk.at_once:
        body, claim = await _sent(request, caller, key)
        file = await _file(desk, request, body, disposition)

        async def work(connection: Any) -> Mapping[str, Any]:
            draft = await desk.drafting.writable(connection, caller, draft_id)
            _room(await attachments.listed(connection, desk.vault, draft_id))
            await attachments.add(connection, desk.vault, [(draft_id, draft.authority, file)])
            await append_audit(
                connection, [entry("file_attached", caller, draft)], desk.kernel.service.clock()
            )
            return domain.told_of(file)

        service = desk.kernel.service
        return await once(service.database, claim, service.clock(), 201, work)


def staff_router(desk: FileDesk) -> APIRouter:
    """What the hub opens."""
    routes = APIRouter(tags=["attachments"])
    service = desk.kernel.service
    hub = staff("practitioner", "manager", "duty")

    async def case_of(connection: Any, caller: Caller, referral_id: UUID) -> Case:
        case = await desk.store.read_for_staff(connection, referral_id, sorted(caller.authorities))
        if case is None:
            raise NotFound("referral_not_found", "There is no such referral.")
        return case

    @routes.post(
        "/v1/intake/referrals/{referral_id}/attachments",
        status_code=201,
        openapi_extra=FILE_BODY,
        **answers.described(answers.Attached, 201),
    )
    async def attach(
        request: Request,
        caller: Annotated[Caller, Depends(hub)],
        referral_id: UUID,
        content_disposition: Disposition = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Add a file that reached the hub itself, such as the form of an email or on paper."""
        async with service.database.connection() as connection:
            case = await case_of(connection, caller, referral_id)
        return await _attach(desk, request, caller, case, content_disposition, key=idempotency_key)

    @routes.get(
        "/v1/intake/referrals/{referral_id}/attachments",
        **answers.described(answers.AttachedPage),
    )
    async def listed(
        caller: Annotated[Caller, Depends(hub)], referral_id: UUID
    ) -> Mapping[str, Any]:
        """The files of a referral. `read` is always false: no rule read them."""
        async with service.database.connection() as connection:
            await case_of(connection, caller, referral_id)
            found = await attachments.listed(connection, desk.vault, referral_id)
        return {
            "items": [
                {
                    "id": one["attachment_id"],
                    "name": one["name"],
                    "kind": one["kind"],
                    "size": one["size"],
                    "scanned": one["scanned"],
                    "read": False,
                    "received_at": one["received_at"],
                }
                for one in found
            ],
            "next": None,
        }

    @routes.get(
        "/v1/intake/referrals/{referral_id}/attachments/{attachment_id}",
        response_class=Response,
        responses={
            200: {
                "content": {
                    kind.media_type: {"schema": {"type": "string", "format": "binary"}}
                    for kind in KINDS.values()
                }
            }
        },
    )
    async def opened(
        caller: Annotated[Caller, Depends(hub)], referral_id: UUID, attachment_id: UUID
    ) -> Response:
        """One file, to be saved and not shown by a browser. Written to the audit trail."""
        async with service.database.transaction() as connection:
            case = await case_of(connection, caller, referral_id)
            file = await attachments.read(connection, desk.vault, referral_id, attachment_id)
            if file is None:
                raise NotFound("attachment_not_found", "There is no such file.")
            details = {"attachment_id": attachment_id}
            await append_audit(
                connection,
                [AuditEntry("file_opened", caller, case.authority, referral_id, details)],
                service.clock(),
            )
        return Response(
            file.content,
            media_type=KINDS[file.kind].media_type,
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "Cache-Control": "no-store",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    return routes


async def _attach(
    desk: FileDesk,
    request: Request,
    caller: Caller,
    case: Case,
    disposition: str | None,
    *,
    key: str | None,
) -> Response:
    """Add the file that is the body to a referral."""
    async with desk.kernel.service.database.connection() as connection:
        _room(await attachments.listed(connection, desk.vault, case.referral_id))
    async with desk.at_once:
        body, claim = await _sent(request, caller, key)
        file = await _file(desk, request, body, disposition)
        answer = await desk.kernel.submit(
            Command(
                referral_id=case.referral_id,
                authority=case.authority,
                decide=lambda state, policy, ids, now: domain.attach(state, file, policy, ids, now),
                audit=AuditEntry("file_attached", caller, case.authority, case.referral_id),
                claim=claim,
                status=201,
                traceparent=traces.current_traceparent(),
            )
        )
    return response_of(answer)


async def _sent(request: Request, caller: Caller, key: str | None) -> tuple[bytes, Claim]:
    body = await request.body()
    return body, idempotency.claim_of(caller.name, key, body, target=request.url.path)


async def _file(desk: FileDesk, request: Request, body: bytes, disposition: str | None) -> File:
    """The file that was sent, looked at and scanned. Raises what either refuses."""
    if not body:
        raise InvalidInput("empty_file", "There is nothing in the file.")
    kind = await asyncio.to_thread(inspect, body, request.headers.get("content-type", ""))
    scanned = await desk.scanner.scan(body)
    service = desk.kernel.service
    return File(
        service.ids(), service.clock(), kind.code, scanned, _name(disposition, kind.ending), body
    )


def _name(disposition: str | None, ending: str) -> str:
    """The name that a file was sent under, made safe: no folder, one line, the ending of what it
    is."""
    parsed = Message()
    parsed["Content-Disposition"] = (
        (disposition or "").encode("latin-1", "replace").decode("latin-1")
    )
    given = (parsed.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    plain = "".join(one for one in given if one.isprintable() and one not in '<>:"|?*').strip(" .")
    stem = plain[: -len(ending)] if plain.lower().endswith(ending) else plain
    return f"{stem[:MOST_NAME] or 'attachment'}{ending}"


def _room(found: list[dict[str, Any]]) -> None:
    if len(found) >= MOST_FILES:
        raise DomainError("too_many_files", f"A referral has {MOST_FILES} files at most.")
