"""A later rating stands beside the earlier ones; nothing is rewritten."""

from datetime import timedelta

from tests.journey.forms import child, form
from tests.journey.living import Living, Partner, read


async def test_the_same_colour_is_reviewed_with_no_change(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    assert (await home.decide(case, practitioner)).status_code == 201
    reviewed = await home.rerate(case, practitioner, rag="amber")
    assert reviewed.status_code == 201, reviewed.text
    assert read(reviewed)["changed"] is False
    case = await home.rated(told["id"], practitioner)
    assert [one["kind"] for one in case["decisions"]] == ["decision", "rating"]
    assert case["rag"] == "amber"


async def test_what_was_rated_last_counts_where_the_clock_went_back(
    home: Living, school: Partner
) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    assert (await home.decide(case, practitioner)).status_code == 201
    home.clock.forward(timedelta(minutes=-10))
    raised = await home.rerate(case, practitioner, rag="red", rationale="Police told us more.")
    assert raised.status_code == 201, raised.text
    case = await home.rated(told["id"], practitioner)
    assert [one["kind"] for one in case["decisions"]] == ["decision", "rating"]
    await home.settled()
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["decision"]["rationale"] == "Police told us more."


async def test_a_rating_is_raised_and_the_referrer_is_told(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    assert (await home.decide(case, practitioner)).status_code == 201
    raised = await home.rerate(
        case, practitioner, rag="red", rationale="Police have told us more since then."
    )
    assert raised.status_code == 201
    assert read(raised)["previous_rag"] == "amber"
    assert read(raised)["changed"] is True
    (changed,) = read(raised)["changes"]
    assert (changed["previous_rag"], changed["rag"]) == ("amber", "red")
    await home.sent(told["id"], "rerating", practitioner)
    await home.settled()
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["rating"] == "red"
    assert seen["decision"]["rationale"] == "Police have told us more since then."
    allocated = await home.listed("/v1/allocations", told["id"], practitioner)
    assert "duty" in {one["kind"] for one in allocated}
    case = await home.rated(told["id"], practitioner)
    assert [one["rag"] for one in case["decisions"]] == ["amber", "red"]


async def test_raised_the_sooner_time_counts(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    await home.settled()
    before = {
        one["name"]: one["due_at"]
        for one in await home.listed("/v1/clocks", told["id"], practitioner)
    }
    assert (await home.rerate(case, practitioner, rag="red")).status_code == 201
    await home.settled()
    after = {
        one["name"]: one["due_at"]
        for one in await home.listed("/v1/clocks", told["id"], practitioner)
    }
    assert after["hub_enquiry"] < before["hub_enquiry"]
    assert after["statutory_decision"] == before["statutory_decision"]
    seen = read(await home.http.get(told["links"]["self"], headers=dict(school.headers)))
    assert seen["rating"] is None


async def test_one_child_is_rated_apart(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(
        school, form(children=[child(), child(given_name="Ellie", date_of_birth="2019-06-30")])
    )
    case = await home.rated(told["id"], practitioner)
    one, other = (found["child_id"] for found in case["children"])
    done = await home.rerate(case, practitioner, child_id=one, rag="red")
    assert done.status_code == 201
    case = await home.rated(told["id"], practitioner)
    rags = {found["child_id"]: found["rag"] for found in case["children"]}
    assert rags[one] == "red"
    assert rags[other] is None
    assert case["rag"] == "red"
    nobody = await home.rerate(case, practitioner, child_id=told["id"], rag="red")
    assert nobody.status_code == 422
    assert read(nobody)["errors"][0]["pointer"] == "/child_id"


async def test_two_who_rate_at_once_do_not_overwrite(home: Living, school: Partner) -> None:
    first, second = home.staff(), home.staff("manager")
    told = await home.refer(school)
    case = await home.rated(told["id"], first)
    seen = {"If-Match": f'"{case["version"]}"'}
    assert (await home.rerate(case, {**first, **seen}, rag="red")).status_code == 201
    late = await home.rerate(case, {**second, **seen}, rag="amber")
    assert late.status_code == 412
