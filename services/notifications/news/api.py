"""What changed, for partners that ask instead of being called, or that missed a call."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response

from chassis.errors import NotFound
from chassis.http import etags, paging
from chassis.identity import Caller, partner
from chassis.stream.kernel import Kernel
from contracts.codes import OF_STATUS, News
from services.notifications.domain import Case
from services.notifications.news import store
from services.notifications.news.telling import told

PAGE = 100


def router(kernel: Kernel[Case]) -> APIRouter:
    """What partners call."""
    routes = APIRouter(tags=["changes"])
    database = kernel.service.database

    @routes.get(
        "/v1/changes",
        response_model=None,
        responses={304: {"description": "Nothing is new since you asked"}},
    )
    async def changes(
        caller: Annotated[Caller, Depends(partner("referral.read"))],
        response: Response,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = PAGE,
        news: Annotated[tuple[News, ...], Query(max_length=20)] = OF_STATUS,
        if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
    ) -> Mapping[str, Any] | Response:
        """What changed in your organisation's referrals, in order, none left out. Keep the `cursor`
        of the last item and ask again with it; with `If-None-Match` the answer is 304 while nothing
        is new. Each item says that there is something to read, and not what. Say `news` for other
        kinds (`news=decided&news=information_wanted`): without it you get those of a referral's
        status, and never a kind that is added later."""
        if caller.organisation_id is None:
            raise NotFound("no_organisation", "This client belongs to no organisation.")
        after = paging.decode(cursor, (int,))[0] if cursor else 0
        async with database.connection() as connection:
            tag = etags.etag(await store.last(connection, caller.organisation_id))
            if etags.unchanged(if_none_match, tag):
                return Response(status_code=304, headers={"ETag": tag})
            rows = await store.page(connection, caller.organisation_id, after, news, limit + 1)
        response.headers["ETag"] = tag
        page = rows[:limit]
        return {
            "items": [
                {
                    "cursor": paging.encode((row["place"],)),
                    "authority": row["authority"],
                    "at": row["at"],
                    **told(row["news"], row["referral_id"], row["stage"], row["about"]),
                }
                for row in page
            ],
            "next": paging.encode((page[-1]["place"],)) if len(rows) > limit else None,
        }

    return routes
