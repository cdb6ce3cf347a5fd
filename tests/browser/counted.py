"""What the other services count, for the scorecard."""

from typing import Annotated, Any

from fastapi import FastAPI, Query, Response

from tests.browser import answers

CROSSED = [
    {"authority": authority, "suggested": one, "decided": other, "decisions": number}
    for authority in ("walsall", "warwickshire")
    for one, other, number in (
        ("red", "red", 40), ("red", "amber", 10), ("amber", "amber", 80), ("amber", "green", 9),
        ("green", "green", 120), ("green", "none", None),
    )
    if authority == "warwickshire" or one == "amber"
]  # fmt: skip
AGENCIES = [
    {
        "agency": agency,
        "decisions": 50,
        "agreed": agreed,
        "above": 4,
        "below": 46 - agreed,
        "red": 9,
    }
    for agency, agreed in (("police", 40), ("school", 31))
]


Format = Annotated[str, Query(alias="format")]


def route(app: FastAPI) -> None:
    """Answer what the scorecard asks."""

    @app.get("/v1/scorecard")
    async def scorecard(by: str = "authority", form: Format = "json") -> Any:
        if form == "csv":
            return Response("measure,count\nlead_in_time,40\n", media_type="text/csv")
        return {"items": answers.figures(by), "start": "2026-01-01", "end": "2026-12-01"}

    @app.get("/v1/scorecard/flows")
    async def flows(by: str = "authority", form: Format = "json") -> Any:
        if form == "csv":
            return Response("authority,referrals\nwarwickshire,40\n", media_type="text/csv")
        return answers.flows(by)

    @app.get("/v1/scorecard/definitions")
    async def definitions() -> Any:
        return answers.DEFINITIONS

    @app.get("/v1/triage/consistency")
    async def consistency(measure: str, as_csv: Annotated[bool, Query(alias="csv")] = False) -> Any:
        if as_csv:
            return Response("authority,decisions\nwarwickshire,40\n", media_type="text/csv")
        items = CROSSED if measure == "suggested" else AGENCIES
        return {"items": items, "definition": "Counted: the first decision of each referral."}
