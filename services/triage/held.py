"""All that triage holds of some referrals in words, for copies of what is held about a person. Never
routed by a gateway."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis import audit
from chassis.identity import Caller, service
from chassis.stream.kernel import Kernel
from chassis.vault import Vault
from services.triage import shown
from services.triage.discussions import store as discussions
from services.triage.domain import Case
from services.triage.store import TriageStore
from services.triage.written import Written
from services.triage.written import store as written


class IdsBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: tuple[UUID, ...] = Field(max_length=500)
    purpose: str = Field(max_length=80)


def router(kernel: Kernel[Case], store: TriageStore, vault: Vault) -> APIRouter:
    """What intake asks."""
    routes = APIRouter(include_in_schema=False)
    policy = kernel.service.policy

    @routes.post("/internal/v1/triage/held:batch")
    async def held(
        caller: Annotated[Caller, Depends(service())], body: IdsBody
    ) -> Mapping[str, Any]:
        """Every decision with the hub's analysis, countersigned or not; every discussion; and what
        was asked, answered, disagreed and said on a second reading. `handling` is the mark that the
        source of an answer put on it. Audited."""
        async with kernel.service.database.transaction() as connection:
            cases = await store.load(connection, body.ids)
            decided = await store.decisions(connection, body.ids)
            talked = {
                one.referral_id: await discussions.read(
                    connection, vault, one.referral_id, one.authority
                )
                for one in cases.values()
            }
            texts = await written.of_referrals(connection, vault, body.ids)
            entries = audit.read_for("words_read", caller, cases.values(), body.purpose)
            await audit.append(connection, entries, kernel.service.clock())
        return {
            "items": [
                {
                    "referral_id": case.referral_id,
                    "decisions": [
                        shown.in_full(one, case, policy)
                        for one in decided
                        if one["referral_id"] == case.referral_id
                    ],
                    "discussions": talked[case.referral_id],
                    "written": [
                        {"kind": one.kind, "text": one.text, "handling": _handling(case, one)}
                        for one in texts.get(case.referral_id, ())
                    ],
                }
                for case in cases.values()
            ]
        }

    return routes


def _handling(case: Case, one: Written) -> str | None:
    return next(
        (asked.handling for asked in case.requests if asked.request_id == one.subject_id), None
    )
