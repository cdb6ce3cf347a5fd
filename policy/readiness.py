"""Making ready what packs are answered with."""

from datetime import datetime

from policy.loading import PackSet
from policy.reader.rules import rulebook
from policy.ruleset import ruleset
from policy.working_time import LONDON


def make_ready(packs: PackSet, now: datetime, *, reads: bool = True) -> None:
    """Build the rules and the calendar of every pack in force now, and with `reads` the reader's
    vocabulary. They would be built at first use otherwise: the first to refer after a start would
    wait for them, and everybody else beside."""
    for pack in packs.in_force(now.astimezone(LONDON).date()):
        ruleset(pack)
        _ = pack.calendar
        if reads:
            rulebook(pack)
