"""The hub sees the email before it decides, and prints a letter for the family of a decided referral, and
not of one that may not know."""

import re
from collections.abc import Mapping
from typing import Any

from tests.journey.forms import form
from tests.journey.living import Living, Partner, decision, read

_LINKS = re.compile(r"(?<=/disagree/)[\w.-]+|(?<=/useful/)[\w.-]+")


async def _preview(
    home: Living, referral_id: str, who: Mapping[str, str], body: Mapping[str, Any]
) -> dict[str, Any]:
    answer = await home.http.post(
        f"/v1/messages/previews/{referral_id}", json={"what": "decision", **body}, headers=dict(who)
    )
    told: dict[str, Any] = answer.json()
    return told


async def test_a_letter_for_the_family(shared_home: Living, shared_school: Partner) -> None:
    home, decider = shared_home, shared_home.staff("practitioner")
    told = await home.refer(shared_school, form())
    case = await home.rated(told["id"], decider)
    await home.sent(told["id"], "acknowledgement", decider)
    path = f"/v1/messages/letters/{told['id']}"
    undecided = read(await home.http.get(path, headers=decider))
    assert (undecided["offered"], undecided["because"]) == (False, "not_decided")
    seen = await _preview(home, told["id"], decider, decision(case))
    await home.decide(case, decider)
    (message,) = await home.sent(told["id"], "decision", decider)
    sent = read(await home.http.get(f"/v1/messages/{message['id']}", headers=decider))["sent"]
    # What goes out is what was seen before, but for where links lead.
    assert {part: _LINKS.sub("", said) for part, said in seen["email"].items()} == {
        part: _LINKS.sub("", said) for part, said in sent.items()
    }
    assert seen["detail"] == "full"
    letter = read(await home.http.get(path, headers=decider))
    assert letter["offered"] is True, letter
    (child,) = form()["children"][:1]
    assert child["given_name"] in letter["text"]
    assert child["given_name"] in letter["html"]
    for hidden in (form()["referrer"]["name"], form()["referrer"]["organisation"]):
        assert hidden not in letter["text"] + letter["html"]

    unseen = await home.http.get(path, headers=home.staff("practitioner", "walsall"))
    assert unseen.status_code == 404
    elsewhere = home.staff("practitioner", "walsall")
    assert (await _preview(home, told["id"], elsewhere, decision(case)))["status"] == 404
    assert (await home.http.get(path, headers=home.staff("analyst"))).status_code == 403
    noted = home.query(
        "SELECT actor_kind FROM notifications.audit_entry"
        " WHERE action = 'family_letter_read' AND referral_id = %s",
        told["id"],
    )
    assert noted == [("staff",), ("staff",)]

    quiet = form(parents_informed=False, reason_not_informed="loss_of_evidence")
    kept = await home.refer(shared_school, quiet)
    await home.decide(await home.rated(kept["id"], decider), decider)
    await home.sent(kept["id"], "decision", decider)
    withheld = read(await home.http.get(f"/v1/messages/letters/{kept['id']}", headers=decider))
    assert (withheld["because"], withheld["reason"]) == ("parents_not_told", "loss_of_evidence")
    assert withheld["html"] is None
