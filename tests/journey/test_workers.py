"""The register of workers and the duty rota, as a coordinator keeps them."""

from base64 import urlsafe_b64decode
from typing import Any
from uuid import uuid4

from pydantic_core import from_json

from tests.journey.living import Living, read
from tests.journey.problems import pointers

BODY = {
    "name": "Ada Testwell",
    "agency": "school",
    "team": "schools_that_lead",
    "skills": ["school"],
    "localities": ["rugby"],
    "school_clusters": ["rugby_schools"],
    "hours": 37,
    "leads_up_to": 2,
}
FILE = (
    "code,name,agency,team,skills,localities,hours,leads_up_to\n"
    "W-1,Ada Testwell,school,schools_that_lead,school,rugby,30,2\n"
    "W-2,Bo Sampler,health_visitor,health_visitors,early_years,,18.5,3\n"
)


async def put(home: Living, who: dict[str, str], code: str = "W-1", **said: Any) -> Any:
    headers = {**who, **said.pop("headers", {})}
    return await home.http.put(
        f"/v1/workers/warwickshire/{code}", json={**BODY, **said}, headers=headers
    )


async def test_a_register_is_kept(home: Living) -> None:
    who = home.staff("coordinator")
    added = await put(home, who)
    assert added.status_code == 200, added.text
    one = read(added)
    assert one["capacity"] == 30
    assert one["team_name"] == "Schools that lead"

    # Two people change her at once: the second is told.
    seen = {"headers": {"If-Match": added.headers["ETag"]}}
    assert (await put(home, who, hours=20, **seen)).status_code == 200
    assert (await put(home, who, hours=10, **seen)).status_code == 412

    wrong = await put(home, who, team="nobody", localities=["rugby", "atlantis"])
    assert wrong.status_code == 422
    assert pointers(read(wrong)) == {"/team", "/localities/1"}

    away = {"first_day": "2026-03-05", "last_day": "2026-03-09"}
    path = f"/v1/workers/{one['id']}"
    assert (await home.http.post(f"{path}/absences", json=away, headers=who)).status_code == 201
    assert (await home.http.post(f"{path}/absences", json=away, headers=who)).status_code == 201
    assert read(await home.http.get(path, headers=who))["absences"] == [away]
    gone = await home.http.delete(f"{path}/absences/2026-03-05", headers=who)
    assert gone.status_code == 204
    assert (await home.http.delete(f"{path}/absences/2026-03-05", headers=who)).status_code == 404

    left = await home.http.post(f"{path}/leaving", json={}, headers=who)
    assert left.status_code == 200
    assert read(await home.http.get("/v1/workers", headers=who))["items"] == []
    assert (await home.http.post(f"{path}/absences", json=away, headers=who)).status_code == 409
    assert (await put(home, who)).status_code == 200, "and comes back"
    (back,) = read(await home.http.get("/v1/workers", headers=who))["items"]
    assert back["id"] == one["id"]

    # Whoever stands in the register has a team.
    assert read(await home.http.get("/v1/workers/teams", headers=who))["items"] == []
    claims = who["Authorization"].split(".")[1]
    mine = read(
        await put(home, who, "W-2", staff_id=from_json(urlsafe_b64decode(f"{claims}=="))["sub"])
    )
    teams = read(await home.http.get("/v1/workers/teams", headers=who))["items"]
    workers = sorted([one["id"], mine["id"]])
    assert teams == [
        {"authority": "warwickshire", "team": "schools_that_lead", "workers": workers}
    ]  # fmt: skip


async def test_a_file_of_workers_is_taken_whole_and_again_without_effect(home: Living) -> None:
    who = home.staff("operator")
    path = "/v1/workers/warwickshire/import"
    first = await home.http.post(path, content=FILE, headers=who)
    assert read(first) == {"registered": 2, "changed": 0, "unchanged": 0}
    again = await home.http.post(path, content=FILE.replace("18.5", "0"), headers=who)
    assert read(again) == {"registered": 0, "changed": 1, "unchanged": 1}
    wrong = await home.http.post(path, content=FILE + "W-3,Cy,school,nobody,,,5,2\n", headers=who)
    assert wrong.status_code == 422
    assert pointers(read(wrong)) == {"/rows/3/team"}
    assert "Cy" not in wrong.text
    listed = await home.http.get("/v1/workers", headers=home.staff("manager"))
    assert sorted(one["hours"] for one in read(listed)["items"]) == [0, 30]
    elsewhere = home.staff("operator", "walsall")
    assert (await home.http.post(path, content=FILE, headers=elsewhere)).status_code == 404
    actions = home.query("SELECT action FROM allocation.audit_entry ORDER BY position")
    assert actions == [("workers_registered",)] * 2


async def test_the_rota_says_who_is_on_duty_tonight(home: Living) -> None:
    who = home.staff("manager")
    one = read(await put(home, who, team="edt"))
    path = f"/v1/workers/{one['id']}/shifts"
    now = home.clock()
    shift = {"team": "edt", "on_call": True}
    times = {"starts_at": now.isoformat(), "ends_at": now.replace(hour=now.hour + 3).isoformat()}
    assert (await home.http.post(path, json={**shift, **times}, headers=who)).status_code == 201
    wrong = await home.http.post(path, json={**shift, **times, "team": "hub"}, headers=who)
    assert pointers(read(wrong)) == {"/team"}
    (turn,) = read(await home.http.get("/v1/rota", headers=who))["items"]
    assert (turn["now"], turn["on_call"], turn["name"]) == (True, True, "Ada Testwell")
    elsewhere = await home.http.get("/v1/rota", headers=home.staff("manager", "walsall"))
    assert read(elsewhere)["items"] == []
    unknown = await home.http.post(
        f"/v1/workers/{uuid4()}/shifts", json={**shift, **times}, headers=who
    )
    assert unknown.status_code == 404
