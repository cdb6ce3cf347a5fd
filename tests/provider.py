"""The certified provider `oidc-provider`, run by Node on loopback, and somebody at its pages."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.absent import absent

SCRIPT = Path(__file__).with_suffix(".mjs")
FRONTEND = Path(__file__).parents[1] / "services/console/frontend"
CLIENT = {
    "client_id": "frontdoor-of-tests",
    "client_secret": "a-secret-of-tests-that-is-long-enough",
}


# A partner's system, and another of the same organisation that nobody registered.
MACHINES = tuple(
    {
        "client_id": name,
        "client_secret": "a-secret-of-a-partner-that-is-long-enough",
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "response_types": [],
    }
    for name in ("school-software", "school-canteen")
)


@contextmanager
def running(
    home: str, groups: Mapping[str, Sequence[str]] | None = None, told: str | None = None
) -> Iterator[str]:
    """The issuer, which knows the house at `home`. `groups`: of whom what is said. `told`: where it
    says by itself that somebody signed out."""
    node = shutil.which("node")
    if node is None or not (FRONTEND / "node_modules/oidc-provider").exists():
        absent(
            "provider", "oidc-provider is not installed: run npm ci in services/console/frontend"
        )
    client = {
        **CLIENT,
        "redirect_uris": [f"{home}/sign-in/openid/return"],
        "post_logout_redirect_uris": [f"{home}/sign-in"],
        **({"backchannel_logout_uri": told} if told else {}),
    }
    with subprocess.Popen(
        [node, str(SCRIPT), str(FRONTEND)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write(
            json.dumps({"client": client, "groups": groups or {}, "machines": MACHINES})
        )
        process.stdin.close()
        try:
            port = process.stdout.readline().strip()
            assert port, "the provider did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


async def token_of(issuer: str, audience: str, machine: int = 0, **asked: str) -> str:
    """An access token (a JWT) that the provider gives one of `MACHINES` for `audience`."""
    one = MACHINES[machine]
    async with httpx2.AsyncClient(timeout=20) as http:
        answer = await http.post(
            f"{issuer}/token",
            data={"grant_type": "client_credentials", "resource": audience, **asked},
            auth=(str(one["client_id"]), str(one["client_secret"])),
        )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


class Visitor:
    """A browser at the provider's own pages."""

    def __init__(self) -> None:
        # No connection outlives its answer: nobody has to close this.
        alone = httpx2.Limits(max_keepalive_connections=0)
        self.http = httpx2.AsyncClient(timeout=20, limits=alone)

    async def signs_in(self, address: str, name: str) -> str:
        """Sign in as `name` and agree, as far as the page that the provider sends back to."""
        answer = await self.http.get(address)
        while True:
            place = answer.headers.get("Location")
            if place and not place.startswith(
                ("/", str(answer.url.copy_with(path="/", query=None)))
            ):
                return str(place)
            if place:
                answer = await self.http.get(answer.url.join(place))
                continue
            said: dict[str, Any] = dict(
                re.findall(r'name="(prompt|xsrf)" value="([^"]*)"', answer.text)
            )
            action = re.search(r'action="([^"]+)"', answer.text)
            assert action, answer.text
            answer = await self.http.post(
                answer.url.join(action[1]), data={**said, "login": name, "password": "any"}
            )

    async def signs_out(self, address: str) -> str:
        """Say yes to signing out, as far as the page that the provider sends back to."""
        answer = await self.http.get(address)
        assert answer.status_code == 200, answer.text
        secret = re.search(r'name="xsrf" value="([^"]+)"', answer.text)
        action = re.search(r'action="([^"]+)"', answer.text)
        assert secret and action, answer.text
        answer = await self.http.post(
            answer.url.join(action[1]), data={"xsrf": secret[1], "logout": "yes"}
        )
        return str(answer.headers["Location"])
