"""Who hears of a referral about a child whose case is open."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.codes import RestrictedBecause
from contracts.events import KnownAs, KnownElsewhere, ReferralKnownElsewhere, ReferralRestricted
from policy.loading import PackSet
from services.notifications.domain.case import State
from tests.unit.notifications.test_domain import NOW, Story


@pytest.fixture
def packs(packs: PackSet) -> PackSet:
    """With the addresses of one of the case system's teams, and of the hub's own."""
    *_, pack = packs.packs["warwickshire"]
    assert pack.messages.alerts is not None
    people = {"Safeguarding North": "north@mockshire.example"}
    alerts = pack.messages.alerts.model_copy(update={"people": people})
    messages = pack.messages.model_copy(update={"alerts": alerts})
    return PackSet({pack.authority: (pack.model_copy(update={"messages": messages}),)})


@pytest.mark.parametrize(
    ("kind", "team", "audiences"),
    [
        ("open_social_care", None, ["duty", "manager"]),
        ("open_social_care", "A team without an address", ["duty", "manager"]),
        ("open_social_care", "Safeguarding North", ["duty", "manager", "team"]),
        ("open_social_care", "hub", ["duty", "manager", "team"]),
        ("open_early_help", "Safeguarding North", []),
        ("closed", None, []),
    ],
)
def test_whoever_holds_an_open_case_is_told_once(
    packs: PackSet, kind: KnownAs, team: str | None, audiences: list[str]
) -> None:
    child = KnownElsewhere(child_id=UUID(int=5), kind=kind, at=NOW - timedelta(days=90), team=team)
    said = ReferralKnownElsewhere(children=(child,), as_of=NOW)
    story = Story(packs=packs).tell(said).tell(said)
    assert story.told[1:] == [("open_case_alert", audience) for audience in audiences]
    assert story.case is not None
    assert [(one.details or {}).get("person") for one in story.case.messages[3:]] == [team] * (
        len(audiences) - 2 if audiences else 0
    )


def test_each_worker_who_has_an_open_case_is_told_once_whenever_they_are_known(
    packs: PackSet,
) -> None:
    def known(*workers: str | None) -> ReferralKnownElsewhere:
        children = tuple(
            KnownElsewhere(
                child_id=UUID(int=5 + place), kind="open_social_care", at=NOW, worker=one
            )
            for place, one in enumerate(workers)
        )
        return ReferralKnownElsewhere(children=children, as_of=NOW)

    story = (
        Story(packs=packs).tell(known(None)).tell(known("sw-3", "sw-1", "sw-3")).tell(known("sw-1"))
    )
    assert story.case is not None
    assert [(one.audience, (one.details or {}).get("worker")) for one in story.case.messages[1:]] == [
        ("duty", None), ("manager", None), ("worker", "sw-1"), ("worker", "sw-3"),
    ]  # fmt: skip


def test_of_a_restricted_referral_neither_the_team_nor_the_worker_hears(packs: PackSet) -> None:
    child = KnownElsewhere(
        child_id=UUID(int=5), kind="open_social_care", at=NOW, team="hub", worker="sw-1"
    )
    story = Story(packs=packs, restricted=True)
    told = story.tell(ReferralKnownElsewhere(children=(child,), as_of=NOW)).told
    assert [who for what, who in told if what == "open_case_alert"] == ["duty", "manager"]


def test_nor_do_they_where_it_is_restricted_before_they_were_written_to(packs: PackSet) -> None:
    child = KnownElsewhere(
        child_id=UUID(int=5), kind="open_social_care", at=NOW, team="hub", worker="sw-1"
    )
    story = (
        Story(packs=packs)
        .tell(ReferralKnownElsewhere(children=(child,), as_of=NOW))
        .tell(
            ReferralRestricted(
                because=RestrictedBecause.KNOWN_TO_STAFF, roles=("manager",), restricted_at=NOW
            )
        )
    )
    assert story.case is not None
    waiting = [one.audience for one in story.case.messages[1:] if one.state is State.QUEUED]
    assert waiting == ["duty", "manager"]
