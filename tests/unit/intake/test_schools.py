"""Reading the national register of schools."""

import io

import pytest

from services.intake.schools.register import NotARegister, schools

HEADER = (
    '"URN","LA (code)","LA (name)","EstablishmentName","TypeOfEstablishment (code)",'
    '"TypeOfEstablishment (name)","EstablishmentStatus (code)","EstablishmentStatus (name)",'
    '"PhaseOfEducation (name)","Postcode"\n'
)
ROWS = (
    '100001,937,Mockshire,"St Anselm’s, Testwood",01,Community school,1,Open,Primary,cv32 9za\n'
    "100002,937,Mockshire,Sample Nursery,15,Local authority nursery school,1,Open,Nursery,\n"
    "100003,937,Mockshire,Invented College,18,Further education,2,Closed,16 plus,CV32 9ZB\n"
    '100004,938,Elsewhere,Far School,01,Community school,4,"Proposed to open",Primary,\n'
    "10004x,937,Mockshire,No Number,01,Community school,1,Open,Primary,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_rows_are_schools_whatever_wrote_them(encoding: str) -> None:
    raw = io.BytesIO((HEADER + ROWS).encode(encoding))
    text = io.TextIOWrapper(raw, "utf-8-sig", "surrogateescape", newline="")
    one, nursery, college, far, none = schools(text)
    assert one is not None and nursery is not None and college is not None and far is not None
    assert (one.name, one.postcode, one.la_code) == ("St Anselm’s, Testwood", "CV32 9ZA", "937")
    assert [each.agency for each in (one, nursery, college)] == ["school", "early_years", "college"]
    assert [each.open for each in (one, nursery, college, far)] == [True, True, False, False]
    assert none is None


def test_only_schools_of_some_authorities() -> None:
    found = list(schools((HEADER + ROWS).splitlines(keepends=True), {"938"}))
    assert [one.name for one in found if one] == ["Far School"]
    assert found.count(None) == 4


@pytest.mark.parametrize("header", ["", "URN,EstablishmentName\n", "postcode,ward\n"])
def test_another_file_is_refused(header: str) -> None:
    with pytest.raises(NotARegister):
        list(schools([header, "100001,Testwood\n"]))


def test_a_field_without_an_end_is_passed_over() -> None:
    endless = f'100005,937,Mockshire,"{"x" * 200_000}",01,Community school,1,Open,Primary,\n'
    first, second = schools([HEADER, endless, ROWS.splitlines()[1]])
    assert first is None
    assert second is not None
