"""The web pages of the hub."""

from fastapi import APIRouter

from chassis.http.routing import joined
from services.console.desk import Desk
from services.console.pages import (
    account,
    asking,
    audit,
    calls,
    consultations,
    disagree,
    duty,
    family,
    feeds,
    guidance,
    health,
    openid,
    organisations,
    panels,
    plain,
    queue,
    recording,
    refer,
    referral,
    reply,
    samples,
    scorecard,
    sent,
    several,
    sign_in,
    transfers,
    trying,
    unprocessed,
    useful,
    waiting,
    work,
    workers,
)


def router(desk: Desk) -> APIRouter:
    """All pages. They stay out of the API's description."""
    parts = (
        plain,
        sign_in,
        openid,
        account,
        queue,
        several,
        referral,
        recording,
        family,
        scorecard,
        samples,
        reply,
        disagree,
        useful,
        trying,
        guidance,
        feeds,
        panels,
        duty,
        transfers,
        calls,
        waiting,
        work,
        workers,
        audit,
        health,
        unprocessed,
        refer,
        asking,
        organisations,
        consultations,
        sent,
    )
    return joined(part.router(desk) for part in parts)
