"""The postcode directory: taken in parts, gone on with, and asked for the ward of a home."""

import itertools
from collections.abc import Iterator

import pytest

from policy.allocation import locality_of
from services.intake.postcodes import directory, store
from services.intake.postcodes.wards import Wards
from tests.journey.living import Living


def made_up(count: int) -> Iterator[tuple[str, str, str, bool]]:
    for number in range(count):
        letters = f"{chr(65 + number // 260 % 26)}{chr(65 + number % 26)}"
        postcode = f"CV{number // 6760} {number // 26 % 10}{letters}"
        yield postcode, f"E05{number % 1000:06}", "E07000222", False


async def test_the_directory_is_taken_and_gone_on_with(
    home: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "PART", 1_000)
    database = home.house.databases["intake"]
    lines = list(made_up(5_500))

    class Stop(Exception):
        pass

    def stopping():
        yield from itertools.islice(iter(lines), 2_500)
        raise Stop

    with pytest.raises(Stop):
        await directory.take(database, b"file", stopping(), lambda _: None)
    heard: list[int] = []
    assert await directory.take(database, b"file", iter(lines), heard.append) == 5_500
    assert heard[0] == 3_000
    assert home.query("SELECT count(*) FROM intake.postcode") == [(len({one[0] for one in lines}),)]
    assert home.query("SELECT count(*) FROM intake.postcode_arriving") == [(0,)]


async def test_a_newer_directory_moves_a_postcode_to_another_ward(home: Living) -> None:
    database = home.house.databases["intake"]
    for fingerprint, ward in ((b"old", "E05099901"), (b"new", "E05099902")):
        line = ("CV32 9ZA", ward, "E07000222", False)
        await directory.take(database, fingerprint, iter([line, line]), lambda _: None)
    async with database.connection() as connection:
        assert await store.wards(connection, ["CV32 9ZA", "CV1 1AA"]) == {"CV32 9ZA": "E05099902"}


async def test_a_ward_decides_before_its_postcode_does(home: Living) -> None:
    database = home.house.databases["intake"]
    line = ("CV32 9ZA", "E05099901", "E07000222", False)
    await directory.take(database, b"file", iter([line]), lambda _: None)
    pack = home.house.parts.policy.current("warwickshire", home.clock().date())
    wards = Wards(database)
    # Nothing is asked where no locality is made of wards.
    assert await wards.of("CV32 9ZA", pack) is None
    places = dict(pack.allocation.localities)
    places["rugby"] = places["rugby"].model_copy(update={"ward_codes": ("E05099901",)})
    allocation = pack.allocation.model_copy(update={"localities": places})
    warded = pack.model_copy(update={"allocation": allocation})
    ward = await wards.of("CV32 9ZA", warded)
    assert ward == "E05099901"
    assert await wards.of("ZZ99 3VZ", warded) is None
    assert locality_of("CV32 9ZA", None, allocation, ward)[0] == "rugby"
    assert locality_of("CV32 9ZA", None, allocation)[0] == "warwick"
