"""The directory of local services over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.identity import Caller, person_or_partner
from chassis.stream.kernel import Service
from contracts.codes import CONCERN_TYPES
from contracts.form import normal_postcode
from policy.working_time import LONDON
from services.intake import answers
from services.intake.directory import domain, store
from services.intake.domain import Case

MOST = 50
READERS = person_or_partner(
    "referral.read", "practitioner", "manager", "duty", "coordinator", "panel_chair"
)


class WantedBody(BaseModel):
    """What is looked for: needs as codes of concerns, the child's age in whole years, and where it
    lives. A postcode isn't kept, and stands in no URL. `else_all`: where none fits, those of the whole
    authority."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    authority: Annotated[str, Field(max_length=80)]
    needs: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    age: Annotated[int, Field(ge=0, le=25)] | None = None
    postcode: Annotated[str, Field(max_length=20)] | None = None
    else_all: bool = False


def router(service: Service[Case]) -> APIRouter:
    """What partners and staff call."""
    routes = APIRouter(tags=["directory"])

    @routes.post("/v1/directory/searches", **answers.described(answers.ServicesFound))
    async def search(
        caller: Annotated[Caller, Depends(READERS)], body: WantedBody
    ) -> Mapping[str, Any]:
        """Local services for a need, an age and a place, the best first. One that nobody has
        checked for a year says so. `area_known`: whether the postcode said which ward and district
        it lies in; where it did not, services of the whole authority are shown."""
        errors = [
            FieldError(f"/needs/{place}", "This is no concern's code.")
            for place, code in enumerate(body.needs)
            if code not in CONCERN_TYPES
        ]
        postcode = normal_postcode(body.postcode) if body.postcode else None
        if body.authority not in service.policy.authorities:
            errors.append(FieldError("/authority", "is not an authority of this front door"))
        if body.postcode and postcode is None:
            errors.append(FieldError("/postcode", "This does not have the form of a postcode."))
        if errors:
            raise InvalidInput("invalid_search", "Some fields are wrong.", errors=errors)
        if caller.kind == "staff" and body.authority not in caller.authorities:
            raise NotFound("authority_not_found", "There is no such authority here.")
        async with service.database.connection() as connection:
            places = await store.places(connection, postcode) if postcode else []
            found = await store.find(
                connection,
                body.authority,
                needs=body.needs,
                age=body.age,
                places=places,
                limit=MOST,
            )
            if not found and body.else_all:
                found = await store.find(connection, body.authority, limit=MOST)
        today = service.clock().astimezone(LONDON).date()
        return {
            "items": [domain.shown(service_id, entry, today) for service_id, entry in found],
            "area_known": bool(places),
        }

    @routes.get("/v1/directory/{service_id}", **answers.described(answers.LocalService))
    async def one(
        caller: Annotated[Caller, Depends(READERS)], service_id: UUID
    ) -> Mapping[str, Any]:
        """One local service: also one that has ended since you were told of it."""
        async with service.database.connection() as connection:
            found = (await store.read(connection, [service_id])).get(service_id)
        if found is None or (caller.kind == "staff" and found[0] not in caller.authorities):
            raise NotFound("service_not_found", "There is no such service in the directory.")
        return domain.shown(service_id, found[1], service.clock().astimezone(LONDON).date())

    return routes
