"""Every tour leads where its people may go."""

from urllib.parse import urlsplit

from services.console.lists import TITLES
from services.console.rooms import ROOMS
from services.console.tours import TOURS, tours_of

OPEN = {"/refer", "/consult"}


def test_every_stop_is_open_to_everybody_whom_the_tour_is_for() -> None:
    rooms = {room.path: room.roles for room in ROOMS}
    for tour in TOURS:
        for stop in tour.stops:
            place = urlsplit(stop.path)
            if not stop.path or place.path in OPEN:
                continue
            assert tour.roles <= rooms[place.path], (tour.title, stop.place)
            if place.query:
                assert place.query.removeprefix("state=") in TITLES


def test_somebody_s_own_tours_come_first() -> None:
    mine, others = tours_of({"analyst"})
    assert [tour.title for tour in mine] == ["If you analyse"]
    assert set(mine) | set(others) == set(TOURS)
    assert tours_of(())[0] == ()
