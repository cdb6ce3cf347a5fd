"""A decision that came back: from the mailbox to the list of whom to telephone, and off it."""

from pathlib import Path

from services.notifications.bounces.following import Bounces
from services.notifications.channels.smtp import SmtpChannel
from services.notifications.ends import Ends
from tests.clocks import SetClock
from tests.integration.notifications.hub import Hub
from tests.integration.notifications.relay import TestRelay
from tests.integration.notifications.test_api import Desk
from tests.unit.notifications.test_bounces import OURS, report


async def test_a_mail_that_came_back_is_telephoned(
    hub: Hub, clock: SetClock, relay: TestRelay, channel: SmtpChannel, tmp_path: Path
) -> None:
    await hub.submitted()
    await hub.submitted()
    await hub.sender(channel).step()
    message_id = relay.box.taken[0]["Message-ID"].strip("<>").partition("@")[0]
    new = tmp_path / "new"
    new.mkdir()
    for name, mail in (
        ("1.far.example", report().replace(str(OURS).encode(), message_id.encode())),
        ("2.far.example", report()),
        ("3.far.example", b"Subject: Buy something\n\nNow."),
        ("4.far.example", b"x" * 2_000_001),
    ):
        (new / name).write_bytes(mail)
    bounces = Bounces(Ends(hub.kernel), tmp_path, "frontdoor.example")
    assert await bounces.step() == 4
    assert await bounces.step() == 0
    assert len(list((tmp_path / "cur").iterdir())) == 4
    assert (await hub.events()).count("message.bounced.v1") == 1

    desk = Desk(hub, clock)
    (one,) = (await desk.get("/v1/messages/undelivered")).json()["items"]
    assert (one["id"], one["state"], one["reason"]) == (message_id, "failed", "bounced_5.1.1")
    assert (await desk.get("/v1/messages/undelivered", authority="walsall")).json()["items"] == []
    assert (await desk.get("/v1/messages/undelivered", role="analyst")).status_code == 403
    place = f"/v1/messages/{message_id}/told"
    bad = await desk.post(place, {"how": "shouted"})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/how")
    assert (await desk.post(place, {"how": "by_telephone"}, authority="walsall")).status_code == 404
    told = await desk.post(place, {"how": "by_telephone"})
    assert (told.status_code, told.json()["told_how"]) == (200, "by_telephone")
    assert (await desk.post(place, {"how": "by_letter"})).json()["told_how"] == "by_telephone"
    assert (await desk.get("/v1/messages/undelivered")).json()["items"] == []
