"""What was typed in a form for staff, as the service takes it."""

from dataclasses import replace
from datetime import UTC, datetime

from services.console import recording
from services.console.forms import Typed
from services.console.people import Child
from services.console.reads import Opened, Part
from services.console.recording.shapes import Subject, located, read
from tests.shipped import SHIPPED

NOTHING = Part()
OPENED = Opened(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


def child(number: int) -> Child:
    return Child(f"id-{number}", number, f"Name {number}", False, (), (), "red", "", "")


SUBJECT = Subject(OPENED, (child(1), child(2)), None, datetime(2026, 3, 5, 12, tzinfo=UTC))


def typed(**values: str) -> Typed:
    return Typed({name.replace("__", "-"): [said] for name, said in values.items()})


def test_a_time_is_that_of_england_on_both_sides_of_the_clock_change() -> None:
    for day, offset in (("28", "+00:00"), ("30", "+01:00")):
        said = typed(held_on__day=day, held_on__month="3", held_on__year="2026", held_time="9.05")
        sent = read(recording.ENTRIES["discussion"], said, SUBJECT)
        assert sent.body["held_at"] == f"2026-03-{day}T09:05:00{offset}"


def test_a_refusal_is_shown_at_the_row_in_which_it_was_typed() -> None:
    said = typed(agency__1="police", name__7="Sgt Example", agency__9="nobody")
    sent = read(recording.ENTRIES["discussion"], said, SUBJECT)
    assert sent.errors["agency-7"] == "Choose the agency of whoever took part"
    assert sent.errors["agency-9"] == "Choose one of these answers"
    assert [one.get("agency") for one in sent.body["attended"]] == ["police", None]
    refused = located(
        sent,
        (
            ("/attended/1/name", "Too long."),
            ("/attended", "Without health it is no such discussion."),
            ("/children/1/enquiry", "A strategy discussion decides."),
            ("/elsewhere", "Nobody sees this."),
        ),
    )
    assert refused == {
        "name-7": "Too long.",
        "agency-0": "Without health it is no such discussion.",
        "enquiry-1": "A strategy discussion decides.",
    }


def test_the_new_rating_goes_along_only_where_something_of_it_was_typed() -> None:
    entry = recording.ENTRIES["answer"]
    stands = read(entry, typed(outcome="upheld", words="It stands."), SUBJECT)
    assert (stands.body, dict(stands.errors)) == ({"outcome": "upheld", "words": "It stands."}, {})
    begun = read(
        entry, typed(outcome="partly", words="In part.", theme="other", rag="amber"), SUBJECT
    )
    assert begun.body["rating"] == {"rag": "amber"}
    assert set(begun.errors) == {"rationale"}
    assert located(begun, (("/rating/clauses/0", "No such clause."),)) == {
        "clauses": "No such clause."
    }


def test_another_authority_is_chosen_or_named() -> None:
    entry = recording.ENTRIES["transfer"]
    known = replace(SUBJECT, choices=(("walsall", "Walsall"),))
    assert read(entry, typed(to="walsall", reason="moved_home"), known).body["to"] == "walsall"
    named = typed(to="-", other="Kingston-upon-Hull, City of", reason="moved_home")
    assert read(entry, named, known).body["to"] == "kingston-upon-hull-city-of"
    unnamed = read(entry, typed(to="-", reason="moved_home"), known)
    assert dict(unnamed.errors) == {"other": "Give the authority’s name"}
    assert "to" in read(entry, typed(to="elsewhere", reason="moved_home"), known).errors


def test_forms_are_open_to_whom_the_services_let_fill_them_in() -> None:
    telling = {"school-told", "family-told"}
    work = {"reached", "paper", "step", "closure", "give-back", "action"}
    own = {"agreement", "identity", "member"}
    assert recording.open_to({"duty"}, qualified=True) == {*own, *telling, *work}
    coordinators = recording.open_to({"coordinator"}, qualified=False)
    assert coordinators == {*telling, *work, "transfer", "away"}
    assert "discussion" not in recording.open_to({"practitioner"}, qualified=False)
    assert recording.open_to({"manager"}, qualified=True) == frozenset(recording.ENTRIES)


def test_who_belongs_to_a_triage_here_stands_beside_its_kind() -> None:
    for authority, said in (("hartlepool", ", and here domestic abuse adviser"), ("walsall", "")):
        subject = replace(SUBJECT, pack=SHIPPED.version(authority, "2018.1"))
        (group, *_) = recording.ENTRIES["discussion"].groups(subject)
        triage = dict(group.fields[0].options)["domestic_abuse_triage"]
        assert triage == f"Domestic abuse triage: social care and police at the least{said}"
