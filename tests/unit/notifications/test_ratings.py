"""Whether answers were useful, counted so that nobody can be told by it."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.identity.links import Links
from services.notifications.domain import Kind
from services.notifications.ratings.domain import published, summed
from services.notifications.rendering import Email
from tests.unit.notifications.letters import (
    NOW,
    case,
    decision,
    fixed,
    message,
    referral,
    renderer,
)

A = "warwickshire"
REASONS = ("why_unclear", "next_unclear", "too_late")


def rows(useful: int, *because: int, template: str | None = None) -> list[dict[str, object]]:
    said = [{"useful": True, "because": None, "count": useful}]
    said += [
        {"useful": False, "because": reason, "count": count}
        for reason, count in zip(REASONS, because, strict=False)
        if count
    ]
    return [{"authority": A, "kind": "decision", "template": template, **one} for one in said]


def test_counts_are_by_kind_with_the_reasons_of_those_who_missed_something() -> None:
    (one,) = summed(rows(20, 7, 9))
    assert (one.useful, one.not_useful) == (20, 16)
    assert one.because == {"next_unclear": 9, "why_unclear": 7}


def test_an_authoritys_own_template_is_counted_apart() -> None:
    shipped, own = summed([*rows(20, 7), *rows(3, template="2026.2")])[::-1]
    assert (shipped.template, shipped.useful, own.template, own.useful) == (
        "shipped", 20, "2026.2", 3,
    )  # fmt: skip
    assert [one.useful for one in published([shipped, own])] == [20, None]


@given(st.lists(st.integers(0, 20), min_size=4, max_size=4))
def test_what_is_published_has_no_small_numbers(counts: list[int]) -> None:
    (one,) = published(summed(rows(*counts)))
    shown = {one.useful, one.not_useful, *one.because.values()}
    assert not shown & set(range(1, 6))
    if one.useful is None:
        assert one.not_useful is None
        assert one.because == {}


def test_a_link_is_for_one_message_and_one_purpose() -> None:
    links = Links(b"a key of a test")
    token = links.token("useful", UUID(int=7))
    assert links.subject("useful", token) == UUID(int=7)
    assert links.subject("disagree", token) is None
    assert Links(b"another key").subject("useful", token) is None


def test_only_whoever_reads_the_reasons_is_asked() -> None:
    asking = replace(renderer(fixed()), useful_token=lambda message_id: f"token-{message_id.int}")
    for address, asked in (("dsl@testwood.school.example", True), ("a@webmail.example", False)):
        email = asking.email(
            case(), message(Kind.DECISION), referral(referrer_email=address), decision(), NOW
        )
        assert isinstance(email, Email)
        assert ("https://frontdoor.example/useful/token-99" in email.text) is asked
        assert ("/useful/token-99" in email.html) is asked
