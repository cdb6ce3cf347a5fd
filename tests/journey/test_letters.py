"""The hub prints a letter for the family of a decided referral, and not of one that may not know."""

from tests.journey.forms import form
from tests.journey.living import Living, Partner, read


async def test_a_letter_for_the_family(shared_home: Living, shared_school: Partner) -> None:
    home, decider = shared_home, shared_home.staff("practitioner")
    told = await home.refer(shared_school, form())
    case = await home.rated(told["id"], decider)
    await home.sent(told["id"], "acknowledgement", decider)
    path = f"/v1/messages/letters/{told['id']}"
    undecided = read(await home.http.get(path, headers=decider))
    assert (undecided["offered"], undecided["because"]) == (False, "not_decided")
    await home.decide(case, decider)
    await home.sent(told["id"], "decision", decider)
    letter = read(await home.http.get(path, headers=decider))
    assert letter["offered"] is True, letter
    (child,) = form()["children"][:1]
    assert child["given_name"] in letter["text"]
    assert child["given_name"] in letter["html"]
    for hidden in (form()["referrer"]["name"], form()["referrer"]["organisation"]):
        assert hidden not in letter["text"] + letter["html"]

    unseen = await home.http.get(path, headers=home.staff("practitioner", "walsall"))
    assert unseen.status_code == 404
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
