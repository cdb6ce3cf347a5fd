"""A key ring whose keys are wrapped by a key service, and what happens where that is away."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from chassis.vault import KeyRing, KeyServiceAway, NoSuchKey, RingFile, TransitService
from frontdoor.commandline import main

Answering = Callable[[httpx2.Request], httpx2.Response]


def masked(text: str) -> str:
    """What this transit engine makes of a key: enough that the key does not show."""
    return "vault:v1:" + text[::-1]


def engine(request: httpx2.Request) -> httpx2.Response:
    """The transit engine, as its documentation has it."""
    assert request.headers["X-Vault-Token"] == "a-token"
    asked = json.loads(request.content)["batch_input"]
    if request.url.path == "/v1/transit/encrypt/frontdoor":
        results = [{"ciphertext": masked(one["plaintext"])} for one in asked]
    else:
        assert request.url.path == "/v1/transit/decrypt/frontdoor"
        plain = [one["ciphertext"].removeprefix("vault:v1:")[::-1] for one in asked]
        results = [{"plaintext": one} for one in plain]
    return httpx2.Response(200, json={"data": {"batch_results": results}})


def service(answering: Answering = engine) -> TransitService:
    return TransitService(
        "https://vault.example/v1/transit",
        "frontdoor",
        "a-token",
        0.5,
        httpx2.MockTransport(answering),
    )


def test_a_wrapped_ring_is_read_back_and_shows_no_key(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    made = RingFile(path, service()).load_or_create()
    written = path.read_text()
    for key in (*made.keys.values(), made.index_key, made.token_key):
        assert base64.b64encode(key).decode() not in written
    assert RingFile(path, service()).load() == made
    with pytest.raises(KeyServiceAway, match="name no key service"):
        RingFile(path).load()


def test_the_service_is_asked_again_only_for_a_changed_file(tmp_path: Path) -> None:
    asked = []

    def counting(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return engine(request)

    file = RingFile(tmp_path / "keyring.json", service(counting))
    file.load_or_create()
    for _ in range(3):
        file.load()
    assert len(asked) == 2
    file.rotate()
    assert file.load().active == "k2"


def late(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadTimeout("late", request=request)


def gone(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("gone", request=request)


@pytest.mark.parametrize(
    ("answering", "why"),
    [
        (late, "within 0.5 seconds"),
        (gone, "cannot be reached"),
        (lambda _: httpx2.Response(403, json={"errors": ["permission denied"]}), "status 403"),
        (lambda _: httpx2.Response(200, json={"data": {"batch_results": []}}), "for each key"),
        (lambda _: httpx2.Response(200, content=b"<html>"), "for each key"),
        (
            lambda _: httpx2.Response(
                200, json={"data": {"batch_results": [{"plaintext": "c2hvcnQ="}] * 3}}
            ),
            "no key",
        ),
    ],
)
def test_without_the_service_there_is_no_ring(
    tmp_path: Path, answering: Answering, why: str
) -> None:
    path = tmp_path / "keyring.json"
    RingFile(path, service()).load_or_create()
    with pytest.raises(KeyServiceAway, match=why) as said:
        RingFile(path, service(answering)).load()
    assert "a-token" not in str(said.value)


def test_a_key_in_use_is_not_retired(tmp_path: Path) -> None:
    file = RingFile(tmp_path / "keyring.json")
    first = file.load_or_create()
    assert file.rotate() == "k2"
    second = file.load()
    assert (second.active, set(second.keys)) == ("k2", {"k1", "k2"})
    assert (second.index_key, second.token_key) == (first.index_key, first.token_key)
    for name in ("k2", "k7"):
        with pytest.raises(NoSuchKey):
            file.retire(name)
    file.retire("k1")
    assert set(file.load().keys) == {"k2"}


def test_a_running_ring_takes_up_another_processs_key(tmp_path: Path) -> None:
    file = RingFile(tmp_path / "keyring.json")
    mine = file.load_or_create()
    mine.again = file.load
    RingFile(file.path).rotate()
    name, wrapped = RingFile(file.path).load().wrap(b"k" * 32, b"context")
    assert name == "k2"
    assert mine.unwrap(name, wrapped, b"context") == b"k" * 32


def test_nothing_starts_without_the_key_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keyring.json"
    RingFile(path, service()).load_or_create()
    monkeypatch.setenv("FRONTDOOR_KEYRING", str(path))
    monkeypatch.setenv("FRONTDOOR_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("FRONTDOOR_KEY_SERVICE_URL", "http://127.0.0.1:1/v1/transit")
    found = CliRunner().invoke(main, ["serve", "intake"])
    assert found.exit_code == 1
    assert "FRONTDOOR_KEY_SERVICE_URL: the key service cannot be reached" in found.output


def test_a_plain_ring_is_wrapped_where_a_service_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keyring.json"
    RingFile(path).keep(KeyRing.new())
    monkeypatch.delenv("FRONTDOOR_KEY_SERVICE_URL", raising=False)
    found = CliRunner().invoke(main, ["keyring", "wrap", str(path)])
    assert found.exit_code == 1
    assert "names no key service" in found.output
