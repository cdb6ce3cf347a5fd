"""Reading the national postcode directory."""

from pathlib import Path

import pytest

import services.intake.postcodes as package
from services.intake.postcodes.directory import NotADirectory, lines

EXTRACT = Path(package.__file__).parent / "extract.csv"


def test_the_extract_that_ships_is_read() -> None:
    with EXTRACT.open(newline="") as text:
        found = list(lines(text))
    assert ("CV32 9ZA", "E05099901", "E07000222", False) in found
    assert ("TS24 9ZZ", "E05099906", "E06000001", True) in found
    assert None not in found


def test_columns_are_known_by_name_whatever_the_year() -> None:
    text = ["\ufeffpcd7,pcds,doterm,lad25cd,wd25cd\n", "CV329ZA,CV32 9ZA,,E07000222,E05099901\n"]
    assert list(lines(text)) == [("CV32 9ZA", "E05099901", "E07000222", False)]


def test_what_is_no_place_has_no_ward() -> None:
    text = [
        "pcds,doterm,oslaua,osward\n",
        "ZZ99 3VZ,,E07000222,E05099901\n",
        "nonsense,,E07000222,E05099901\n",
        "CV32 9ZA\n",
        "GY1 1AA,,L99999999,L99999999\n",
    ]
    assert list(lines(text)) == [None, None, None, ("GY1 1AA", None, None, False)]


@pytest.mark.parametrize("header", ["", "postcode,ward\n", "pcds,osward,oslaua\n"])
def test_another_file_is_refused(header: str) -> None:
    with pytest.raises(NotADirectory):
        list(lines([header, "CV32 9ZA,E05099901,E07000222\n"]))
