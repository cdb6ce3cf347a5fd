"""What hubs have learned the hard way, over HTTP: who may go below a hard rule, what no decision
leaves out, what a family that comes twice means, and what a closed hub says."""

from datetime import UTC, datetime

import pytest

from tests.journey.forms import NHS_NUMBER, attendance, bruised_baby, child, form
from tests.journey.living import Living, Partner, decision, read


async def test_going_below_a_hard_rule_needs_a_manager_and_a_reason(
    home: Living, school: Partner
) -> None:
    practitioner, manager = home.staff(), home.staff("manager")
    told = await home.refer(school, bruised_baby())
    case = await home.rated(told["id"], practitioner)
    because = "medically_explained"
    refused = await home.decide(case, practitioner, rag="green", lowered_because=because)
    assert refused.status_code == 403
    assert read(refused)["code"] == "manager_needed"
    silent = await home.decide(case, manager, rag="green")
    assert silent.status_code == 422
    assert read(silent)["errors"][0]["pointer"] == "/lowered_because"
    for code, pointer in (("a birthmark", "/lowered_because"), ("other", "/analysis")):
        wrong = await home.decide(case, manager, rag="green", lowered_because=code)
        assert wrong.status_code == 422
        assert read(wrong)["errors"][0]["pointer"] == pointer
        assert "birthmark" not in wrong.text
    lowered = await home.decide(case, manager, rag="green", lowered_because=because)
    assert lowered.status_code == 201, lowered.text
    case = await home.rated(told["id"], manager)
    assert case["suggestion"]["rag"] == "red"
    (made,) = case["decisions"]
    assert (made["rag"], made["suggested_rag"]) == ("green", "red")
    assert made["lowered_because"] == because


async def test_a_rerating_below_a_hard_rule_needs_the_same(home: Living, school: Partner) -> None:
    practitioner, manager = home.staff(), home.staff("manager")
    told = await home.refer(school, bruised_baby())
    case = await home.rated(told["id"], practitioner)
    assert (await home.decide(case, practitioner)).status_code == 201
    refused = await home.rerate(case, practitioner, rag="amber")
    assert read(refused)["code"] == "manager_needed"
    silent = await home.rerate(case, manager, rag="amber")
    assert silent.status_code == 422
    done = await home.rerate(
        case, manager, rag="amber", lowered_because="other", analysis="A doctor saw her."
    )
    assert done.status_code == 201, done.text


async def test_a_practitioner_goes_below_what_is_no_hard_rule(
    home: Living, school: Partner
) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    assert not any(reason["hard"] for reason in case["suggestion"]["reasons"])
    lower = await home.decide(case, practitioner, rag="green", lowered_because="misread")
    assert lower.status_code == 201


async def test_every_child_on_the_form_and_in_the_household_needs_an_outcome(
    home: Living, school: Partner
) -> None:
    practitioner = home.staff()
    told = await home.refer(
        school,
        form(
            children=[child(), child(given_name="Ellie", date_of_birth="2019-06-30")],
            household=[
                {"name": "Jay", "relationship": "brother", "date_of_birth": "2022-09-14"},
                {"name": "Kerry", "relationship": "mother", "date_of_birth": "1993-05-02"},
            ],
        ),
    )
    case = await home.rated(told["id"], practitioner)
    assert len(case["children"]) == 3
    children = decision(case)["children"]
    for some in (children[:1], children[:2], [children[0]] * 3):
        refused = await home.decide(case, practitioner, children=some)
        assert refused.status_code == 422
    assert (await home.decide(case, practitioner)).status_code == 201


async def test_harm_in_the_household_counts_for_every_child(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(
        school,
        form(
            children=[child(), child(given_name="Ellie", date_of_birth="2019-06-30")],
            concerns=[{"code": "domestic_abuse", "children": [0], "impact": "serious"}],
        ),
    )
    case = await home.rated(told["id"], practitioner)
    assert len({one["suggested"] for one in case["children"]}) == 1
    assert case["children"][1]["suggested"] in {"red", "amber"}


async def test_a_family_referred_twice_is_linked_and_a_repeat(
    home: Living, school: Partner
) -> None:
    practitioner = home.staff()
    police = await home.partner("mockshire-police", agency="police")
    about = [child(nhs_number=NHS_NUMBER)]
    first = await home.refer(school, form(children=about))
    second = await home.refer(police, form(children=about))
    assert first["id"] not in str(second)
    assert second["warnings"] == first["warnings"]
    assert not (await home.rated(first["id"], practitioner))["repeat"]
    case = await home.rated(second["id"], practitioner)
    assert case["repeat"]
    (submitted, *_) = home.events(second["id"])
    (link,) = submitted["data"]["links"]
    assert link["earlier_referral_id"] == first["id"]
    seen = await home.http.get(second["links"]["self"], headers=dict(police.headers))
    assert first["id"] not in seen.text


@pytest.mark.parametrize(
    "other",
    [
        child(nhs_number=NHS_NUMBER, given_name="Kieran", date_of_birth="2015-01-01"),
        child(nhs_number=None),
        child(nhs_number="9990000475"),
    ],
    ids=["neither name nor birth date agree", "no number", "a number that does not check"],
)
async def test_no_link_without_a_verified_number_that_agrees(
    home: Living, school: Partner, other: dict
) -> None:
    practitioner = home.staff()
    await home.refer(school, form(children=[child(nhs_number=NHS_NUMBER)]))
    told = await home.refer(school, form(children=[other]))
    assert not (await home.rated(told["id"], practitioner))["repeat"]


async def test_another_authoritys_referral_is_no_link(home: Living, school: Partner) -> None:
    about = [child(nhs_number=NHS_NUMBER)]
    await home.refer(school, form(children=about))
    told = await home.refer(school, form(children=about, authority="walsall"))
    case = await home.rated(told["id"], home.staff(authority="walsall"))
    assert not case["repeat"]


async def test_your_reference_again_is_a_new_referral_with_a_warning(
    home: Living, school: Partner
) -> None:
    first = await home.refer(school, form(your_reference="CPOMS-8841"))
    assert first["warnings"] == []
    second = await home.refer(
        school, form(your_reference="CPOMS-8841", narrative="He was hungry again today.")
    )
    assert second["id"] != first["id"]
    assert [(one["pointer"], one["code"]) for one in second["warnings"]] == [
        ("/your_reference", "reference_used_before")
    ]
    police = await home.partner("mockshire-police", agency="police")
    theirs = await home.refer(police, form(your_reference="CPOMS-8841"))
    assert theirs["warnings"] == []


@pytest.mark.parametrize(
    "now, opens",
    [
        (datetime(2026, 3, 6, 20, 30, tzinfo=UTC), "2026-03-09"),
        (datetime(2026, 4, 3, 11, 0, tzinfo=UTC), "2026-04-07"),
    ],
    ids=["Friday evening", "Good Friday"],
)
async def test_a_closed_hub_says_so_with_numbers_to_ring(
    home: Living, now: datetime, opens: str
) -> None:
    home.clock.now = now
    school = await home.partner()
    duty = home.staff("duty")
    told = await home.refer(school, bruised_baby(immediate_danger=True))
    closed = told["out_of_hours"]
    assert "999" in closed["detail"]
    assert closed["emergency_phone"]
    assert closed["police_phone"] == "999"
    assert closed["opens_at"].startswith(opens)
    await home.sent(told["id"], "acknowledgement", duty)
    text = next(
        letter.get_body(("plain",)).get_content()
        for letter in home.relay.box.taken
        if letter["To"] == "h.testley@testwood.school.example"
    )
    assert closed["emergency_phone"] in text
    assert "999" in text
    await home.settled()
    clocks = {one["name"]: one for one in await home.listed("/v1/clocks", told["id"], duty)}
    taken_by = datetime.fromisoformat(clocks["accepted_by_person"]["due_at"])
    assert (taken_by - now).total_seconds() == 30 * 60


async def test_missing_agreement_sends_nothing_back_unread(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school, attendance(agreement={"status": "refused"}))
    case = await home.rated(told["id"], practitioner)
    assert case["agreement"] == "refused"
    assert case["suggestion"]["rag"] in {"green", "amber", "red"}


async def test_later_information_raises_the_suggestion(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school, attendance())
    case = await home.rated(told["id"], practitioner)
    assert case["suggestion"]["rag"] == "green"
    added = await home.follow_up(
        school,
        told["id"],
        "information",
        {
            "information": "He said that dad hit him with a belt last night.",
            "immediate_danger": True,
        },
    )
    assert added.status_code == 201
    raised = await home.rated(
        told["id"], practitioner, lambda now: now["suggestion"]["rag"] == "red"
    )
    assert raised["version"] > case["version"]
    await home.settled()
    allocated = await home.listed("/v1/allocations", told["id"], practitioner)
    assert "duty" in {one["kind"] for one in allocated}
    stale = await home.decide(case, practitioner)
    assert stale.status_code == 412


async def test_each_later_text_is_read_and_marked_under_a_name_of_its_own(
    home: Living, school: Partner
) -> None:
    practitioner = home.staff()
    told = await home.refer(school, attendance())
    hit = "dad hit him with a belt"
    said = [f"On Monday he said that {hit}.", f"He told his teacher again: {hit} last night."]
    for text in said:
        added = await home.follow_up(school, told["id"], "information", {"information": text})
        assert added.status_code == 201
    case = await home.rated(told["id"], practitioner, lambda now: now["version"] == 1 + len(said))
    answer = await home.http.get(f"/v1/intake/referrals/{told['id']}", headers=practitioner)
    later = {one["name"]: one["text"] for one in read(answer)["later"]}
    assert list(later.values()) == said
    assert set(later) <= {one["text"] for one in case["suggestion"]["texts"]}
    found = {
        reason["text"]: later[reason["text"]][reason["start"] : reason["end"]]
        for reason in case["suggestion"]["reasons"]
        if reason["text"] in later
    }
    assert set(found) == set(later)
    assert all("hit" in words for words in found.values())
