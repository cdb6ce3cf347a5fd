"""Rows of a file: one at a time, none longer than a bound, each wrong one by itself."""

import io

import pytest

from services.intake.importing.rows import LONGEST, WrongHeader, csv_rows, json_rows

HEADER = "given_name,family_name,narrative"


def csv_of(*lines: str) -> list:
    return list(csv_rows(io.BytesIO("\n".join(lines).encode())))


def test_json_lines_are_read_and_a_bad_one_stands_alone() -> None:
    lines = [
        b'{"narrative": "One."}',
        b"",
        b"{broken",
        b"[1]",
        b'{"narrative": "' + b"x" * 10_000_000 + b'"}',
        b'{"narrative": "Two."}',
    ]
    rows = list(json_rows(io.BytesIO(b"\n".join(lines))))
    assert [row.wrong for row in rows] == [
        None, "malformed_json", "not_an_object", "line_too_long", None,
    ]  # fmt: skip
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert rows[-1].form == {"narrative": "Two."}


def test_a_line_of_csv_becomes_a_form() -> None:
    (row,) = csv_of(
        f"\ufeff{HEADER},postcode,address,parents_informed,concern",
        'Sam,Sampleton,"Hungry, and\ntired.",CV32 9ZA,"1 Example Road, Leamington",no,neglect',
    )
    assert row.form == {
        "children": [
            {
                "given_name": "Sam",
                "family_name": "Sampleton",
                "address": {
                    "postcode": "CV32 9ZA",
                    "lines": ["1 Example Road", "Leamington"],
                },
            }
        ],
        "narrative": "Hungry, and\ntired.",
        "parents_informed": False,
        "concerns": [{"code": "neglect"}],
    }


@pytest.mark.parametrize(
    "header",
    ["", "name,story", "given_name,family_name", f"{HEADER},narrative", f"{HEADER},surprise"],
)
def test_a_wrong_header_is_refused_before_the_first_row(header: str) -> None:
    with pytest.raises(WrongHeader):
        csv_of(header, "a,b,c")


def test_bad_lines_of_csv_stand_alone() -> None:
    rows = csv_of(HEADER, "a,b,c,d", "a,b", "a,b," + "x" * (LONGEST + 5), "a,b,c")
    assert [row.wrong for row in rows] == [
        "wrong_number_of_columns", "wrong_number_of_columns", "line_too_long", None,
    ]  # fmt: skip
