"""Files beside referrals and drafts: looked at, scanned, sealed, read by people alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from policy.loading import PackSet
from tests.databases import Databases
from tests.files import PDF, PNG, docx
from tests.journey.forms import attendance
from tests.journey.living import Living, Partner, living

VIRUS = PDF + b"TESTVIRUS" + b"\n%%EOF"


@asynccontextmanager
async def clamd(*, silent: bool = False) -> AsyncIterator[tuple[str, list[int]]]:
    """A scanner that speaks clamd's INSTREAM: finds TESTVIRUS. Gives its address, and the sizes
    of what it was sent."""
    seen: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
        seen.append(len(content))
        if not silent:
            found = b"TESTVIRUS" in content
            writer.write(b"stream: Test.Virus FOUND\0" if found else b"stream: OK\0")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"{host}:{port}", seen
    finally:
        server.close()
        await server.wait_closed()


async def attach(
    home: Living, who: Partner, path: str, content: bytes, kind: str = "", **headers: str
) -> httpx2.Response:
    return await home.http.post(
        f"{path}/attachments",
        content=content,
        headers={
            "Idempotency-Key": str(uuid4()),
            "Content-Type": kind or "application/octet-stream",
            "Content-Disposition": "attachment; filename*=UTF-8''..%2Fb%C3%B6dy%20map.pdf",
            **who.headers,
            **headers,
        },
    )


async def test_a_file_is_kept_sealed_and_opened_by_staff(home: Living) -> None:
    school, worker = await home.partner(), home.staff()
    told = await home.refer(school, attendance())
    assert (await home.rated(told["id"], worker))["rag"] == "green"
    key = {"Idempotency-Key": str(uuid4())}
    path = f"/v1/referrals/{told['id']}"
    sent = await attach(home, school, path, PDF, "application/pdf", **key)
    assert sent.status_code == 201, sent.text
    assert (sent.json()["kind"], sent.json()["scanned"]) == ("pdf", False)
    again = await attach(home, school, path, PDF, "application/pdf", **key)
    assert again.json() == sent.json()
    # Nobody read it yet: it is never suggested Green.
    await home.rated(told["id"], worker, lambda case: case["rag"] != "green")

    here = f"/v1/intake/referrals/{told['id']}/attachments"
    (listed,) = (await home.http.get(here, headers=worker)).json()["items"]
    assert (listed["name"], listed["read"]) == ("bödy map.pdf", False)
    opened = await home.http.get(f"{here}/{listed['id']}", headers=worker)
    assert opened.content == PDF
    assert opened.headers["content-disposition"].startswith("attachment;")
    assert opened.headers["x-content-type-options"] == "nosniff"
    assert home.query("SELECT count(*) FROM intake.attachment") == [(1,)]
    ((sealed, name),) = home.query("SELECT sealed, name FROM intake.attachment")
    assert b"PDF" not in sealed
    assert b"map" not in name
    noted = home.query(
        "SELECT action FROM intake.audit_entry WHERE starts_with(action, 'file_') ORDER BY position"
    )
    assert noted == [("file_attached",), ("file_opened",)]
    assert "map" not in str(home.events(told["id"]))
    elsewhere = home.staff("manager", "walsall")
    assert (await home.http.get(here, headers=elsewhere)).status_code == 404
    other = await home.partner("mockshire-police", agency="police")
    assert (await attach(home, other, path, PDF)).status_code == 404


async def test_a_drafts_file_goes_with_it(home: Living) -> None:
    school = await home.partner()
    begun = await home.http.post(
        "/v1/drafts",
        json=attendance(),
        headers={"Idempotency-Key": str(uuid4()), **school.headers},
    )
    # It says when it was made.
    file = docx()
    path = f"/v1/drafts/{begun.json()['id']}"
    assert (await attach(home, school, path, file)).status_code == 201
    sent = await home.http.post(
        f"{path}/submission", headers={"Idempotency-Key": str(uuid4()), **school.headers}
    )
    case = await home.rated(sent.json()["id"], home.staff())
    assert case["rag"] != "green"
    here = f"/v1/intake/referrals/{sent.json()['id']}/attachments"
    (listed,) = (await home.http.get(here, headers=home.staff())).json()["items"]
    opened = await home.http.get(f"{here}/{listed['id']}", headers=home.staff())
    assert opened.content == file


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (PNG, "application/pdf", 422, "not_what_it_says"),
        (b"MZ program", "application/pdf", 422, "unknown_kind"),
        (b"", "application/pdf", 422, "empty_file"),
        (docx(**{"a.bin": bytes(60_000_000)}), "", 422, "bursts"),
        (PDF + bytes(11_000_000), "application/pdf", 413, "body_too_large"),
    ],
)
async def test_a_bad_file_is_refused_and_nothing_is_kept(
    home: Living, school: Partner, content: bytes, kind: str, status: int, code: str
) -> None:
    told = await home.refer(school)
    answer = await attach(home, school, f"/v1/referrals/{told['id']}", content, kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert home.query("SELECT count(*) FROM intake.attachment") == [(0,)]


async def test_a_large_body_is_for_attachments_only(home: Living, school: Partner) -> None:
    told = await home.refer(school)
    large = PDF + bytes(2_000_000) + PDF
    path = f"/v1/referrals/{told['id']}"
    assert (await attach(home, school, path, large)).status_code == 201
    plain = await home.http.post(
        "/v1/referrals",
        content=large,
        headers={"Idempotency-Key": str(uuid4()), **school.headers},
    )
    assert plain.status_code == 413
    home.databases.execute("DELETE FROM intake.attachment")


async def test_each_file_is_scanned_where_a_scanner_is_configured(
    databases: Databases, packs: PackSet
) -> None:
    async with clamd() as (address, seen), living(databases, packs, clamd=address) as home:
        school = await home.partner()
        told = await home.refer(school)
        path = f"/v1/referrals/{told['id']}"
        large = PDF + bytes(200_000) + PDF
        clean = await attach(home, school, path, large)
        assert (clean.status_code, clean.json()["scanned"]) == (201, True)
        found = await attach(home, school, path, VIRUS)
        assert (found.status_code, found.json()["code"]) == (422, "infected")
        assert seen == [len(large), len(VIRUS)]
        assert home.query("SELECT count(*) FROM intake.attachment") == [(1,)]


async def test_a_scanner_that_is_away_lets_nothing_in_unseen(
    databases: Databases, packs: PackSet
) -> None:
    async with clamd(silent=True) as (address, _), living(databases, packs, clamd=address) as home:
        school = await home.partner()
        told = await home.refer(school)
        answer: Any = await attach(home, school, f"/v1/referrals/{told['id']}", PDF)
        assert (answer.status_code, answer.json()["code"]) == (503, "scanner_away")
        assert int(answer.headers["Retry-After"]) > 0
