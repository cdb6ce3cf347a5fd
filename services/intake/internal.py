"""What other services read of intake. Never routed by a gateway; every read of a name is audited
on behalf of whom it is for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from chassis.audit import AuditEntry, read_for
from chassis.audit import append as append_audit
from chassis.identity import Caller, service
from chassis.identity.links import Links
from chassis.stream.kernel import Kernel
from contracts.codes import FAMILY
from policy.working_time import LONDON
from services.intake.accounts import store as accounts
from services.intake.callers import WEB
from services.intake.directory import store as directory
from services.intake.directory.domain import shown
from services.intake.domain import Case
from services.intake.later import LATER
from services.intake.store import IntakeStore

NO_DISABILITY = "NONE"


class IdsBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: tuple[UUID, ...] = Field(max_length=500)
    purpose: str = Field(max_length=80)


class SpanBody(BaseModel):
    """A stretch of time: after one moment and up to another, in UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: datetime
    until: datetime


def router(kernel: Kernel[Case], store: IntakeStore, links: Links) -> APIRouter:
    """Reads for notifications and for the watchdog."""
    routes = APIRouter(include_in_schema=False)
    database = kernel.service.database

    @routes.post("/internal/v1/referrals:batch")
    async def referrers(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Whom to answer about each referral, and how."""
        async with database.transaction() as connection:
            cases = await store.load(connection, body.ids)
            forms = {
                one["referral_id"]: from_json(one["content"])
                for one in await store.words(connection, list(cases), ["form"])
            }
            organisations = await accounts.organisations(
                connection, [case.organisation_id for case in cases.values()]
            )
            await append_audit(
                connection,
                read_for("referrer_read", caller, cases.values(), body.purpose),
                kernel.service.clock(),
            )
        return {
            "items": [
                {
                    **_referrer(
                        case, forms.get(referral_id), organisations.get(case.organisation_id)
                    ),
                    "status_token": links.token("status", referral_id)
                    if case.organisation_id == WEB
                    else None,
                }
                for referral_id, case in cases.items()
            ]
        }

    @routes.post("/internal/v1/intake/names:batch")
    async def names(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """The given names of each referral's children, for a letter to their family."""
        async with database.transaction() as connection:
            cases = await store.load(connection, body.ids)
            forms = await store.words(connection, list(cases), ["form"])
            await append_audit(
                connection,
                read_for("names_read", caller, cases.values(), body.purpose),
                kernel.service.clock(),
            )
        return {
            "items": [
                {"child_id": child["child_id"], "given_name": child["given_name"]}
                for form in forms
                for child in from_json(form["content"])["children"]
                if child.get("child_id") and child.get("given_name")
            ]
        }

    @routes.post("/internal/v1/intake/bundles:batch")
    async def bundles(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Each whole referral, with what was written later, for the authority's own case system."""
        async with database.transaction() as connection:
            cases = await store.load(connection, body.ids)
            words = await store.words(connection, list(cases), ["form", *LATER])
            await append_audit(
                connection,
                read_for("form_read", caller, cases.values(), body.purpose),
                kernel.service.clock(),
            )
        return {
            "items": [
                _whole(case, [one for one in words if one["referral_id"] == case.referral_id])
                for case in cases.values()
            ]
        }

    @routes.post("/internal/v1/intake/organisations:batch")
    async def organisations(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Those of some organisations that are registered."""
        del caller
        async with database.connection() as connection:
            found = await accounts.organisations(connection, body.ids)
        return {
            "items": [
                {"organisation_id": one, "name": each.name, "agency": each.agency}
                for one, each in found.items()
            ]
        }

    @routes.post("/internal/v1/intake/services:batch")
    async def local_services(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Some services of the directory."""
        del caller
        async with database.connection() as connection:
            found = await directory.read(connection, body.ids)
        today = kernel.service.clock().astimezone(LONDON).date()
        return {
            "items": [
                {**shown(one, entry, today), "authority": authority}
                for one, (authority, entry) in found.items()
            ]
        }

    @routes.post("/internal/v1/intake/characteristics:batch")
    async def characteristics(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Codes of each child that fairness is measured by (practice rule 27), and no more."""
        async with database.transaction() as connection:
            cases = await store.load(connection, body.ids)
            forms = await store.words(connection, list(cases), ["form"])
            await append_audit(
                connection,
                [
                    AuditEntry(
                        "characteristics_read",
                        caller,
                        authority,
                        None,
                        {"purpose": body.purpose, "referrals": count},
                    )
                    for authority, count in Counter(
                        case.authority for case in cases.values()
                    ).items()
                ],
                kernel.service.clock(),
            )
        return {
            "items": [
                {
                    "child_id": child["child_id"],
                    "sex": child.get("sex"),
                    "ethnicity": child.get("ethnicity"),
                    "disability": _disability(child.get("disabilities")),
                }
                for form in forms
                for child in from_json(form["content"])["children"]
                if child.get("child_id")
            ]
        }

    @routes.post("/internal/v1/received:between")
    async def received(
        caller: Annotated[Caller, Depends(service())], body: SpanBody
    ) -> Mapping[str, Any]:
        """What was received in a stretch of time: the watchdog's question."""
        del caller
        async with database.connection() as connection:
            rows = await store.received_between(connection, body.after, body.until)
        return {"items": rows}

    return routes


def _whole(case: Case, words: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    written = next((one for one in words if one["kind"] == "form"), None)
    return {
        "id": case.referral_id,
        "reference": case.reference,
        "received_at": case.received_at,
        "source_agency": case.source_agency,
        # Whoever sent it by the web form said who they are, and nobody checked it.
        "by_web": case.organisation_id == WEB,
        "form": from_json(written["content"]) if written else None,
        "later": [
            {"kind": one["kind"], "received_at": one["received_at"], "text": one["content"]}
            for one in words
            if one["kind"] != "form"
        ],
    }


def _disability(said: Sequence[str] | None) -> str | None:
    """`yes`, `no`, or None where the form doesn't say."""
    if not said:
        return None
    return "no" if set(said) == {NO_DISABILITY} else "yes"


def _referrer(
    case: Case, form: Mapping[str, Any] | None, organisation: accounts.Organisation | None
) -> Mapping[str, Any]:
    referrer = (form or {}).get("referrer") or {}
    email = referrer.get("email") or None
    domain = email.rpartition("@")[2].casefold() if email else None
    registered = (organisation.email_domain or "").casefold() if organisation else ""
    return {
        "referral_id": case.referral_id,
        "reference": case.reference,
        "authority": case.authority,
        "received_at": case.received_at,
        "pack_version": case.pack_version,
        "source_agency": case.source_agency,
        "referrer_name": referrer.get("name") or None,
        "referrer_email": email,
        "organisation": organisation.name if organisation else None,
        "trusted": bool(domain) and domain == registered,
        "write_safely": _safely(case, referrer),
    }


def _safely(case: Case, referrer: Mapping[str, Any]) -> bool:
    """Whether somebody may be written to. A relative, or the child, only where they said that nobody
    else reads it: nothing goes to a home without a safe-contact check (practice rule 11)."""
    said = referrer.get("write_safely")
    return said is True or (said is None and case.source_agency not in FAMILY)
