"""Templates: what is shipped can be read by a parent; what an authority writes is tried first."""

import pytest

from policy.loading import PackSet
from policy.pack import Pack
from services.notifications.digests import samples as digests
from services.notifications.domain import Kind
from services.notifications.domain.following import HeldBack
from services.notifications.form_links import samples as way_back
from services.notifications.letters import samples as family
from services.notifications.rendering import Email
from services.notifications.rendering.checking import template_problems, wrong_with
from services.notifications.rendering.samples import RATIONALE, Sample, samples
from services.notifications.rendering.templates import FOLDER, Templates
from tests.unit.notifications.letters import case, decision, fixed, message, referral, renderer
from tests.unit.notifications.reading import reading_age

OLDEST = 14
"""The age at which most people in England can read what is written for them."""

WARM = """{% extends "base.txt" %}
{% block content %}
Dear colleague, thank you. {{ reference }}
{% if detail == "full" %}
{{ rationale | wrapped }}
{% for clause in clauses %}{{ clause.id }} {{ clause.title }}
{% endfor %}{{ no_clause_because or "" }}
{% for action in actions %}{{ action.what }}: {{ action.who }}
{% endfor %}
{% endif %}
{{ parts.who_to_call(hub) }}
{% endblock %}
"""


def with_templates(**own: str) -> Pack:
    pack = fixed().packs["warwickshire"][0]
    named = {name.replace("__", "."): text for name, text in own.items()}
    messages = pack.messages.model_copy(update={"templates": named})
    return pack.model_copy(update={"messages": messages})


def every(pack: Pack) -> list[Sample]:
    """Everything that is written, for each of its readers."""
    return [
        *samples(pack),
        *family.samples(pack),
        *way_back.samples(pack),
        digests.sample(pack),
        digests.week(pack),
        digests.asked(pack),
    ]


def test_every_template_is_tried() -> None:
    tried = {sample.kind for sample in every(fixed().packs["warwickshire"][0])}
    assert {path.stem for path in FOLDER.iterdir()} - {"base", "parts"} == tried


def test_a_parent_could_read_every_message() -> None:
    templates = Templates()
    ages = {}
    for sample in every(fixed().packs["warwickshire"][0]):
        ages[sample.kind, sample.name] = reading_age(templates.text(sample.kind, sample.values))
    assert {name: round(age, 1) for name, age in ages.items() if age > OLDEST} == {}


def test_the_measure_knows_easy_from_hard() -> None:
    easy = "The cat sat on the mat. It was a hot day. She went to the shop."
    hard = (
        "Notwithstanding considerable interdisciplinary consultation, the administrative "
        "determination necessitates comprehensive reconsideration of safeguarding procedures."
    )
    assert reading_age(easy) < 8
    assert reading_age(hard) > 20


def test_what_is_shipped_passes_for_every_pack(packs: PackSet) -> None:
    templates = Templates()
    for versions in packs.packs.values():
        for pack in versions:
            found = [wrong for sample in every(pack) for wrong in wrong_with(templates, sample)]
            assert found == [], pack.authority


def test_an_authority_writes_its_own() -> None:
    pack = with_templates(decision__txt=WARM)
    assert template_problems(pack) == []
    mail = renderer(PackSet({"warwickshire": (pack,)}), Templates()).email(
        case(), message(Kind.DECISION), referral(), decision(), message(Kind.DECISION).queued_at
    )
    assert isinstance(mail, Email)
    assert "Dear colleague" in mail.text
    assert mail.template == pack.version
    assert "What happens next" in mail.html


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ hub.__class__.__mro__ }}", "fails for"),
        ("{{ settings.smtp_password }}", "'settings' is undefined"),
        ("{% include '../../../etc/passwd' %}", "fails for"),
        ("{{ reference", "line 1"),
        ("{% for a in range(1000000) %}{% endfor %}", "fails for"),
        ("Hello {{ reference }}", "leaves out"),
        (WARM.replace("{{ rationale | wrapped }}", ""), "leaves out 'Morning care"),
        (WARM.replace('{% if detail == "full" %}', "{% if true %}"), "'rationale' is undefined"),
    ],
)
def test_a_template_that_fails_or_says_too_little_is_found_before_it_is_used(
    template: str, why: str
) -> None:
    found = template_problems(with_templates(decision__txt=template))
    assert any(name == "decision.txt" and why in words for name, words in found), found


def test_a_page_that_fetches_is_found() -> None:
    shipped = (FOLDER / "decision.html").read_text()
    tracked = shipped.replace("{{ parts.h2", '<img src="https://count.example/1">{{ parts.h2', 1)
    found = template_problems(with_templates(decision__html=tracked))
    assert [name for name, _ in found] == ["decision.html"]


def test_a_template_of_no_message_is_found() -> None:
    found = template_problems(with_templates(newsletter__txt="Hello"))
    assert found[0][0] == "newsletter.txt"


def test_no_template_can_say_what_its_reader_may_not_know() -> None:
    pack = with_templates(decision__txt="{{ rationale }}", decision__html="{{ rationale }}")
    for changed in ({"referrer_email": "somebody@post.example"}, {}):
        of = case() if changed else case(source_agency="member_of_public")
        held = renderer(PackSet({"warwickshire": (pack,)}), Templates()).email(
            of,
            message(Kind.DECISION),
            referral(**changed),
            decision(),
            message(Kind.DECISION).queued_at,
        )
        assert held == HeldBack("template_failed")
    for sample in samples(pack):
        if "trusted" not in sample.name:
            assert RATIONALE not in map(str, sample.values.values())
