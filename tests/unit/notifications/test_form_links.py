"""What becomes of a link to a web form that is to be mailed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notifications.channels.port import Away, Cut, NotTaken, Taken
from services.notifications.form_links.domain import (
    MOST_CUTS,
    MOST_OF_FORM,
    MOST_TO_ADDRESS,
    FormLink,
    LinkState,
    TooManyLinks,
    allow,
    followed,
    late,
)
from services.notifications.rendering.samples import MESSAGE_ID, WRITTEN

LINK = FormLink(MESSAGE_ID, "walsall", WRITTEN + timedelta(days=30), WRITTEN, WRITTEN)


def test_nobody_fills_somebodys_mailbox() -> None:
    allow(MOST_OF_FORM - 1, MOST_TO_ADDRESS - 1)
    for counts in ((MOST_OF_FORM, 0), (0, MOST_TO_ADDRESS)):
        with pytest.raises(TooManyLinks):
            allow(*counts)


def test_it_goes_once_where_that_can_be_known() -> None:
    assert followed(LINK, Taken(), WRITTEN).state is LinkState.SENT
    assert followed(LINK, NotTaken("unknown", permanent=True), WRITTEN).state is LinkState.FAILED
    for waits in (NotTaken("greylisted", permanent=False), Away("closed"), Cut("dropped")):
        again = followed(LINK, waits, WRITTEN)
        assert again.state is LinkState.QUEUED
        assert again.due_at > WRITTEN
        assert not again.state.is_over
    cut = replace(LINK, cuts=MOST_CUTS - 1)
    assert followed(cut, Cut("dropped"), WRITTEN).state is LinkState.FAILED
    assert late(LINK).state.is_over
