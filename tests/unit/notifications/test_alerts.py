"""Where alerts go: the authority's pack says it, an installation may say it first."""

import pytest

from policy.loading import PackSet
from policy.pack import Pack
from services.notifications.alerts import AlertAddresses
from services.notifications.domain import Audience


@pytest.fixture
def walsall(packs: PackSet) -> Pack:
    return packs.version("walsall", "2018.1")


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DUTY", "OUT_OF_HOURS", "MANAGER", "TEAMS"):
        monkeypatch.delenv(f"FRONTDOOR_ALERT_{name}", raising=False)


def everywhere(pack: Pack) -> list[str | None]:
    of = AlertAddresses().of
    return [
        of(pack, Audience.DUTY, True),
        of(pack, Audience.DUTY, False),
        of(pack, Audience.MANAGER, True),
        of(pack, Audience.MANAGER, False),
    ]


def test_each_authority_is_alerted_at_its_own_addresses(packs: PackSet) -> None:
    for authority in packs.authorities:
        pack = packs.version(authority, "2018.1")
        names = [address.partition("@")[0] for address in everywhere(pack) if address]
        assert names == ["duty", "edt", "manager", "manager"]
        assert all(address.endswith(f"@{authority}.example") for address in everywhere(pack))


def test_an_installation_may_send_alerts_elsewhere_each_by_itself(
    walsall: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDOOR_ALERT_DUTY", "{authority}@pager.example")
    assert everywhere(walsall) == [
        "walsall@pager.example",
        "edt@walsall.example",
        "manager@walsall.example",
        "manager@walsall.example",
    ]


def test_without_any_address_there_is_none(walsall: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = walsall.model_copy(
        update={"messages": walsall.messages.model_copy(update={"alerts": None})}
    )
    assert everywhere(silent) == [None] * 4
    monkeypatch.setenv("FRONTDOOR_ALERT_DUTY", "duty@hub.example")
    assert everywhere(silent)[:2] == ["duty@hub.example"] * 2


def test_whoever_the_ladder_names_is_reached_themselves_or_through_duty(
    packs: PackSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = packs.version("warwickshire", "2018.1")

    def reached(person: str) -> str | None:
        return AlertAddresses().of(pack, Audience.DUTY, True, person)

    assert reached("duty manager") == "duty-manager@warwickshire.example"
    assert reached("director on call") == "duty@warwickshire.example"
    # An installation that sends alerts elsewhere, such as one for trying it out, sends all of them.
    monkeypatch.setenv("FRONTDOOR_ALERT_DUTY", "duty@trial.example")
    assert reached("duty manager") == "duty@trial.example"


def test_a_team_is_reached_in_its_own_mailbox_or_the_hubs(
    walsall: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reached(recipient: str) -> str | None:
        return AlertAddresses().of_recipient(walsall, recipient, False)

    assert reached("team:hub") == reached("team:lead_north") == "hub@walsall.example"
    assert reached("team:edt") == reached("duty") == "edt@walsall.example"
    assert reached("manager") == "manager@walsall.example"
    # The team that has a case, by its code.
    alert = AlertAddresses().of(walsall, Audience.TEAM, True, "lead_north")
    assert alert == "hub@walsall.example"
    monkeypatch.setenv("FRONTDOOR_ALERT_TEAMS", "{team}@{authority}.mail.example")
    assert reached("team:lead_north") == "lead_north@walsall.mail.example"
