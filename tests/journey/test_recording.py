"""What staff record on pages of their own: each reaches the service that decides, refused fields are
named, and nothing typed is lost."""

import re
from contextlib import aclosing
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import httpx2

from tests.journey.living import Living, Partner, read

NEED = "Calls to the address in the last year, and who was there."
SHARED = "Callum Testwood, born 4 March 2017, and his mother Kerry."
SAID = "Two calls in May. He is said to hit his mother."
BECAUSE = "He has come hungry every day for a month."
LATER = timedelta(minutes=30)


def hidden(page: httpx2.Response) -> dict[str, str]:
    """What a form's hidden fields hold."""
    said = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in said}


async def sent(
    browser: httpx2.AsyncClient, referral: str, name: str, about: str = "", **typed: Any
) -> httpx2.Response:
    """Open a form, fill it in and send it."""
    path = f"/referrals/{referral}/record/{name}"
    page = await browser.get(f"{path}?about={quote(about)}")
    assert page.status_code == 200, page.text
    typed = {field.replace("__", "-"): said for field, said in typed.items()}
    answer = await browser.post(path, data={**hidden(page), **typed})
    if "Is this right?" in answer.text:
        answer = await browser.post(path, data={**hidden(page), **typed, "step": "record"})
    return answer


def recorded(answer: httpx2.Response) -> bool:
    assert answer.status_code == 303, answer.text
    return "done=" in answer.headers["location"]


async def test_agencies_are_asked_and_a_discussion_is_recorded(
    shared_home: Living, shared_school: Partner
) -> None:
    home = shared_home
    manager = home.staff("manager")
    referral = (await home.refer(shared_school))["id"]
    case = await home.rated(referral, manager)
    async with aclosing(await home.browser()) as browser:
        question = {"of": "police", "way": "telephone", "need": NEED, "shared": SHARED}
        refused = await sent(browser, referral, "ask", **question, parents_told="no")
        assert refused.status_code == 422
        assert 'href="#not_told_because"' in refused.text
        assert NEED in refused.text
        assert recorded(await sent(browser, referral, "ask", **question, parents_told="yes"))
        unknown = {**question, "of": "gp", "way": "system", "organisation": "Nobody here"}
        nobody = await sent(browser, referral, "ask", **unknown, parents_told="yes")
        assert "No organisation of that name" in nobody.text
        several = {**unknown, "organisation": "Testwood"}
        choose = await sent(browser, referral, "ask", **several, parents_told="yes")
        which = re.findall(r'name="organisation_id"[^>]*value="([^"]+)"', choose.text)
        assert len(which) == 1, choose.text
        asked = await sent(
            browser, referral, "ask", **several, organisation_id=which[0], parents_told="yes"
        )
        assert recorded(asked)

        path = f"/v1/triage/referrals/{referral}/checks"
        items = read(await home.http.get(path, headers=manager))["items"]
        police = next(one for one in items if one["of"] == "police")
        assert (police["shared"], police["parents_told"]) == (SHARED, True)
        reply = {"answered_by": "PC Example", "information": SAID, "handling": "ask_first"}
        both = await sent(
            browser, referral, "reply", police["request_id"], **reply, nothing_known="yes"
        )
        assert "one of them" in both.text
        assert recorded(await sent(browser, referral, "reply", police["request_id"], **reply))
        gone = f"/referrals/{referral}/record/reply?about={police['request_id']}"
        assert (await browser.get(gone)).status_code == 404
        assert SAID in (await browser.get(f"/referrals/{referral}")).text

        home.clock.forward(LATER)
        held = {
            "kind": "strategy", "held_on__day": "5", "held_on__month": "3",
            "held_on__year": "2026", "held_time": f"{home.clock():%H:%M}",
            "agency__0": "childrens_social_care", "agency__2": "police",
            "name__2": "Sgt Example", "agency__5": "midwife",
            "shared": "All that the police know of the address.",
            "agreed__0": "A medical today.", "enquiry__0": "joint",
        }  # fmt: skip
        unsafe = await sent(browser, referral, "discussion", **held)
        assert 'href="#safety_plan"' in unsafe.text
        assert "Sgt Example" in unsafe.text
        no_time = await sent(browser, referral, "discussion", **held | {"held_time": "half two"})
        assert "such as 14:30" in no_time.text
        whole = held | {"safety_plan": "He stays with his aunt."}
        assert recorded(await sent(browser, referral, "discussion", **whole))
        page = (await browser.get(f"/referrals/{referral}")).text
        assert "Police: Sgt Example" in page
        assert "An enquiry under section 47, together with the police." in page
        assert case["children"][0]["child_id"] not in page[page.index('id="discussions"') :][:900]


async def test_what_the_family_says_and_what_others_dispute(
    shared_home: Living, shared_school: Partner
) -> None:
    home = shared_home
    referral = (await home.refer(shared_school))["id"]
    case = await home.rated(referral, home.staff("manager"))
    async with aclosing(await home.browser("practitioner")) as browser:
        sign = next(one for one in case["suggestion"]["reasons"] if one.get("text"))
        key = f"{sign['indicator']}|{sign['text']}|{sign['start']}|{sign['end']}"
        page = await browser.get(f"/referrals/{referral}/record/dismissal?about={quote(key)}")
        kept = {**hidden(page), "because": "past"}
        path = f"/referrals/{referral}/record/dismissal"
        assert "Choose why" in (await browser.post(path, data={**kept, "because": ""})).text
        assert recorded(await browser.post(path, data=kept))
        late = await browser.post(path, data=kept)
        assert (late.status_code, "Somebody changed this referral" in late.text) == (422, True)
        assert (
            "found otherwise: it is in the past"
            in (await browser.get(f"/referrals/{referral}")).text
        )

        says = {
            "status": "given", "who": "parent_or_carer", "given_by": "Kerry, his mother",
            "given_on__day": "5", "given_on__month": "3", "given_on__year": "2026",
            "parents_informed": "yes",
        }  # fmt: skip
        unscoped = await sent(browser, referral, "agreement", **says)
        assert 'href="#scope"' in unscoped.text
        assert recorded(await sent(browser, referral, "agreement", **says, scope="service"))
        await home.settled()
        withdrawn = says | {"status": "withdrawn"}
        assert recorded(await sent(browser, referral, "agreement", **withdrawn))
        await home.settled()

        decider = home.staff("manager")
        case = await home.rated(referral, decider)
        decided = await home.decide(case, decider, without_agreement="risk_outweighs")
        assert decided.status_code == 201, decided.text
        body = {"because": BECAUSE, "raised_by": "Hannah Testley, DSL"}
        told = read(await home.follow_up(shared_school, referral, "disagreements", body))
        which = told["disagreement_id"]
        assert (await browser.get(f"/referrals/{referral}/record/answer")).status_code == 404
        answer = {"outcome": "changed", "words": "We read it again with his school nurse."}
        unrated = await sent(browser, referral, "answer", which, **answer)
        assert 'href="#rag"' in unrated.text
        assert 'href="#theme"' in unrated.text
        early = await sent(browser, referral, "further", which, because=BECAUSE)
        assert "is not due yet" in early.text
        stands = answer | {"outcome": "upheld"}
        assert recorded(await sent(browser, referral, "answer", which, **stands))
        assert recorded(await sent(browser, referral, "further", which, because=BECAUSE))
        refused = await sent(browser, referral, "answer", which, **stands)
        assert "a manager answers" in refused.text
        assert answer["words"] in refused.text
        assert recorded(await sent(browser, referral, "end", which))
    async with aclosing(await home.browser("duty")) as other:
        assert (await other.get(f"/referrals/{referral}/record/ask")).status_code == 403
        assert (await other.get(f"/referrals/{referral}/record/nothing")).status_code == 404
        assert (await other.get(f"/referrals/{referral}/record/agreement")).status_code == 200
