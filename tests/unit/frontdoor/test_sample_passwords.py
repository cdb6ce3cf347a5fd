"""The sample staff's passwords are hashed ahead, each with its own."""

from chassis.identity.secrets import same_password
from frontdoor.accounts import Passwords


async def test_everybody_of_an_authority_has_a_password_that_signs_them_in() -> None:
    passwords = Passwords(["walsall"])
    found = [made async for made in passwords.each()]
    assert {tuple(one["authorities"]) for one, _, _ in found} == {("walsall",), ()}
    assert len({password for _, password, _ in found}) == len(found) > 4
    _, first, hashed = found[0]
    _, second, _ = found[1]
    assert await same_password(hashed, first)
    assert not await same_password(hashed, second)
    passwords.close()
