"""No provider gets more in a minute than it allows."""

from datetime import timedelta

from services.notifications.channels.paced import Gate, Paced
from services.notifications.channels.port import Delivery, Letter, NotTaken, Taken


class Inner:
    lanes = 1

    async def reachable(self) -> bool:
        return True

    async def hand_over(self, letter: Letter) -> Delivery:
        return Taken()

    async def close(self) -> None:
        pass


async def test_letters_go_evenly_and_what_would_wait_long_is_put_off() -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    gate = Gate(60, clock=lambda: 100.0, pause=pause)
    # Two channels of one provider share its minute.
    channels = [Paced(Inner(), gate), Paced(Inner(), gate)]
    letter = Letter("a@front.example", "b@school.example", b"")
    ended = [await channels[number % 2].hand_over(letter) for number in range(4)]
    assert waited == [1.0, 2.0]
    assert ended == [
        Taken(), Taken(), Taken(), NotTaken("paced", permanent=False, after=timedelta(seconds=3)),
    ]  # fmt: skip
