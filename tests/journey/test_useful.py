"""A school says by the link in its email whether the decision was useful, and the hub counts it."""

from tests.journey.forms import form
from tests.journey.living import Living, Partner, read


async def test_a_decision_is_rated_by_the_link_in_its_email(home: Living, school: Partner) -> None:
    home = home
    told = await home.refer(school, form())
    decider = home.staff("practitioner")
    case = await home.rated(told["id"], decider)
    await home.decide(case, decider)
    (sent,) = await home.sent(told["id"], "decision", decider)
    shown = await home.http.get(f"/v1/messages/{sent['id']}", headers=decider)
    lines = read(shown)["sent"]["text"].splitlines()
    (link,) = (line for line in lines if "/useful/" in line)
    place = link.removeprefix("http://house.example")

    asked = await home.http.get(place)
    assert asked.status_code == 200
    assert told["reference"] in asked.text
    # A scanner that opened the link has said nothing; a form from elsewhere is not taken.
    theirs, ours = {"Origin": "https://elsewhere.example"}, {"Origin": "http://house.example"}
    foreign = await home.http.post(place, data={"useful": "yes"}, headers=theirs)
    assert foreign.status_code == 403
    unsaid = await home.http.post(place, data={"useful": "no"}, headers=ours)
    assert unsaid.status_code == 422
    assert "Select what was missing" in unsaid.text

    analyst = home.staff("analyst")

    async def counted(**asking: str) -> list[dict[str, object]]:
        answer = await home.http.get("/v1/messages/ratings", params=asking, headers=analyst)
        items: list[dict[str, object]] = read(answer)["items"]
        return items

    assert await counted() == []
    await home.http.post(place, data={"useful": "no", "because": "too_late"}, headers=ours)
    thanks = await home.http.post(place, data={"useful": "yes"}, headers=ours)
    assert "Thank you" in thanks.text
    (one,) = await counted()
    assert (one["kind"], one["useful"], one["not_useful"]) == ("decision", 1, 0)
    (hidden,) = await counted(published="true")
    assert hidden["useful"] is None
    elsewhere = home.staff("analyst", "walsall")
    answer = await home.http.get("/v1/messages/ratings", headers=elsewhere)
    assert read(answer)["items"] == []
    assert (await home.http.get(f"{place}x")).status_code == 404
