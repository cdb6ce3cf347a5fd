"""The examples in the documents, run as they stand against `frontdoor up`; and the demonstration."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from standardwebhooks import Webhook

from bench.ports import free_ports
from tests import provider

ROOT = Path(__file__).parents[2]
FRONTDOOR = [sys.executable, "-m", "frontdoor"]
EXAMPLE = re.compile(r"<!-- example: ([\w-]+) -->\n```bash\n(.*?)```", re.DOTALL)
FUNCTION = re.compile(r"```(?:python|javascript)\n(.*?)```", re.DOTALL)
READY_SECONDS = 60
# The provider of a test stands on this machine.
LOOPBACK = '["127.0.0.0/8"]'


class Live(NamedTuple):
    url: str
    credentials: dict[str, list[dict[str, str]]]
    folder: Path


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("installation")
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [*FRONTDOOR, "up", "--data", str(folder), "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "FRONTDOOR_PROVIDER_NETWORKS": LOOPBACK},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process)
        yield Live(url, json.loads((folder / "credentials.json").read_text()), folder)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.timeout(180)
def test_the_partners_guide_works_as_written(live: Live, tmp_path: Path) -> None:
    examples = dict(EXAMPLE.findall((ROOT / "docs/partners.md").read_text()))
    assert list(examples) == [
        "token", "key", "assertion", "provider", "post-referral", "status", "list", "information", "withdrawal", "draft",
        "attachment", "consultation", "callback", "changes",
    ]  # fmt: skip
    guide = (ROOT / "docs/partners.md").read_text()
    own_key = [examples.pop("key"), examples.pop("assertion")]
    own_provider = examples.pop("provider")
    told = run("\n".join(examples.values()), live, tmp_path)
    posted = json.loads((tmp_path / "referral.json").read_text())
    assert posted["reference"].startswith("WAR-")
    assert told.count(posted["reference"]) >= 3
    assert "withdrawal_requested_at" in told
    form = re.search(r"<<'JSON'.*?\n(\{.*?\n\})\nJSON", examples["post-referral"], re.DOTALL)
    assert form
    (tmp_path / "referral-form.json").write_text(form[1])
    for language, program in (("python", sys.executable), ("javascript", "node")):
        if shutil.which(program):
            client = FUNCTION.search(guide, guide.index(f"client-{language}"))
            assert client
            (tmp_path / "client").write_text(client[1])
            reference, stage, *_ = run(f"{program} client", live, tmp_path).split()
            assert (reference[:4], stage) == ("WAR-", "received")
    run(own_key[0], live, tmp_path)
    operated(live, "keys", "--file", str(tmp_path / "client.pub.pem"))
    assert run(own_key[1] + 'echo "${TOKEN:0:2}"', live, tmp_path).strip() == "ey"
    with provider.running(live.url) as issuer:
        machine = provider.MACHINES[0]
        operated(
            live, "provider", "--issuer", issuer, "--subject", str(machine["client_id"]),
            "--audience", live.url, "--jwks-url", f"{issuer}/jwks", "--scope-claim", "scope",
        )  # fmt: skip
        there = {
            "PROVIDER_TOKEN_ENDPOINT": f"{issuer}/token",
            "PROVIDER_CLIENT_ID": str(machine["client_id"]),
            "PROVIDER_CLIENT_SECRET": str(machine["client_secret"]),
        }
        posts = own_provider + examples["post-referral"]
        assert '"reference":"WAR-' in run(posts, live, tmp_path, there).replace(" ", "")
    operated(live, "provider", "--end")


def test_a_call_is_checked_as_the_guide_says(tmp_path: Path) -> None:
    """The functions of the guide, with a call that was signed by the standard's own library."""
    guide = (ROOT / "docs/partners.md").read_text()
    secret, body = "whsec_" + b64encode(b"k" * 32).decode(), '{"type":"x"}'
    at = datetime.now(UTC)
    for sent, expected in ((body, "true"), (body + " ", "false")):
        headers = {
            "webhook-id": "one",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": "v1,bm8= " + Webhook(secret).sign("one", at, sent),
        }
        python = FUNCTION.search(guide, guide.index("verify-python"))
        javascript = FUNCTION.search(guide, guide.index("verify-javascript"))
        assert python
        assert javascript
        known: dict[str, Any] = {}
        exec(python[1], known)
        assert known["is_from_frontdoor"](secret, headers, body.encode()) == (expected == "true")
        if shutil.which("node") is None:
            continue
        call = f"console.log(isFromFrontdoor({json.dumps(secret)}, {json.dumps(headers)}, {json.dumps(body)}));"
        done = subprocess.run(
            ["node", "-e", javascript[1] + call], capture_output=True, text=True, timeout=20
        )
        assert done.stdout.strip() == expected, done.stderr


def test_the_readme_posts_a_referral(live: Live) -> None:
    (script,) = dict(EXAMPLE.findall((ROOT / "README.md").read_text())).values()
    assert '"reference":"WAR-' in run(script, live, ROOT).replace(" ", "")


@pytest.mark.timeout(300)
def test_the_demonstration_plays_its_story(tmp_path: Path) -> None:
    summary = tmp_path / "summary.json"
    done = subprocess.run(
        [*FRONTDOOR, "demo", "--once", "--port", str(free_ports(1)[0]), "--summary", str(summary)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(summary.read_text())
    counts = told["counts"]
    assert counts["posted"] == counts["rated"] == counts["acknowledged"] > counts["answered"] >= 30
    journey = told["journey"]
    assert journey["decision"]["clauses"][0]["title"]
    assert {"acknowledgement", "decision"} <= {one["kind"] for one in journey["messages"]}
    assert journey["what_the_referrer_sees"]["decision"]["rationale"]


def operated(live: Live, command: str, *more: str) -> None:
    """What the council's operator does about the partner, while the house runs."""
    client_id = live.credentials["partners"][0]["client_id"]
    asked = ["partner", command, "--data", str(live.folder), "--client-id", client_id]
    subprocess.run(
        [*FRONTDOOR, *asked, *more],
        cwd=ROOT,
        env={**os.environ, "FRONTDOOR_PROVIDER_NETWORKS": LOOPBACK},
        check=True,
        timeout=50,
    )


def run(script: str, live: Live, folder: Path, more: Mapping[str, str] | None = None) -> str:
    """What a script of the documents prints, run as a partner's developer would."""
    partner = live.credentials["partners"][0]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={
            **os.environ,
            "BASE_URL": live.url,
            "CLIENT_ID": partner["client_id"],
            "CLIENT_SECRET": partner["client_secret"],
            **(more or {}),
        },
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "frontdoor up has stopped"
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("not ready in time")
