"""What allocation asks of intake once another authority has accepted a case. Never routed by a
gateway."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json, to_json

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.errors import NotFound
from chassis.http import idempotency
from chassis.http.claims import Claim
from chassis.identity import Caller, service
from chassis.stream.kernel import Command
from chassis.vault import Vault
from policy.working_time import LONDON
from services.intake.attachments import store as attachments
from services.intake.calls.api import HUBS
from services.intake.later import LATER
from services.intake.preparing import Written
from services.intake.receiving import Receiving, Sender
from services.intake.transfers import domain

PATH = "/internal/v1/intake/transfers"


class TransferBody(BaseModel):
    """Which referral goes to which authority of the installation; `work` says what was done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transfer_id: UUID
    referral_id: UUID
    to: str = Field(max_length=80)
    work: str = Field(default="", max_length=100_000, repr=False)


def internal_router(receiving: Receiving, vault: Vault) -> APIRouter:
    """Handing a referral on."""
    routes = APIRouter(include_in_schema=False)
    kernel, store = receiving.kernel, receiving.store
    asked = kernel.service

    @routes.post(PATH)
    async def hand_on(
        caller: Annotated[Caller, Depends(service())], body: TransferBody
    ) -> Mapping[str, Any]:
        """Give another authority a referral of its own with what stands here, once a transfer, and
        say so. Its id and reference."""
        if body.to not in asked.policy.authorities:
            raise NotFound("authority_not_found", "There is no such authority here.")
        async with asked.database.transaction() as connection:
            case = (await store.load(connection, [body.referral_id])).get(body.referral_id)
            words = await store.words(connection, [body.referral_id], ["form", *LATER])
            written = next((one for one in words if one["kind"] == "form"), None)
            if case is None or written is None:
                raise NotFound("referral_not_found", "There is no such referral.")
            details = {"to": body.to}
            read = AuditEntry("form_handed_on", caller, case.authority, case.referral_id, details)
            await append_audit(connection, [read], asked.clock())
        today = asked.clock().astimezone(LONDON).date()
        form = domain.form_for(
            from_json(written["content"]),
            words,
            case,
            asked.policy.current(case.authority, today),
            body.to,
            body.work,
        )
        made = await receiving.receive(
            Written(to_json(form), lenient=True),
            Sender(caller, uuid5(HUBS, case.authority), _once(caller, body, "received")),
        )
        told = from_json(made.body)
        await files_along(caller, body, UUID(told["id"]))
        await kernel.submit(
            Command(
                referral_id=case.referral_id,
                authority=case.authority,
                decide=partial(domain.transferred, domain.Transfer(body.to)),
                audit=AuditEntry(
                    "referral_transferred", caller, case.authority, case.referral_id, details
                ),
                claim=_once(caller, body, "told"),
                status=200,
            )
        )
        return {"referral_id": told["id"], "reference": told["reference"]}

    async def files_along(caller: Caller, body: TransferBody, to_id: UUID) -> None:
        """Each file of the one is kept with the other too, sealed by its key: once, one at a time
        for memory's sake."""
        async with asked.database.connection() as connection:
            listed = await attachments.listed(connection, vault, body.referral_id)
        for one in listed:
            async with asked.database.connection() as connection:
                found = await attachments.read(
                    connection, vault, body.referral_id, one["attachment_id"]
                )
            if found is None:
                continue
            file = replace(found, attachment_id=asked.ids())
            await kernel.submit(
                Command(
                    referral_id=to_id,
                    authority=body.to,
                    decide=partial(domain.keep, file),
                    audit=AuditEntry("file_attached", caller, body.to, to_id),
                    claim=_once(caller, body, str(found.attachment_id)),
                    status=201,
                )
            )

    return routes


def _once(caller: Caller, body: TransferBody, what: str) -> Claim:
    """However often it is asked, after a fault too, there is one referral."""
    return idempotency.claim_of(
        caller.name, f"{body.transfer_id}:{what}", str(body.referral_id).encode(), target=PATH
    )
