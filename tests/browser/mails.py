"""Emails as notifications answers them: written with the shipped templates, of invented messages."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from policy.loading import load_packs
from services.notifications.digests import samples as digests
from services.notifications.form_links import samples as form_links
from services.notifications.rendering.samples import samples
from services.notifications.rendering.templates import Templates


@cache
def written() -> Mapping[str, tuple[str, str, str]]:
    """Every email of a pack by its name: subject, page and text."""
    pack = load_packs(authorities=["warwickshire"]).packs["warwickshire"][0]
    templates = Templates()
    beside = (
        digests.sample(pack),
        digests.week(pack),
        digests.asked(pack),
        *form_links.samples(pack),
    )
    return {
        one.name: (
            str(one.values["subject"]),
            templates.html(one.kind, one.values),
            templates.text(one.kind, one.values),
        )
        for one in (*samples(pack), *beside)
    }


def _mail(name: str) -> Mapping[str, str]:
    subject, html, text = written()[name]
    return {"to": "lead@testwood.school.example", "subject": subject, "html": html, "text": text}


def route(app: FastAPI) -> None:
    """What a decision would tell, and what was sent of it."""

    @app.post("/v1/messages/previews/{referral_id}")
    async def preview(referral_id: UUID, body: dict[str, Any]) -> Any:
        if body["what"] != "decision":
            return {"kind": None, "detail": "full", "email": None, "because": "not_told"}
        return {
            "referral_id": str(referral_id), "kind": "decision", "detail": "full",
            "email": _mail("decision to a trusted referrer"), "because": None,
        }  # fmt: skip

    @app.get("/v1/messages/{message_id}")
    async def one(message_id: UUID) -> Any:
        return {
            "id": str(message_id), "kind": "decision", "state": "sent", "audience": "referrer",
            "sent_at": "2026-03-05T09:30:00Z", "sent": _mail("decision to a trusted referrer"),
        }  # fmt: skip
