"""What is wrong in a request is told field by field, and what was sent is never repeated."""

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from policy.loading import PackSet
from tests.databases import Server
from tests.journey.forms import NHS_NUMBER, child, form
from tests.journey.living import Living, Partner, living, read
from tests.journey.problems import MARK, pointers, problem


@pytest.fixture
def home(shared_home: Living) -> Living:
    return shared_home


@pytest.fixture
def school(shared_school: Partner) -> Partner:
    return shared_school


@pytest.fixture(scope="module")
async def police(shared_home: Living) -> Partner:
    return await shared_home.partner(
        "mockshire-police", agency="police", email_domain="mockshire.police.example"
    )


def stored(home: Living) -> int:
    ((count,),) = home.query("SELECT count(*) FROM intake.referral")
    return int(count)


async def raw(home: Living, who: Partner, body: Any, **headers: str) -> httpx2.Response:
    return await home.http.post(
        "/v1/referrals",
        content=body,
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid4()),
            **who.headers,
            **headers,
        },
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"authority": "warwickshire", }',
        b'{"narrative": NaN}',
        b"\xff\xfe{}",
        f'{{"narrative": "{MARK}'.encode(),
        b"[" * 100_000,
    ],
    ids=["empty", "cut", "list", "text", "null", "comma", "nan", "not utf-8", "open", "deep"],
)
async def test_what_is_no_json_object(home: Living, school: Partner, body: bytes) -> None:
    before = stored(home)
    answer = await raw(home, school, body)
    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code)
    assert stored(home) == before


async def test_malformed_json_is_400(home: Living, school: Partner) -> None:
    problem(await raw(home, school, f'{{"x": "{MARK}"'.encode()), 400, "malformed_json")


WRONG = {
    "a number for a name": (
        {"children": [child(given_name=7)]}, "/children/0/given_name"),
    "text for the children": ({"children": MARK}, "/children"),
    "a list for the referrer": ({"referrer": [MARK]}, "/referrer"),
    "text for yes or no": ({"immediate_danger": MARK}, "/immediate_danger"),
    "text for the concerns": ({"concerns": {"code": MARK}}, "/concerns"),
    "an unknown concern": ({"concerns": [{"code": MARK}]}, "/concerns/0/code"),
    "an unknown impact": (
        {"concerns": [{"code": "neglect", "impact": MARK}]}, "/concerns/0/impact"),
    "an unknown request": ({"request": MARK}, "/request"),
    "an unknown agency": (
        {"referrer": {"name": "A", "agency": MARK, "phone": "01632 960101"}}, "/referrer/agency"),
    "an unknown reason": (
        {"parents_informed": False, "reason_not_informed": MARK}, "/reason_not_informed"),
    "no such day": (
        {"children": [child(date_of_birth="2017-02-30")]}, "/children/0/date_of_birth"),
    "not a day": ({"children": [child(date_of_birth=MARK)]}, "/children/0/date_of_birth"),
    "seconds for a day": (
        {"children": [child(date_of_birth=1_488_585_600)]}, "/children/0/date_of_birth"),
    "born in the future": (
        {"children": [child(date_of_birth="2031-01-01")]}, "/children/0/date_of_birth"),
    "born 30 years ago": (
        {"children": [child(date_of_birth="1996-03-04")]}, "/children/0/date_of_birth"),
    "expected in 12 months": (
        {"children": [child(date_of_birth=None, expected_date_of_delivery="2027-03-05")]},
        "/children/0/expected_date_of_delivery"),
    "a concern about nobody": (
        {"concerns": [{"code": "neglect", "children": [4]}]}, "/concerns/0/children/0"),
    "a name without end": (
        {"children": [child(given_name=MARK * 1500)]}, "/children/0/given_name"),
    "fifty children": ({"children": [child() for _ in range(50)]}, "/children"),
    "an unknown authority": ({"authority": MARK}, "/authority"),
    "no authority": ({"authority": None}, "/authority"),
    "another's authority in capitals": ({"authority": "WARWICKSHIRE"}, "/authority"),
}  # fmt: skip


@pytest.mark.parametrize("said, pointer", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_value_is_pointed_at(
    home: Living, school: Partner, said: dict[str, Any], pointer: str
) -> None:
    before = stored(home)
    found = problem(await home.post(school, form(**said)), 422, "invalid_referral")
    assert pointer in pointers(found)
    assert stored(home) == before


async def test_both_dates_are_pointed_at(home: Living, school: Partner) -> None:
    both = child(expected_date_of_delivery="2026-06-01")
    found = problem(await home.post(school, form(children=[both])), 422)
    assert pointers(found) == {
        "/children/0/date_of_birth",
        "/children/0/expected_date_of_delivery",
    }


async def test_everything_missing_is_named_at_once(home: Living, school: Partner) -> None:
    found = problem(await home.post(school, {"your_reference": MARK}), 422, "invalid_referral")
    assert pointers(found) >= {
        "/authority", "/referrer", "/children", "/parents_informed", "/narrative"
    }  # fmt: skip


async def test_an_urgent_referral_is_taken_with_what_is_wrong_set_aside(
    home: Living, school: Partner
) -> None:
    told = await home.refer(
        school,
        form(
            request="protection",
            children=[child(date_of_birth="2017-02-30", given_name=MARK * 1500)],
        ),
    )
    warned = {one["pointer"]: one["code"] for one in told["warnings"]}
    assert warned["/children/0/date_of_birth"] == "set_aside"
    assert warned["/children/0/given_name"] == "shortened"
    opened = await home.http.get(
        f"/v1/intake/referrals/{told['id']}", headers=home.staff("practitioner")
    )
    assert "2017-02-30" in str(read(opened)["form"]["set_aside"])


async def test_an_nhs_number_that_does_not_check_is_a_warning(
    home: Living, school: Partner
) -> None:
    told = await home.refer(school, form(children=[child(nhs_number="9990000475")]))
    assert ("/children/0/nhs_number", "unverified") in [
        (one["pointer"], one["code"]) for one in told["warnings"]
    ]
    right = await home.refer(school, form(children=[child(nhs_number=NHS_NUMBER)]))
    assert right["warnings"] == []


async def test_a_body_over_the_limit(home: Living, school: Partner) -> None:
    long = json.dumps(form(narrative=MARK * 200_000)).encode()
    problem(await raw(home, school, long), 413, "body_too_large")

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(long), 65_536):
            yield long[start : start + 65_536]

    problem(await raw(home, school, chunks()), 413, "body_too_large")


@pytest.mark.parametrize(
    "given",
    [None, "Bearer", "Bearer x", f"Bearer {MARK}.{MARK}.{MARK}", "Basic dGVzdDp0ZXN0", "Bearer  "],
)
async def test_without_a_token_that_holds(home: Living, given: str | None) -> None:
    headers = {"Idempotency-Key": str(uuid4()), **({"Authorization": given} if given else {})}
    answer = await home.http.post("/v1/referrals", json=form(), headers=headers)
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_expired_token(home: Living, school: Partner) -> None:
    home.clock.forward(timedelta(hours=2))
    try:
        problem(await home.post(school), 401, "token_expired")
    finally:
        home.clock.forward(-timedelta(hours=2))


async def test_a_token_of_another_house(
    home: Living, school: Partner, postgres: Server, packs: PackSet
) -> None:
    with postgres.fresh() as databases:
        async with living(databases, packs) as other:
            stranger = await other.partner()
    problem(await home.post(stranger), 401, "invalid_token")


async def test_staff_do_not_post_as_partners_nor_partners_decide(
    home: Living, school: Partner
) -> None:
    answer = await home.http.post(
        "/v1/referrals", json=form(), headers={"Idempotency-Key": "a", **home.staff()}
    )
    problem(answer, 403, "wrong_kind_of_caller")
    told = await home.refer(school)
    case = await home.rated(told["id"], home.staff())
    problem(await home.decide(case, dict(school.headers)), 403, "wrong_kind_of_caller")


async def test_a_client_without_the_scope(home: Living) -> None:
    reader = await home.partner("reads-only", scopes=("referral.read",))
    problem(await home.post(reader), 403, "scope_needed")


async def test_another_organisations_referral_is_not_there(
    home: Living, school: Partner, police: Partner
) -> None:
    told = await home.refer(school)
    there = f"/v1/referrals/{told['id']}"
    nowhere = f"/v1/referrals/{uuid4()}"
    for path in (there, nowhere):
        problem(await home.http.get(path, headers=dict(police.headers)), 404, "referral_not_found")
    for what, body in (("information", {"information": MARK}), ("withdrawal", {"reason": MARK})):
        answer = await home.follow_up(police, told["id"], what, body)
        problem(answer, 404, "referral_not_found")
    listed = read(await home.http.get("/v1/referrals", headers=dict(police.headers)))
    assert told["id"] not in str(listed)


async def test_another_authoritys_staff_find_nothing(home: Living, school: Partner) -> None:
    told = await home.refer(school)
    case = await home.rated(told["id"], home.staff())
    elsewhere = home.staff("manager", "walsall")
    for path in (f"/v1/triage/referrals/{told['id']}", f"/v1/intake/referrals/{told['id']}"):
        problem(await home.http.get(path, headers=elsewhere), 404, "referral_not_found")
    problem(await home.decide(case, elsewhere), 404, "referral_not_found")
    problem(await home.rerate(case, elsewhere, rag="red"), 404, "referral_not_found")


async def test_without_an_idempotency_key(home: Living, school: Partner) -> None:
    answer = await home.http.post("/v1/referrals", json=form(), headers=dict(school.headers))
    problem(answer, 400, "idempotency_key_missing")
    problem(await home.post(school, Idempotency_Key="k" * 300), 400, "idempotency_key_invalid")


async def test_the_same_key_again_is_the_same_answer(home: Living, school: Partner) -> None:
    before = stored(home)
    key = str(uuid4())
    first = await home.post(school, Idempotency_Key=key)
    second = await home.post(school, Idempotency_Key=key)
    assert first.status_code == second.status_code == 201
    assert read(first) == read(second)
    assert second.headers["idempotent-replay"] == "true"
    assert stored(home) == before + 1


async def test_the_same_key_with_another_body(home: Living, school: Partner) -> None:
    key = str(uuid4())
    await home.refer(school, Idempotency_Key=key)
    answer = await home.post(school, form(narrative=MARK), Idempotency_Key=key)
    problem(answer, 422, "key_used_before")


async def test_a_key_is_its_clients_own(home: Living, school: Partner, police: Partner) -> None:
    key = str(uuid4())
    mine = await home.refer(school, Idempotency_Key=key)
    theirs = await home.refer(police, Idempotency_Key=key)
    assert mine["id"] != theirs["id"]


async def test_the_same_key_many_times_at_once_stores_one(home: Living, school: Partner) -> None:
    before = stored(home)
    key = str(uuid4())
    answers = await asyncio.gather(*(home.post(school, Idempotency_Key=key) for _ in range(12)))
    taken = {read(one)["id"] for one in answers if one.status_code == 201}
    assert len(taken) == 1
    for one in answers:
        if one.status_code != 201:
            problem(one, 409, "still_running")
    assert stored(home) == before + 1


async def test_two_who_refer_the_same_child_at_once_are_both_kept(
    home: Living, school: Partner, police: Partner
) -> None:
    """Neither is told of the other; the hub sees both, as one incident."""
    before = stored(home)
    same = form(children=[child(nhs_number=NHS_NUMBER)])
    mine, theirs = await asyncio.gather(home.post(school, same), home.post(police, same))
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert stored(home) == before + 2
    assert read(mine)["id"] not in theirs.text
    assert read(theirs)["id"] not in mine.text

    async def incidents() -> list[tuple[str, str, str]]:
        found = []
        for one in (mine, theirs):
            path = f"/v1/referrals/{read(one)['id']}/story"
            told = read(await home.http.get(path, headers=home.staff("manager")))
            found += [
                (other["referral_id"], other["incident"]["state"], other["incident"]["how"])
                for other in (*told["earlier"], *told["later"])
                if other["referral_id"] in (read(mine)["id"], read(theirs)["id"])
            ]
        return found

    # An identical number and the same worry: the software may say so.
    both = [(read(one)["id"], "linked", "matched") for one in (theirs, mine)]
    await home.until(incidents, lambda found: found == both)
    # They were two children after all: what the software said of the incident falls with the link.
    manager, path = home.staff("manager"), f"/v1/referrals/{read(theirs)['id']}"
    told = read(await home.http.get(f"{path}/story", headers=manager))
    matches = told["children"][0]["matches"]
    (match,) = [one for one in matches if one["referral_id"] == read(mine)["id"]]
    parted = await home.http.post(
        f"{path}/matches",
        json={
            "person_id": told["children"][0]["child_id"],
            "other_referral_id": match["referral_id"],
            "other_person_id": match["child_id"],
            "state": "not_same",
            "because": "wrong_number",
        },
        headers=manager,
    )
    assert parted.status_code == 200, parted.text
    ids = {read(one)["id"] for one in (mine, theirs)}
    for one in sorted(ids):
        await home.rated(one, manager, lambda case: ids.isdisjoint(case["same_incident"]))


async def test_a_child_of_another_authority_is_rated_and_kept_here(
    home: Living, school: Partner
) -> None:
    away = child(address={"lines": ["1 Sample Row", "Walsall"], "postcode": "WS1 1ZZ"})
    told = await home.refer(school, form(children=[away]))
    case = await home.rated(told["id"], home.staff())
    assert (case["authority"], case["state"], case["locality"]) == (
        "warwickshire",
        "to_decide",
        None,
    )
    elsewhere = home.staff("manager", "walsall")
    gone = await home.http.get(f"/v1/triage/referrals/{told['id']}", headers=elsewhere)
    assert gone.status_code == 404
    await home.settled()
    mine, path = home.staff("manager"), f"/v1/allocations/referrals/{told['id']}/transfer"
    early = await home.http.post(path, json={"to": "walsall"}, headers=mine)
    assert early.json()["code"] == "not_elsewhere"
    children = [
        {"child_id": one["child_id"], "rag": "amber", "outcome": "another_authority"}
        for one in case["children"]
    ]
    decided = await home.decide(case, mine, children=children, rag="amber")
    assert decided.status_code == 201, decided.text
    await home.settled()
    (waits,) = read(await home.http.get("/v1/transfers/unasked", headers=mine))["items"]
    assert waits["referral_id"] == told["id"]
    asked = await home.http.post(path, json={"to": "walsall"}, headers=mine)
    assert asked.status_code == 201, asked.text
    assert read(await home.http.get("/v1/transfers/unasked", headers=mine))["items"] == []
    answer = f"/v1/transfers/{read(asked)['id']}/answer"
    taken = await home.http.post(answer, json={"accepted": True}, headers=elsewhere)
    theirs = await home.rated(read(taken)["became"], elsewhere)
    assert (theirs["authority"], theirs["locality"]) == ("walsall", "south")


async def test_a_refused_post_can_be_mended_and_sent_with_its_key(
    home: Living, school: Partner
) -> None:
    key = str(uuid4())
    problem(await home.post(school, form(request=MARK), Idempotency_Key=key), 422)
    assert (await home.post(school, form(), Idempotency_Key=key)).status_code == 201


async def test_control_characters_are_taken_out_with_a_warning(
    home: Living, school: Partner
) -> None:
    told = await home.refer(
        school, form(narrative="He is hungry.\u0000\u0007 Every day.\nNew line.")
    )
    assert ("/narrative", "characters_removed") in [
        (one["pointer"], one["code"]) for one in told["warnings"]
    ]
    opened = await home.http.get(f"/v1/intake/referrals/{told['id']}", headers=home.staff())
    kept = read(opened)["form"]["narrative"]
    assert kept == "He is hungry. Every day.\nNew line."


@pytest.mark.parametrize(
    "name",
    ["محمد علي", "נועה", "Ze\u0301lie", "Nguyễn Thị Ánh", "O\u2019Brien-Łukasz", "👶🏽", "李小龙"],
)
async def test_names_of_every_script_are_kept_as_they_are(
    home: Living, school: Partner, name: str
) -> None:
    told = await home.refer(school, form(children=[child(given_name=name)]))
    opened = await home.http.get(f"/v1/intake/referrals/{told['id']}", headers=home.staff())
    kept = read(opened)["form"]["children"][0]["given_name"]
    assert kept in {name, unicodedata.normalize("NFC", name)}


async def test_a_lone_surrogate_is_no_text(home: Living, school: Partner) -> None:
    body = json.dumps(form(narrative="He is hungry. \ud83d")).encode()
    answer = await raw(home, school, body)
    assert answer.status_code in {201, 400, 422}
    if answer.status_code != 201:
        problem(answer, answer.status_code)


async def test_the_same_field_twice(home: Living, school: Partner) -> None:
    body = json.dumps(form()).replace('"request"', f'"narrative": "{MARK}", "request"', 1)
    answer = await raw(home, school, body.encode())
    assert answer.status_code in {201, 400, 422}
    assert MARK not in answer.text


async def test_cursors_and_ids_that_are_not_ours(home: Living, school: Partner) -> None:
    practitioner = home.staff()
    for path, who in (
        (f"/v1/referrals/{MARK}", dict(school.headers)),
        (f"/v1/referrals?cursor={MARK}", dict(school.headers)),
        (f"/v1/referrals?updated_since={MARK}", dict(school.headers)),
        (f"/v1/triage/referrals?cursor={MARK}", practitioner),
        (f"/v1/triage/referrals?state={MARK}", practitioner),
        (f"/v1/clocks?referral_id={MARK}", practitioner),
        (f"/v1/clocks?cursor={MARK}", practitioner),
        (f"/v1/allocations?cursor={MARK}", practitioner),
        (f"/v1/messages?cursor={MARK}", practitioner),
        (f"/v1/messages/{MARK}", practitioner),
        (f"/v1/{MARK}", practitioner),
    ):
        answer = await home.http.get(path, headers=who)
        assert 400 <= answer.status_code < 500, path
        problem(answer, answer.status_code)


async def test_control_characters_are_no_information_and_no_reason(
    home: Living, school: Partner
) -> None:
    told = await home.refer(school)
    for what, field in (("information", "information"), ("withdrawal", "reason")):
        answer = await home.follow_up(school, told["id"], what, {field: "\u0000\u0007\u202e"})
        assert pointers(problem(answer, 422)) == {f"/{field}"}
    answer = await home.follow_up(
        school, told["id"], "information", {"information": "More\u0000 of it.\nAnd more."}
    )
    assert answer.status_code == 201
    opened = await home.http.get(f"/v1/intake/referrals/{told['id']}", headers=home.staff())
    assert [one["text"] for one in read(opened)["later"]] == ["More of it.\nAnd more."]


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_beyond_the_calendar(home: Living, school: Partner, since: str) -> None:
    answer = await home.http.get(
        "/v1/referrals", params={"updated_since": since}, headers=dict(school.headers)
    )
    assert pointers(problem(answer, 422)) == {"/query/updated_since"}
