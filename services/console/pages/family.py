"""What hangs on a referral and has a page, or a file, of its own: the chronology, the letter for
the family, what will be and was sent, attachments."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.errors import NotFound
from contracts import codes
from services.console import checking, emails, happened, people, times, words
from services.console.chronology import chronology
from services.console.desk import Desk
from services.console.pages.looking import look
from services.console.pages.page import pages, signed_in
from services.console.times import LONDON
from services.console.tree import tree

SAVED_ONLY = "sandbox; default-src 'none'"


def router(desk: Desk) -> APIRouter:
    """The chronology of a family, the letter that tells it of a decision, what was sent about a
    referral, and the files that came with it."""
    routes = pages(desk)

    @routes.get("/referrals/{referral_id}/chronology")
    async def shown(request: Request, referral_id: UUID) -> Response:
        session = await signed_in(desk, request)
        looked = await look(desk, session, referral_id)
        now = desk.clock()
        children = people.children(looked.read, now.astimezone(LONDON).date())
        notes = [happened.line_note(line, now) for line in looked.lines]
        return desk.show(
            request,
            "chronology.html",
            {
                "referral_id": referral_id,
                "reference": looked.reference,
                "read": looked.read,
                "people": children,
                "household": people.household(looked.read),
                "tree": tree(people.form_of(looked.read), children),
                "happenings": chronology(looked.read, looked.lines, notes),
            },
            session=session,
        )

    @routes.get("/referrals/{referral_id}/letter")
    async def letter(request: Request, referral_id: UUID) -> Response:
        """The letter for the family, to print, or why there is none. Notifications decides, and
        writes to the audit trail that it was read."""
        session = await signed_in(desk, request)
        read = await desk.reads.part(session.token, f"/v1/messages/letters/{referral_id}")
        if read.missing:
            raise NotFound("referral_not_found", "There is no such referral.")
        said = read.data
        reason = codes.REASONS_NOT_INFORMED.get(said.get("reason") or "")
        return desk.show(
            request,
            "letter.html",
            {
                "referral_id": referral_id,
                "reference": said.get("reference") or "Referral",
                "read": read,
                "letter": said.get("html"),
                "because": words.said(words.NO_LETTER, said.get("because")),
                "reason": reason.title if reason else "",
                "cautions": [
                    words.said(words.LETTER_CAUTIONS, one) for one in said.get("cautions", ())
                ],
            },
            session=session,
        )

    @routes.get("/referrals/{referral_id}/email")
    async def to_countersign(request: Request, referral_id: UUID) -> Response:
        """The email that goes once a manager has countersigned the decision."""
        session = await signed_in(desk, request)
        looked = await look(desk, session, referral_id)
        waiting = emails.awaiting(looked.read)
        if waiting is None:
            raise NotFound("decision_not_found", "No decision waits for a countersignature.")
        place = f"/v1/messages/previews/{referral_id}"
        return desk.show(
            request,
            "email.html",
            {
                "referral_id": referral_id,
                "reference": looked.reference,
                "thoughts": checking.tells(waiting, looked.read),
                "preview": emails.preview(await desk.reads.told(session.token, place, waiting)),
            },
            session=session,
            mail=True,
        )

    @routes.get("/referrals/{referral_id}/messages/{message_id}")
    async def message(request: Request, referral_id: UUID, message_id: UUID) -> Response:
        """One message as it was sent. Notifications says who may read it, and writes it to the
        audit trail."""
        session = await signed_in(desk, request)
        read = await desk.reads.part(session.token, f"/v1/messages/{message_id}")
        said = read.data
        if read.missing or said.get("referral_id") not in (None, str(referral_id)):
            raise NotFound("message_not_found", "There is no such message.")
        looked = await look(desk, session, referral_id)
        at = said.get("sent_at")
        return desk.show(
            request,
            "message.html",
            {
                "referral_id": referral_id,
                "reference": looked.reference,
                "read": read,
                "kind": words.said(words.MESSAGES, said.get("kind")),
                "state": words.said(words.MESSAGE_STATES, said.get("state")),
                "when": times.moment(datetime.fromisoformat(at), desk.clock()) if at else "",
                "mail": emails.mail(said["sent"]) if said.get("sent") else None,
            },
            session=session,
            mail=True,
        )

    @routes.get("/referrals/{referral_id}/files/{attachment_id}")
    async def saved(request: Request, referral_id: UUID, attachment_id: UUID) -> Response:
        """One attachment. Intake says who may open it, and writes it to the audit trail."""
        session = await signed_in(desk, request)
        path = f"/v1/intake/referrals/{referral_id}/attachments/{attachment_id}"
        file = await desk.reads.file(session.token, path)
        if file is None:
            raise NotFound("attachment_not_found", "There is no such file.")
        return Response(
            file.content,
            media_type=file.media_type,
            headers={
                "Content-Disposition": file.disposition,
                "Content-Security-Policy": SAVED_ONLY,
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "X-Frame-Options": "DENY",
            },
        )

    return routes
