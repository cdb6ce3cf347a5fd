"""What operators and managers do with a house that runs: its read model built anew while the old one
serves, what could not be processed, its health, its audit trail."""

import re
from typing import Any

import psycopg
import pytest

from chassis.stream import consumer
from frontdoor import rebuilding
from frontdoor.rebuilding import Plan, Progress, of_log, rebuild
from tests.journey.forms import form
from tests.journey.living import Living, Partner, fields

ROWS = """
SELECT referral_id::text, stage, rag, suggested, concerns::text, clocks::text, number
  FROM console.queue_row ORDER BY 1
"""
LINES = "SELECT referral_id::text, number, kind, codes::text FROM console.timeline ORDER BY 1, 2"


class Killed(Exception):
    """As if the process had ended here."""


def plan_of(home: Living, **more: Any) -> Plan:
    return Plan(
        home.databases.owner,
        home.databases.urls["console"],
        home.house.parts.policy,
        of_log(home.clock),
        home.clock,
        **more,
    )


async def test_it_is_built_anew_while_the_old_one_serves(
    home: Living, school: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, manager = home, home.staff("manager")
    told = await home.refer(school)
    await home.refer(school, form(narrative="She is left alone at night."))
    case = await home.rated(told["id"], manager)
    assert (await home.decide(case, manager)).status_code == 201
    await home.settled()
    right, lines = home.query(ROWS), home.query(LINES)
    home.databases.execute("UPDATE console.queue_row SET concerns = '[\"housing\"]'")
    wrong = home.query(ROWS)
    assert wrong != right

    monkeypatch.setattr(consumer, "BATCH", 10)
    monkeypatch.setattr(rebuilding, "TELL_EVERY_SECONDS", 0.0)
    heard: list[Progress] = []

    def killed_at_the_third(progress: Progress) -> None:
        heard.append(progress)
        if len(heard) == 3:
            raise Killed

    with pytest.raises(Killed):
        await rebuild(plan_of(home), killed_at_the_third)
    assert home.query(ROWS) == wrong

    # Something happens meanwhile, and the console hears of it.
    late = await home.refer(school)
    await home.rated(late["id"], manager)
    await home.settled()
    rebuilt, count = await rebuild(plan_of(home), heard.append)

    assert count == 3
    assert 0 < rebuilt.now < rebuilt.seen
    found = home.query(ROWS)
    assert [one for one in found if one[0] != late["id"]] == right
    assert [one for one in home.query(LINES) if one[0] != late["id"]] == lines

    # The console goes on by itself, in the new tables, each event once.
    await home.follow_up(school, told["id"], "information", {"information": "More."})
    await home.settled()
    (after,) = [one for one in home.query(ROWS) if one[0] == told["id"]]
    assert after[-1] > next(one[-1] for one in right if one[0] == told["id"])
    assert home.query("SELECT to_regnamespace('console_rebuild')::text") == [(None,)]
    assert home.query("SELECT count(*) FROM console.parked_event") == [(0,)]


async def test_two_do_not_rebuild_at_once(home: Living) -> None:
    with psycopg.connect(home.databases.owner) as other:
        other.execute("SELECT pg_advisory_lock(7301550, hashtext('console_rebuild'))")
        with pytest.raises(rebuilding.Rebuilding):
            await rebuild(plan_of(home), lambda progress: None)


PARK = """
WITH held AS (
    UPDATE allocation.mark SET parked = true WHERE referral_id = %s AND source = 'triage/1'
    RETURNING referral_id, consumer, sequence
)
INSERT INTO allocation.parked_event (consumer, referral_id, source, sequence, type, authority, time,
                                     body, position, reason, trace_id, parked_at)
SELECT consumer, referral_id, event.source, held.sequence + %s, type, authority, time, body,
       position, 'fault_KeyError', NULL, time
  FROM held JOIN event_stream.event_log AS event USING (referral_id)
 WHERE event.source = 'triage/1' AND event.sequence = 1 RETURNING 1
"""
PARKED = "SELECT count(*) FROM allocation.parked_event"
DONE_BY = "SELECT actor_kind, actor_id FROM allocation.audit_entry WHERE action = %s"


async def test_what_could_not_be_processed_is_settled_on_its_page(
    home: Living, school: Partner
) -> None:
    home = home
    told = await home.refer(school)
    await home.rated(told["id"], home.staff())
    await home.settled()
    manager, elsewhere = await home.browser(), await home.browser(authority="walsall")
    home.query(PARK, told["id"], 0)

    path = f"/unprocessed/allocation/{told['id']}"
    listed = await manager.get("/unprocessed")
    assert told["reference"] in listed.text
    assert "fault_KeyError" in listed.text
    assert told["id"] not in (await elsewhere.get("/unprocessed")).text
    assert (await elsewhere.get(path)).status_code == 404
    assert "1 referral waits" in (await manager.get("/health")).text

    async def parked() -> list[Any]:
        return home.query(PARKED)

    page = fields((await manager.get(path)).text)
    refused = await elsewhere.post(
        f"{path}/replay", data=fields((await elsewhere.get("/audit")).text)
    )
    assert refused.status_code == 404
    assert (await manager.post(f"{path}/replay", data=page)).status_code == 303
    await home.until(parked, lambda found: found == [(0,)])
    ((kind, who),) = home.query(DONE_BY, "replay_asked")
    assert kind == "staff"

    # What fails again is discarded, once somebody who may has decided that.
    home.query(PARK, told["id"], 1)
    undecided = await manager.post(f"{path}/discard", data=page)
    assert undecided.status_code == 404
    decided = await manager.post(f"{path}/decision", data={**page, "reason": "overtaken"})
    assert decided.status_code == 303, decided.text
    assert (await manager.post(f"{path}/discard", data=page)).status_code == 303
    assert home.query(DONE_BY, "parked_event_discarded") == [(kind, who)]

    found = await manager.post("/audit", data={**page, "reference": told["reference"]})
    assert "Replay asked" in found.text
    assert "manager.warwickshire" in found.text
    nothing = await manager.post("/audit", data={**page, "person": "manager.walsall"})
    assert "Nothing." in nothing.text
    theirs = fields((await elsewhere.get("/audit")).text)
    hidden = await elsewhere.post("/audit", data={**theirs, "reference": told["reference"]})
    assert hidden.status_code == 422
    bad = await manager.post("/audit", data={**page, "since": "nonsense"})
    assert "Give a day." in bad.text
    searches = "SELECT count(*) FROM console.audit_entry WHERE action = 'audit_searched'"
    assert home.query(searches) == [(2,)]
    await manager.aclose()
    await elsewhere.aclose()


SECRET = re.compile(r'<code class="fd-trace">([^<]+)</code>')


async def let_in(home: Living, client_id: str, secret: str) -> bool:
    answer = await home.http.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        },
    )
    return answer.status_code == 200


async def test_an_operator_of_all_authorities_keeps_partners(home: Living) -> None:
    home = home
    every = home.house.parts.policy.authorities
    operator = await home.browser("operator", *every)
    sent: dict[str, Any] = {
        **fields((await operator.get("/organisations/new")).text),
        "name": "Samplewood Primary",
        "agency": "school",
        "email_domain": "samplewood.school.example",
        "client_id": "samplewood",
        "scopes": ["referral.create"],
    }
    wrong = await operator.post("/organisations/new", data={**sent, "email_domain": "at home"})
    assert wrong.status_code == 422
    assert 'href="#email_domain"' in wrong.text
    made = await operator.post("/organisations/new", data=sent)
    first = SECRET.findall(made.text)[0]
    assert made.headers["cache-control"] == "no-store"
    assert await let_in(home, "samplewood", first)
    again = await operator.post("/organisations/new", data=sent)
    assert "There is a client of that name already." in again.text

    page = "/organisations/clients/samplewood"
    replaced = await operator.post(f"{page}/secret", data={**sent, "leaked": ""})
    second = SECRET.findall(replaced.text)[0]
    assert await let_in(home, "samplewood", first)
    assert await let_in(home, "samplewood", second)
    leaked = await operator.post(f"{page}/secret", data={**sent, "leaked": "yes"})
    third = SECRET.findall(leaked.text)[0]
    assert [await let_in(home, "samplewood", one) for one in (first, second, third)] == [
        False, False, True,
    ]  # fmt: skip

    # One of Walsall alone sees none, and changes none.
    of_one = await home.browser("operator", "walsall")
    assert "samplewood" not in (await of_one.get("/organisations")).text
    theirs = fields((await of_one.get("/organisations/new")).text)
    refused = await of_one.post(
        "/organisations/new", data={**sent, "form_key": theirs["form_key"], "client_id": "mine"}
    )
    assert refused.status_code == 422
    assert "an operator of all authorities" in refused.text
    assert (await of_one.post(f"{page}/disablement", data=theirs)).status_code == 404

    there = {
        "form_key": sent["form_key"], "issuer": "https://login.samplewood.example",
        "subject": "software", "audience": "https://hub.example",
        "jwks_url": "https://login.samplewood.example/keys",
    }  # fmt: skip
    within = await operator.post(f"{page}/provider", data={**there, "jwks_url": "https://[::1]/"})
    assert (within.status_code, 'href="#jwks_url"' in within.text) == (422, True)
    assert (await operator.post(f"{page}/provider", data=there)).status_code == 303
    assert "Tokens of <span" in (await operator.get(page)).text
    assert (await operator.post(f"{page}/provider-end", data=there)).status_code == 303
    assert "No provider vouches for it." in (await operator.get(page)).text

    asked = await operator.post(f"{page}/disablement", data=sent)
    assert "Is this right?" in asked.text
    sent = {**sent, "step": "record"}
    assert (await operator.post(f"{page}/disablement", data=sent)).status_code == 303
    assert not await let_in(home, "samplewood", third)
    assert "samplewood (disabled)" in re.sub(
        r"<[^>]+>", "", (await operator.get("/organisations")).text
    )
    noted = "SELECT DISTINCT action FROM intake.audit_entry WHERE action LIKE %s ORDER BY 1"
    assert home.query(noted, "client%") == [
        ("client_disabled",), ("client_provider_ended",), ("client_provider_registered",),
        ("client_registered",), ("client_secret_replaced",),
    ]  # fmt: skip
    assert third not in str(home.query("SELECT details FROM intake.audit_entry"))
    await operator.aclose()
    await of_one.aclose()
