"""All that a decision may say, and what an inspector finds of it."""

from tests.journey.forms import bruised_baby, form
from tests.journey.living import Living, Partner, decision, read
from tests.journey.problems import pointers, problem

REFERENCE = "CRIME-0042-EXAMPLE"


async def test_duties_with_time_and_reference_stay_in_the_hub(
    home: Living, school: Partner
) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    body = decision(case)
    body["children"][0]["duties"] = [
        "send",
        {"duty": "police", "at": "2026-03-05T10:00:00Z", "reference": REFERENCE},
    ]
    made = await home.decide(case, practitioner, children=body["children"])
    assert made.status_code == 201, made.text
    (kept,) = (await home.rated(told["id"], practitioner))["decisions"]
    assert {one["duty"]: one["reference"] for one in kept["duties"]} == {
        "send": None,
        "police": REFERENCE,
    }
    await home.sent(told["id"], "decision", practitioner)
    await home.settled()
    assert REFERENCE not in str(home.events(told["id"]))
    seen = await home.http.get(told["links"]["self"], headers=dict(school.headers))
    assert REFERENCE not in seen.text


async def test_what_was_seen_is_replayed(home: Living, school: Partner) -> None:
    manager = home.staff("manager")
    told = await home.refer(school, bruised_baby())
    case = await home.rated(told["id"], manager)
    found = next(one for one in case["suggestion"]["reasons"] if one["start"] is not None)
    dismissal = {name: found[name] for name in ("indicator", "text", "start", "end")}
    path = f"/v1/triage/referrals/{told['id']}/dismissals"
    body = {**dismissal, "because": "quoted"}
    done = await home.http.post(path, json=body, headers=manager)
    assert done.status_code == 201, done.text
    problem(await home.http.post(path, json=body, headers=manager), 409, "already_dismissed")
    problem(await home.decide(case, manager), 412, "changed_meanwhile")
    case = await home.rated(told["id"], manager)
    assert case["suggestion"]["rag"] == "red"
    assert [one["because"] for one in case["suggestion"]["dismissed"]] == ["quoted"]
    made = read(await home.decide(case, manager))
    where = f"/v1/triage/decisions/{made['id']}/seen"
    replayed = read(await home.http.get(where, headers=home.staff("analyst")))
    assert replayed["replayed"]["same"] is True
    assert replayed["seen"]["version"] == case["version"]
    assert replayed["seen"]["suggested_by"] == case["suggestion"]["pack_version"]
    assert [one["because"] for one in replayed["seen"]["dismissed"]] == ["quoted"]
    assert "bruise" not in str(replayed)
    problem(await home.http.get(where, headers=home.staff()), 403, "role_needed")
    elsewhere = home.staff("manager", "walsall")
    problem(await home.http.get(where, headers=elsewhere), 404, "decision_not_found")


async def test_help_that_was_refused(home: Living, school: Partner) -> None:
    practitioner, manager = home.staff(), home.staff("manager")
    told = await home.refer(school, form(agreement={"status": "refused"}))
    case = await home.rated(told["id"], practitioner)
    assert case["agreement"] == "refused"
    why = {"without_agreement": "risk_outweighs"}
    problem(await home.decide(case, practitioner, **why), 403, "manager_needed")
    unsaid = problem(await home.decide(case, manager), 422)
    assert pointers(unsaid) == {"/without_agreement"}
    assert (await home.decide(case, manager, **why)).status_code == 201


async def test_guidance_that_was_replaced_meanwhile(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    old = problem(await home.decide(case, practitioner, pack_version="2017.1"), 409)
    assert (old["code"], pointers(old)) == ("superseded_version", {"/pack_version"})
    now = await home.decide(case, practitioner, pack_version=case["guidance_version"])
    assert now.status_code == 201


async def test_below_a_suggestion_a_reason_is_chosen(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    told = await home.refer(school)
    case = await home.rated(told["id"], practitioner)
    unsaid = problem(await home.decide(case, practitioner, rag="green"), 422, "reason_needed")
    assert pointers(unsaid) == {"/lowered_because"}
    lower = await home.decide(case, practitioner, rag="green", lowered_because="misread")
    assert lower.status_code == 201
