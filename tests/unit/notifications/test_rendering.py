"""What a referrer reads. The whole texts stand in golden/; to accept a change, delete the file and
run the test twice."""

import html
import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from textwrap import fill
from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import Rag
from policy.loading import PackSet
from services.notifications.domain import FamilyTold, Kind
from services.notifications.domain.following import HeldBack, Refused
from services.notifications.reads import Action, Decision
from services.notifications.rendering import Email
from services.notifications.rendering.mail import BadAddress, checked
from services.notifications.rendering.templates import Templates, environment
from services.notifications.rendering.titles import Detail
from services.notifications.rendering.view import detail_for
from services.notifications.rendering.words import TEXT_WIDTH, wrapped
from tests.unit.notifications.letters import (
    NOW,
    POINTED,
    case,
    decision,
    fixed,
    message,
    referral,
    renderer,
    written,
)

GOLDEN = Path(__file__).parent / "golden"
STRANGER = {"referrer_email": "someone@webmail.example"}
VARIANTS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "acknowledgement": (Kind.ACKNOWLEDGEMENT, {}),
    "acknowledgement-public": (Kind.ACKNOWLEDGEMENT, {"of": case(source_agency="family_member")}),
    "decision": (Kind.DECISION, {}),
    "decision-no-clause": (
        Kind.DECISION,
        {"says": decision(clauses=(), level=None, no_clause_because="It speaks of no such case.")},
    ),
    "decision-brief": (Kind.DECISION, {"to": referral(**STRANGER)}),
    "decision-public": (Kind.DECISION, {"of": case(source_agency="member_of_public")}),
    "rerating": (Kind.RERATING, {}),
    "rerating-stands": (Kind.RERATING, {"previous": "amber"}),
    "rerating-brief": (Kind.RERATING, {"to": referral(**STRANGER)}),
    "allocation": (Kind.ALLOCATION, {}),
    "allocation-brief": (Kind.ALLOCATION, {"to": referral(**STRANGER)}),
    "panel_outcome": (Kind.PANEL_OUTCOME, {}),
    "panel_outcome-brief": (Kind.PANEL_OUTCOME, {"of": case(restricted=True)}),
    "help_ended": (Kind.HELP_ENDED, {}),
    "help_asked_after": (Kind.HELP_ASKED_AFTER, {"says": decision(actions=(POINTED,))}),
    "help_asked_after-brief": (Kind.HELP_ASKED_AFTER, {"to": referral(**STRANGER)}),
    "written_wanted": (Kind.WRITTEN_WANTED, {}),
    "delay": (Kind.DELAY, {}),
    "delay-brief": (Kind.DELAY, {"to": referral(**STRANGER)}),
    "closure": (Kind.CLOSURE, {}),
    "continuation": (Kind.CONTINUATION, {}),
    "continuation-decided": (Kind.CONTINUATION, {"reason": "decided"}),
    "continuation-public": (Kind.CONTINUATION, {"of": case(source_agency="member_of_public")}),
    "urgent_alert": (Kind.URGENT_ALERT, {}),
    "urgent_alert-watchdog": (Kind.URGENT_ALERT, {"by": "watchdog"}),
    "breach_alert": (Kind.BREACH_ALERT, {}),
    "glass_alert": (Kind.GLASS_ALERT, {}),
    "open_case_alert": (Kind.OPEN_CASE_ALERT, {}),
    "open_case_alert-restricted": (Kind.OPEN_CASE_ALERT, {"of": case(restricted=True)}),
    "allegation_alert": (Kind.ALLEGATION_ALERT, {}),
    "escalation": (Kind.ESCALATION, {}),
}


@pytest.fixture(scope="module")
def pack() -> PackSet:
    return fixed()


@pytest.fixture(params=list(VARIANTS))
def variant(request: pytest.FixtureRequest, pack: PackSet) -> tuple[str, Email]:
    kind, said = VARIANTS[request.param]
    return request.param, written(pack, kind, **said)


@pytest.mark.parametrize("part", ["txt", "html"])
def test_messages_read_as_agreed(variant: tuple[str, Email], part: str) -> None:
    name, email = variant
    golden = GOLDEN / f"{name}.{part}"
    said = email.text if part == "txt" else email.html
    if not golden.exists():
        golden.write_text(said)
        pytest.fail(f"{golden.name} was written: read it, then run this again")
    assert said == golden.read_text()


def test_the_text_part_says_all_that_the_page_says(variant: tuple[str, Email]) -> None:
    _, email = variant
    page = re.sub(r"<head>.*?</head>|<[^>]+>", " ", email.html, flags=re.DOTALL)

    missing = _words(html.unescape(page)) - _words(email.text)

    # The table's heading, and words of a link whose address the text prints.
    assert missing <= {"what", "who", "and", "by", "when"}


def test_a_message_is_light_plain_and_fetches_nothing(variant: tuple[str, Email]) -> None:
    name, email = variant
    assert len(email.content()) < 100_000
    assert "<img" not in email.html
    assert "<script" not in email.html
    links = set(re.findall(r'href="([^"]+)"', email.html))
    ours = {link for link in links if not link.startswith("tel:")}
    if "alert" in name or name == "escalation":
        assert ours == {"https://frontdoor.example/referrals/00000000-0000-0000-0000-000000000001"}
    else:
        assert ours == ({"https://frontdoor.example/refer"} if name == "written_wanted" else set())
    assert '<html lang="en-GB">' in email.html
    assert email.html.count("<h1") == 1
    assert max(len(line) for line in email.text.splitlines()) <= 80


def test_the_envelope_says_a_reference_and_no_more(variant: tuple[str, Email]) -> None:
    _, email = variant
    mail = message_from_bytes(email.content(), policy=default)
    assert re.fullmatch(
        r"Referral WAR-000123-K: (received|decision|one question|looked at again|update|late|in writing, please|closed|goes on|urgent|overdue|opened|restricted|please read|still overdue)",
        mail["Subject"],
    )
    assert mail["Message-ID"] == "<00000000-0000-0000-0000-000000000063@frontdoor.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert mail["From"].addresses[0].display_name == "Sampleshire front door"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert email.content() == email.content()


def test_a_decision_says_all_that_feedback_must(pack: PackSet) -> None:
    text = " ".join(written(pack, Kind.DECISION).text.split())
    for said in (
        "WAR-000123-K",
        "6.05pm on Friday 20 November 2026",
        "AMBER. A social worker looks into what help is needed.",
        "level 3, targeted",
        "Children 1 and 2: child and family assessment (Amber)",
        "Child 3: early help single assessment (Green)",
        "Clause 3.1: Basic care not reliable",
        "Thresholds guidance, version 2018.1",
        "basic care is no longer reliable & early help has been tried",
        "A social worker rings the mother and arranges a first visit. Assessment team, north, by",
        "asks of you: - Keep the breakfast arrangement going, by Monday 23 November 2026",
        "If you do not agree".upper(),
        "01632 960101",
    ):
        assert said in text


def test_when_the_hub_is_closed_the_acknowledgement_says_whom_to_ring(pack: PackSet) -> None:
    closed = written(pack, Kind.ACKNOWLEDGEMENT).text
    assert "Our office was closed when it arrived. It opens next at 8.30am on Monday" in closed
    assert "ring 999" in closed
    assert "01632 960102" in closed

    morning = case(received_at=NOW.replace(hour=10))
    opened = written(pack, Kind.ACKNOWLEDGEMENT, of=morning).text
    assert "closed when it arrived" not in opened
    assert "ring 999" in opened


@pytest.mark.parametrize(
    ("agency", "address", "registered", "restricted", "expected"),
    [
        ("school", "dsl@testwood.school.example", False, False, Detail.FULL),
        ("school", "DSL@TESTWOOD.School.Example", False, False, Detail.FULL),
        ("charity", "a@lantern-sample.example", True, False, Detail.FULL),
        ("charity", "a@lantern-sample.example", False, False, Detail.BRIEF),
        ("school", "head@school.example.webmail.example", False, False, Detail.BRIEF),
        ("school", "dsl@testwood.school.example", True, True, Detail.BRIEF),
        ("family_member", "gran@testwood.school.example", True, False, Detail.PUBLIC),
        ("child_themselves", "me@testwood.school.example", True, False, Detail.PUBLIC),
        ("anonymous", "x@testwood.school.example", True, False, Detail.PUBLIC),
        ("a_new_kind_of_agency", "x@testwood.school.example", True, False, Detail.PUBLIC),
    ],
)
def test_reasons_go_only_where_they_may(
    pack: PackSet,
    agency: str,
    address: str,
    registered: bool,
    restricted: bool,
    expected: Detail,
) -> None:
    about = case(source_agency=agency, restricted=restricted)
    to = referral(referrer_email=address, trusted=registered)

    assert detail_for(about, to, pack.packs["warwickshire"][0]) is expected
    told = written(pack, Kind.DECISION, of=about, to=to)
    for secret in ("basic care", "Clause", "Amber", "AMBER", "#ffdd00", "first visit"):
        assert (secret in told.text + told.html) <= (expected is Detail.FULL)


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (None, "no_decision"),
        (decision(rationale=" \n"), "no_rationale"),
        (decision(clauses=(), no_clause_because=""), "no_clause"),
        (decision(actions=()), "no_action"),
    ],
)
def test_a_decision_without_its_reasons_is_held(
    pack: PackSet, says: Decision | None, reason: str
) -> None:
    found = renderer(pack).email(case(), message(Kind.DECISION), referral(), says, NOW)
    assert found == HeldBack(reason)


def test_an_alert_goes_to_the_emergency_team_when_the_hub_is_closed(pack: PackSet) -> None:
    assert written(pack, Kind.URGENT_ALERT).recipient == "duty.out-of-hours@council.example"


def test_a_referrer_without_an_address_is_telephoned(pack: PackSet) -> None:
    to = referral(referrer_email=None)
    found = renderer(pack).email(case(), message(Kind.ACKNOWLEDGEMENT), to, None, NOW)
    assert found == Refused("no_address")
    to = referral(write_safely=False)
    found = renderer(pack).email(case(), message(Kind.ACKNOWLEDGEMENT), to, None, NOW)
    assert found == Refused("not_safe_to_write")


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: everyone@b.example",
        "a@b.example\nX: y",
        "<a@b.example>",
        "A <a@b.example>",
        "a@b.example, c@d.example",
        '"a b"@c.example',
        "a b@c.example",
        "no-at-sign.example",
        "two@at@signs.example",
        "jö@b.example",
        "a\x00@b.example",
        f"{'a' * 65}@b.example",
        f"a@{'b' * 250}.example",
    ],
)
def test_odd_addresses_are_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        checked(address)


NAMES = st.one_of(st.from_regex(r"[A-Za-z0-9._+'-]{1,66}", fullmatch=True), st.text(max_size=6))
DOMAINS = st.sampled_from(
    ["school.example", "SCHOOL.Example", "b\N{LATIN SMALL LETTER U WITH DIAERESIS}ro.example",
     "-a.example", "a..example", "a_b.example", "localhost", "test", "[127.0.0.1]", ""]
)  # fmt: skip


@given(NAMES, DOMAINS)
def test_an_address_is_what_the_validator_makes_of_it(name: str, domain: str) -> None:
    address = f"{name}@{domain}".strip()
    try:
        expected = validate_email(address, check_deliverability=False, strict=True).ascii_email
    except EmailNotValidError:
        expected = None
    if expected is None or not address.isprintable():
        with pytest.raises(BadAddress):
            checked(address)
    else:
        assert checked(address) == expected


def test_what_people_wrote_cannot_become_markup(pack: PackSet) -> None:
    says = decision(
        rationale='<script>alert(1)</script> {{ hub.phone }} <a href="https://x.example">y</a>',
        actions=(Action(action="<b>now</b>", owner="<i>us</i>"),),
    )
    told = written(pack, Kind.DECISION, says=says).html
    assert "<script" not in told
    assert "<b>now" not in told
    assert "x.example&#34;" in told
    assert "{{ hub.phone }}" in told


@settings(max_examples=60, deadline=None)
@given(
    rationale=st.text(min_size=1).filter(str.strip),
    owner=st.text(min_size=1, max_size=80),
)
def test_anything_that_people_write_makes_a_sound_email(rationale: str, owner: str) -> None:
    says = decision(rationale=rationale, actions=(Action(action=rationale, owner=owner),))
    told = written(fixed(), Kind.DECISION, says=says)
    mail = message_from_bytes(told.content(), policy=default)
    assert mail.defects == []
    plain, page = mail.iter_parts()
    assert (plain.defects, page.defects) == ([], [])
    assert _lines(plain.get_content()) == _lines(told.text)
    assert _lines(page.get_content()) == _lines(told.html)
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ hub.__init__.__globals__ }}",
        "{{ a_name_that_nobody_gave }}",
        "{% include '../../../../etc/passwd' %}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_template_that_reaches_too_far_or_fails_holds_the_message(
    pack: PackSet, template: str
) -> None:
    made = environment(dict.fromkeys(environment().list_templates(), template))
    found = renderer(pack, Templates(made)).email(
        case(), message(Kind.ACKNOWLEDGEMENT), referral(), None, NOW
    )
    assert found == HeldBack("template_failed")


def test_every_shipped_pack_makes_every_message(packs: PackSet) -> None:
    for authority, versions in packs.packs.items():
        for version in versions:
            for kind, said in VARIANTS.values():
                about = case(authority=authority, pack_version=version.version)
                details = {key: value for key, value in said.items() if isinstance(value, str)}
                sent = message(kind, **{**details, "pack_version": version.version})
                found = renderer(packs).email(about, sent, referral(), decision(), NOW)
                assert isinstance(found, Email)


def test_contrast_of_every_colour_is_enough() -> None:
    from services.notifications.rendering.words import COLOURS

    for rag in Rag:
        ground, ink = (_luminance(colour) for colour in COLOURS[rag])
        lighter, darker = max(ground, ink), min(ground, ink)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_a_header_holds_one_line_whatever_a_pack_calls_its_hub(pack: PackSet) -> None:
    email = written(pack, Kind.DECISION)
    named = replace(email, sender_name="Siân's front door")
    mail = message_from_bytes(named.content(), policy=default)
    assert mail["From"].addresses[0].display_name == "Siân's front door"
    for broken in ({"sender_name": "x\r\nBcc: y@z.example"}, {"subject": "x\ny"}):
        with pytest.raises(ValueError, match=r"From|Subject"):
            replace(email, **broken).content()


def _lines(text: str) -> list[str]:
    """As mail keeps them: every line end is one, nothing after the last counts."""
    text = text.encode(errors="replace").decode()
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[\w'&]+", text.casefold()))


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        (None, "We have not told the family yet."),
        (FamilyTold(on=date(2026, 11, 20)), "We told the family on Friday 20 November 2026."),
        (FamilyTold(), "The family knows already."),
        (FamilyTold(withheld=True), "We are not telling the family about this for now."),
    ],
)
def test_a_decision_says_whether_the_family_knows_to_whom_it_tells_reasons(
    pack: PackSet, family: FamilyTold | None, expected: str
) -> None:
    told = case(family=family)
    said = " ".join(written(pack, Kind.DECISION, of=told).text.split())
    assert expected in said
    brief = written(pack, Kind.DECISION, of=told, to=referral(**STRANGER)).text
    assert "told the family" not in brief
    assert "knows already" not in brief


@given(st.text(max_size=400), st.sampled_from([0, 2]))
def test_lines_are_filled_as_textwrap_fills_them(text: str, indent: int) -> None:
    plain = " ".join(text.split())
    filled = fill(
        plain, TEXT_WIDTH, subsequent_indent=" " * indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    assert wrapped(plain, indent) == filled or re.search(r"\d \d", plain)
