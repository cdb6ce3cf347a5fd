"""The family's story over HTTP, and what people say of matches. For staff of the hub alone:
nothing of it reaches a partner (practice rule 14)."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Response
from pydantic import BaseModel, ConfigDict

from chassis.audit import AuditEntry
from chassis.audit import append as append_audit
from chassis.change import Ids
from chassis.errors import FieldError, InvalidInput, NotFound
from chassis.identity import Caller, staff
from chassis.restriction import ring_about, seer_of
from chassis.restriction import store as restrictions
from chassis.stream.kernel import Command, Kernel
from chassis.telemetry import traces
from policy.loading import PackSet
from policy.matching import State, compare
from policy.working_time import LONDON
from services.intake import answers
from services.intake.domain import Case, known
from services.intake.elsewhere import known as elsewhere
from services.intake.elsewhere import store as systems
from services.intake.people import domain, story
from services.intake.people.finding import LookUp, pair_of
from services.intake.people.matches import Because, is_later
from services.intake.people.records import Record
from services.intake.people.store import PeopleStore, ask_again
from services.intake.store import IntakeStore

READERS = ("practitioner", "manager", "duty", "coordinator")
SAYERS = ("practitioner", "manager", "duty")


class MatchBody(BaseModel):
    """What you say of two people on two referrals: that they are one (`linked`), that they are
    not (`not_same`), or that it is open again (`candidate`). Nothing is merged; each can be taken
    back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person_id: UUID
    other_referral_id: UUID
    other_person_id: UUID
    state: Literal[State.LINKED, State.NOT_SAME, State.CANDIDATE]
    because: Because


def router(
    kernel: Kernel[Case], store: IntakeStore, people: PeopleStore, look_up: LookUp
) -> APIRouter:
    """What staff read of a family, and say of it."""
    routes = APIRouter(tags=["people"])
    service = kernel.service

    @routes.get("/v1/referrals/{referral_id}/story", **answers.described(answers.Story))
    async def read(
        caller: Annotated[Caller, Depends(staff(*READERS))], referral_id: UUID
    ) -> Mapping[str, Any]:
        """Who of this referral was met before: earlier referrals, decisions and workers of each
        child and of the household, with the reasons why a record is linked or a candidate; and what
        other systems of the authority hold about its children, with when they were asked.
        Reading it is written to the audit trail."""
        authorities = sorted(caller.authorities)
        async with service.database.transaction() as connection:
            # Asked first: what a look-up finds is kept before it is done.
            searching = await people.waits(connection, referral_id)
            case = await store.read_for_staff(connection, referral_id, authorities)
            if case is None:
                raise NotFound("referral_not_found", "There is no such referral.")
            keepers = await people.kept_elsewhere(connection, referral_id, authorities)
            ids = {*keepers, *(match.other_referral_id for match in case.matches)}
            kept = await restrictions.read(connection, sorted(ids))
            seer = seer_of(caller, service.clock())
            masked = {one for one in kept if not kept[one].restriction.shows(seer)}
            told = any(seer.staff_id not in kept[one].restriction.denied for one in masked)
            others = {
                one: other
                for one, other in (await store.load(connection, sorted(ids - masked))).items()
                if other.authority in caller.authorities
            }
            records = await people.people_of(connection, [referral_id, *others], authorities)
            own = [one for one in records if one.referral_id == referral_id]
            outside = await look_up.elsewhere(connection, case.authority, own)
            as_of = await systems.as_of(connection, case.authority)
            details = {"others": sorted(map(str, others)), "elsewhere": len(outside)}
            await append_audit(
                connection,
                [AuditEntry("story_read", caller, case.authority, referral_id, details)],
                service.clock(),
            )
        pack = service.policy.current(case.authority, service.clock().astimezone(LONDON).date())
        read = story.told(story.Story(case, others, records, searching), pack.matching)
        # Nothing of a restricted record but that there is one, and whom to ring (rule 18).
        ring = ring_about(pack) if told and seer.in_hub else None
        return {
            **read,
            "restricted": {"ring": ring} if ring else None,
            "elsewhere": elsewhere.told(outside, as_of, service.clock(), pack.matching.stale_days),
        }

    @routes.post("/v1/referrals/{referral_id}/matches")
    async def say(
        caller: Annotated[Caller, Depends(staff(*SAYERS))],
        referral_id: UUID,
        body: Annotated[MatchBody, Body()],
    ) -> Response:
        """Link two records of one person, part them, or take back what was said. Your name and
        the reason are kept, and no later look-up changes what you said."""
        authorities = sorted(caller.authorities)
        async with service.database.connection() as connection:
            case = await store.read_for_staff(connection, referral_id, authorities)
            if case is None:
                raise NotFound("referral_not_found", "There is no such referral.")
            asked = {referral_id, body.other_referral_id}
            kept = await restrictions.read(connection, [body.other_referral_id])
            seer = seer_of(caller, service.clock())
            asked -= {one for one in kept if not kept[one].restriction.shows(seer)}
            records = {
                one.person_id: one
                for one in await people.people_of(connection, sorted(asked), [case.authority])
            }
        if referral_id == body.other_referral_id:
            wrong = FieldError("/other_referral_id", "This is the same referral.")
            raise InvalidInput("same_referral", "Some fields are wrong.", errors=(wrong,))
        mine = _one(records, body.person_id, referral_id, "/person_id")
        theirs = _one(records, body.other_person_id, body.other_referral_id, "/other_person_id")
        if not is_later(
            (mine.received_at, mine.referral_id), (theirs.received_at, theirs.referral_id)
        ):
            mine, theirs = theirs, mine
        answer = await kernel.submit(
            Command(
                referral_id=mine.referral_id,
                authority=case.authority,
                decide=partial(_say, mine, theirs, body, caller),
                audit=AuditEntry(
                    f"match_{body.state}",
                    caller,
                    case.authority,
                    mine.referral_id,
                    {
                        "person_id": str(mine.person_id),
                        "other_referral_id": str(theirs.referral_id),
                        "other_person_id": str(theirs.person_id),
                        "because": body.because,
                    },
                ),
                traceparent=traces.current_traceparent(),
            )
        )
        async with service.database.connection() as connection:
            # What the rules count of the child's past follows from links.
            await ask_again(connection, [mine.referral_id])
        return Response(answer.body, answer.status, media_type="application/json")

    return routes


def _one(records: Mapping[UUID, Record], person_id: UUID, referral_id: UUID, at: str) -> Record:
    """Somebody of a referral. Raises InvalidInput."""
    found = records.get(person_id)
    if found is None or found.referral_id != referral_id:
        wrong = FieldError(at, "There is nobody with this id on that referral.")
        raise InvalidInput("unknown_person", "Some fields are wrong.", errors=(wrong,))
    return found


def _say(
    mine: Record,
    theirs: Record,
    body: MatchBody,
    caller: Caller,
    state: Case | None,
    policy: PackSet,
    ids: Ids,
    now: Any,
) -> Any:
    case = known(state)
    matching = policy.current(case.authority, now.astimezone(LONDON).date()).matching
    compared = compare(mine.person, theirs.person, matching)
    match = pair_of(
        mine,
        theirs,
        State.CANDIDATE,
        round(compared.score, 4),
        compared.reasons,
    )
    said = domain.Said(match, State(body.state), body.because, caller.id)
    return domain.say(state, said, policy, ids, now)
