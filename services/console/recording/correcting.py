"""Correcting who a child is: a name, a birth date or a number that was written down wrongly."""

from collections.abc import Mapping
from typing import Final

from contracts import codes
from services.console.people import Answer, form_of
from services.console.recording.shapes import Entry, Group, Sent, Subject, Values, always, missing
from services.console.referring.answers import typed_of
from services.console.referring.shapes import Field, Kind, Page, options

_WHO: Final = (
    Field("given_name", Kind.LINE, "First name", ("given_name",)),
    Field("family_name", Kind.LINE, "Family name", ("family_name",)),
    Field("date_of_birth", Kind.DAY, "Date of birth", ("date_of_birth",)),
    Field("expected_date_of_delivery", Kind.DAY, "Expected date of birth, of an unborn child",
          ("expected_date_of_delivery",)),
    Field("sex", Kind.LIST, "Sex", ("sex",), options=options(codes.SEXES)),
    Field("nhs_number", Kind.LINE, "NHS number", ("nhs_number",), width="10"),
    Field("upn", Kind.LINE, "Unique pupil number", ("upn",), width="20"),
)  # fmt: skip
_WHY: Final = Field(
    "because", Kind.LIST, "How you know", ("because",), options=options(codes.CORRECTED_BECAUSE)
)
_PAGE: Final = Page("who", "", _WHO, rows="children")


def _child(subject: Subject, child_id: str) -> Answer | None:
    """The child of the form with an id, and its place."""
    for place, child in enumerate(form_of(subject.read).get("children", ())):
        if str(child.get("child_id")) == child_id:
            return {**child, "place": place}
    return None


def _prefill(subject: Subject) -> Mapping[str, list[str]]:
    return typed_of(_PAGE, form_of(subject.read), int(subject.thing["place"]))


def _sent(values: Values, subject: Subject) -> Sent:
    """What differs from the form. A field that was emptied is not known after all."""
    changed = {
        one.name: values.get(one.name)
        for one in _WHO
        if (values.get(one.name) or None) != (subject.thing.get(one.name) or None)
    }
    errors = missing(values, {"because": "Say how you know"})
    if not changed:
        errors["given_name"] = "Change what is wrong: the form says all of this already"
    body = {"child": subject.thing["place"], "because": values.get("because"), **changed}
    return Sent(body, errors)


IDENTITY: Final = Entry(
    title="Correct who this child is",
    button="Correct it",
    done="It is corrected. The child is looked up again, and what stood before is kept.",
    roles=frozenset({"practitioner", "manager", "duty"}),
    path="/v1/intake/referrals/{referral_id}/corrections",
    help="Change what was written down wrongly, and leave the rest. A date of birth for an unborn child "
    "says that it was born. Links that the software made of what was wrong end; yours stay.",
    groups=always(Group(_WHO), Group((_WHY,))),
    sent=_sent,
    find=_child,
    prefill=_prefill,
)
