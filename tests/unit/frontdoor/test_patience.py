"""The demonstration asks again where the house says that it is busy."""

import httpx2

from frontdoor.demo.patience import LONGEST_SECONDS, Patient


async def asked(*answers: httpx2.Response) -> tuple[int, list[bytes], list[float]]:
    heard: list[bytes] = []
    pauses: list[float] = []
    left = list(answers)

    async def answer(request: httpx2.Request) -> httpx2.Response:
        heard.append(await request.aread())
        return left.pop(0) if len(left) > 1 else left[0]

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    way = Patient(httpx2.MockTransport(answer), pause)
    async with httpx2.AsyncClient(base_url="http://house.example", transport=way) as http:
        got = await http.post("/v1/referrals", json={"authority": "walsall"})
    return got.status_code, heard, pauses


async def test_it_asks_the_same_again_when_it_is_told_to() -> None:
    away = httpx2.Response(503, headers={"Retry-After": "5"})
    status, heard, pauses = await asked(away, httpx2.Response(429), httpx2.Response(201))
    assert (status, pauses) == (201, [5.0, 1.0])
    assert len(heard) == 3
    assert set(heard) == {b'{"authority":"walsall"}'}


async def test_it_asks_for_a_minute_and_no_longer() -> None:
    status, _, pauses = await asked(httpx2.Response(503, headers={"Retry-After": "25"}))
    assert (status, sum(pauses)) == (503, LONGEST_SECONDS)


async def test_what_is_refused_is_asked_once() -> None:
    assert await asked(httpx2.Response(422)) == (422, [b'{"authority":"walsall"}'], [])
