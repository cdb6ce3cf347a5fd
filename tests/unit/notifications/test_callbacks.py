"""Which addresses may be called, and when a call is tried again."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import InvalidInput
from chassis.outside.addresses import reachable
from services.notifications.callbacks.domain import (
    LONGEST_TRY,
    NEWS,
    Call,
    CallState,
    checked_news,
    checked_url,
    followed,
)
from services.notifications.channels.port import Away, Cut, Delivery, NotTaken, Taken

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
INSIDE = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "100.64.0.0/10", "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "192.0.2.0/24", "198.18.0.0/15",
    "::1/128", "fe80::/10", "fc00::/7", "ff00::/8", "::/128", "2001:db8::/32", "64:ff9b::/96",
    "2002::/16", "2001::/32",
)  # fmt: skip


def call(**changed: object) -> Call:
    return Call(
        **{
            "call_id": UUID(int=1), "callback_id": UUID(int=2), "notice_id": UUID(int=3),
            "referral_id": UUID(int=4), "news": "decided", "stage": "decided", "at": NOW,
            "state": CallState.CALLING, "attempt": 1, "queued_at": NOW, "begun_at": NOW,
            "due_at": NOW, **changed,
        }  # type: ignore[arg-type]
    )  # fmt: skip


@given(network=st.sampled_from(INSIDE), place=st.integers(0, 2**128 - 1))
def test_no_address_inside_may_be_called(network: str, place: int) -> None:
    block = ip_network(network)
    address = block[place % block.num_addresses]
    assert not reachable(str(address), ())
    if address.version == 4:
        assert not reachable(str(IPv6Address(f"::ffff:{address}")), ())


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "8.8.8.8"])
def test_addresses_of_the_public_internet_may(address: str) -> None:
    assert reachable(address, ())
    assert not reachable(address, (), alone=True)


@given(st.ip_addresses())
def test_what_the_operator_allows_may_and_nothing_else_of_it_changes(address: object) -> None:
    allowed = (ip_network("10.20.0.0/16"),)
    inside = ip_address(str(address)).version == 4 and str(address).startswith("10.20.")
    assert reachable(str(address), allowed) == (inside or reachable(str(address), ()))


@pytest.mark.parametrize(
    "url",
    [
        "http://cpoms.example/hook", "https://", "ftp://cpoms.example", "//cpoms.example", "",
        "https://user:word@cpoms.example/", "https://cpoms.example/#part", "https://127.0.0.1/",
        "https://[::1]/", "https://169.254.169.254/latest", "https://cpoms.example:99999/",
        "https://cpoms.example/\nX-More: yes", "https://cpóms.example/", "https://[nonsense/",
        "https://cpoms.example/" + "a" * 500,
    ],
)  # fmt: skip
def test_a_bad_address_is_refused_by_its_field(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_url(url, ())
    assert refused.value.errors[0].pointer == "/url"


def test_a_good_address_is_taken_as_it_is() -> None:
    for url in ("https://cpoms.example/hooks?school=3", "https://93.184.216.34:8443/x"):
        assert checked_url(url, ()) == url
    allowed = (ip_network("10.0.0.0/8"),)
    assert checked_url("http://10.1.1.1/x", allowed) == "http://10.1.1.1/x"


@pytest.mark.parametrize("news", [(), ("decided", "suggested"), ("ping",)])
def test_news_that_nobody_tells_cannot_be_asked_for(news: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        checked_news(news)


def test_news_is_kept_once_and_in_order() -> None:
    assert checked_news(("withdrawn", "decided", "decided")) == ("decided", "withdrawn")
    assert checked_news(NEWS) == NEWS


@given(
    st.lists(
        st.sampled_from(
            [NotTaken("http_500", permanent=False), Cut("timeout"), Away("no_connection")]
        ),
        min_size=40,
        max_size=40,
    ),
    st.floats(0, 1),
)
def test_what_is_never_taken_is_tried_for_three_days_and_then_fails(
    ends: list[Delivery], chance: float
) -> None:
    one, now, tries = call(), NOW, 0
    for end in ends:
        one = followed(one, end, now, chance)
        tries += 1
        if one.state is CallState.FAILED:
            break
        assert one.state is CallState.QUEUED
        assert now < one.due_at <= now + timedelta(hours=8)
        assert one.due_at <= NOW + LONGEST_TRY
        now = one.due_at
        one = call(attempt=tries + 1)
    assert one.state is CallState.FAILED
    assert now >= NOW + LONGEST_TRY - timedelta(hours=8)
    assert 12 <= tries <= 20


def test_the_first_retry_is_soon() -> None:
    again = followed(call(), NotTaken("http_503", permanent=False), NOW, 0.0)
    assert again.due_at - NOW == timedelta(seconds=5)


def test_a_pause_that_was_asked_for_is_kept() -> None:
    asked = NotTaken("http_429", permanent=False, after=timedelta(hours=1))
    assert followed(call(), asked, NOW, 0.0).due_at == NOW + timedelta(hours=1)


def test_taken_and_gone_are_the_end() -> None:
    assert followed(call(), Taken(), NOW, 0.0).state is CallState.TAKEN
    gone = followed(call(), NotTaken("http_410", permanent=True), NOW, 0.0)
    assert (gone.state, gone.ended_at) == (CallState.FAILED, NOW)
