"""Everything written of a family stays with its owner: marked words go through the whole house, and
are found again in no event, log line, trace, metric, address or subject of an email, and in the
database only sealed."""

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import psycopg
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from psycopg import sql

from chassis.telemetry import traces
from tests.journey.forms import form
from tests.journey.living import Living, decision, read

# Each mark holds this, in whatever case or form a value is kept.
MARK = "qxzvj"
POSTCODE = "CV32 9QX"
NUMBERS = ("9990000476", "9990000475", "01632960777", "01632 960777")
BORN = ("2016-11-13", "1991-08-17", "2021-02-19")
HOUSE_NUMBER_STREET = "77 Qxzvjstreet"


def said(what: str) -> str:
    """A marked word that says where it was written."""
    return f"{MARK}{what}"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(traces, "_exporting", traces._Exporting())
    traces.configure("test", processor=SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


def marked(**more: Any) -> dict[str, Any]:
    """A referral with a mark in everything that is written freely."""
    whole = form(
        your_reference=said("yourref"),
        referrer={
            "name": said("referrer"),
            "role": said("role"),
            "agency": "school",
            "organisation": said("organisation"),
            "email": f"{said('email')}@testwood.school.example",
            "phone": "01632 960777",
        },
        children=[
            {
                "given_name": said("given"),
                "family_name": said("family"),
                "also_known_as": [said("alias")],
                "date_of_birth": BORN[0],
                "sex": "F",
                "ethnicity": "WBRI",
                "nhs_number": NUMBERS[0],
                "upn": said("upn"),
                "address": {"lines": [HOUSE_NUMBER_STREET, said("town")], "postcode": POSTCODE},
                "school": said("school"),
            }
        ],
        household=[
            {"name": said("mother"), "relationship": said("relation"), "date_of_birth": BORN[1]},
            {"name": said("sibling"), "relationship": "brother", "date_of_birth": BORN[2]},
        ],
        concerns=[
            {"code": "domestic_abuse", "children": [0], "impact": "some",
             "detail": f"Dad hits mum. {said('detail')}"},
            {"code": "neglect", "children": [0], "detail": said("detailtwo")},
        ],
        narrative=f"{said('narrative')} told staff that dad hits mum at {HOUSE_NUMBER_STREET}.",
        going_well=said("goingwell"),
        child_voice=f"I am scared of dad. {said('voice')}",
        work_already_tried=said("tried"),
        agreement={"status": "given", "given_by": said("givenby"), "scope": ["share"]},
        favourite_food=said("value"),
    )  # fmt: skip
    return {**whole, **more}


MARKS = (
    MARK, POSTCODE.casefold(), POSTCODE.replace(" ", "").casefold(), *NUMBERS, *BORN,
)  # fmt: skip


def found(text: str) -> list[str]:
    """The marks that stand in `text`, with what is around them."""
    plain = text.casefold()
    return [
        plain[max(0, plain.index(mark) - 80) : plain.index(mark) + 60]
        for mark in MARKS
        if mark in plain
    ]


async def live_through(home: Living) -> tuple[str, ...]:
    """Everything that can be written of a referral is written. The ids of the referrals."""
    school = await home.partner()
    practitioner, manager = home.staff(), home.staff("manager")
    words = {
        "rationale": f"What {said('rationale')} describes meets our guidance.",
        "analysis": f"The hub thinks {said('analysis')}.",
        "actions": [{"action": said("action"), "owner": said("owner"), "by": "2026-03-09"}],
        "lowered_because": "other",
    }
    first = await home.refer(school, marked())
    again = await home.refer(
        school, marked(request="protection", immediate_danger=True, referrer_level="four")
    )
    refused = await home.post(school, marked(children=[{"given_name": 7}]))
    assert refused.status_code == 422
    assert not found(refused.text)
    for one in (first, again):
        added = await home.follow_up(
            school,
            one["id"],
            "information",
            {"information": f"{said('information')} says the police came. There is a knife."},
        )
        assert added.status_code == 201
        await home.settled()
        case = await home.rated(one["id"], practitioner)
        wrong = await home.decide(case, practitioner, clauses=[said("clause")])
        assert wrong.status_code == 422
        assert not found(wrong.text)
        case = await home.rated(one["id"], practitioner)
        decided = await home.decide(case, manager, rag="amber", **words)
        assert decided.status_code == 201, decided.text
        rerated = await home.rerate(
            case,
            manager,
            rag="green",
            rationale=words["rationale"],
            analysis=words["analysis"],
            lowered_because=words["lowered_because"],
        )
        assert rerated.status_code == 201, rerated.text
    bare = await home.refer(school, marked())
    asked = await home.follow_up(
        school, bare["id"], "withdrawal", {"reason": f"{said('withdrawal')} moved away."}
    )
    assert asked.status_code == 202
    case = await home.rated(
        bare["id"], manager, lambda now: now["withdrawal_requested_at"] is not None
    )
    closed = await home.http.post(
        f"/v1/triage/referrals/{bare['id']}/withdrawal",
        json={"close": True, "rationale": f"We spoke with {said('closing')} about it."},
        headers=manager,
    )
    assert closed.status_code == 201, closed.text
    no_clause = await home.refer(school, marked())
    case = await home.rated(no_clause["id"], manager)
    decided = await home.decide(
        case,
        manager,
        **{**decision(case, **words), "clauses": [], "no_clause_because": said("noclause")},
    )
    assert decided.status_code == 201, decided.text
    await home.settled()
    for one in (first, again, no_clause):
        await home.sent(one["id"], "decision", practitioner)
    for one in (first, again, bare, no_clause):
        seen = await home.http.get(f"/v1/intake/referrals/{one['id']}", headers=practitioner)
        assert MARK in seen.text
        await home.rated(one["id"], practitioner)
    await home.settled()
    return tuple(one["id"] for one in (first, again, bare, no_clause))


async def test_no_word_about_a_family_leaves_its_owner(
    home: Living, spans: InMemorySpanExporter, lines: io.StringIO
) -> None:
    referrals = await live_through(home)

    bodies = [row[0] for row in home.query("SELECT body::text FROM event_stream.event_log")]
    assert len(bodies) > 10 * len(referrals)
    assert [one for body in bodies for one in found(body)] == []

    assert "request_refused" in lines.getvalue()
    assert found(lines.getvalue()) == []

    finished = spans.get_finished_spans()
    assert len(finished) > 50
    assert [one for span in finished for one in found(span.to_json())] == []

    metrics = await home.http.get("/metrics")
    assert "http_requests_total" in metrics.text
    assert found(metrics.text) == []

    for answer in home.answers:
        assert found(unquote(str(answer.request.url))) == []
        assert found(unquote(answer.headers.get("location", ""))) == []
    mine = await home.http.get("/v1/triage/referrals", headers=home.staff(), params={"limit": 200})
    assert found(mine.text) == []
    told = [read(one) for one in home.answers if one.status_code == 201 and "links" in one.text]
    assert found(str([one["links"] for one in told])) == []

    letters = home.relay.box.taken
    assert any(MARK in str(letter.get_body(("plain",))) for letter in letters)
    for letter in letters:
        assert found(letter["Subject"]) == []
        plain = "".join(str(part.get_content()) for part in letter.walk() if part.get_filename())
        assert plain == ""


async def test_the_database_holds_words_only_sealed(home: Living) -> None:
    await live_through(home)
    leaks = []
    looked_at = 0
    with psycopg.connect(home.databases.owner) as connection:
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name, data_type "
            "FROM information_schema.columns "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table, column, kind in columns:
            shown = sql.SQL("encode({}, 'escape')" if kind == "bytea" else "{}::text").format(
                sql.Identifier(column)
            )
            rows = connection.execute(
                sql.SQL("SELECT {} FROM {}").format(shown, sql.Identifier(schema, table))
            ).fetchall()
            looked_at += len(rows)
            leaks += [
                f"{schema}.{table}.{column}: {one}" for (text,) in rows for one in found(text or "")
            ]
    assert looked_at > 1_000
    assert leaks == []
