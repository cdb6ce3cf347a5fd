"""A pack's section about records: how long each is kept, who is rung about a restricted one, and for
how long somebody may see one that they broke the glass for. Pure.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.events import Outcome

ADULT_YEARS = 18


class RecordsPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Keep(RecordsPart):
    """How long a child's record is kept: `years` from when the referral was closed, from birth, or
    from the eighteenth birthday."""

    years: Annotated[int, Field(ge=0, le=120)]
    since: Literal["closed", "birth", "eighteen"] = "closed"

    def until(self, born: date, closed: date) -> date:
        """The first day on which it need not be kept. Never before it was closed."""
        if self.since == "closed":
            return years_after(closed, self.years)
        extra = ADULT_YEARS if self.since == "eighteen" else 0
        return max(closed, years_after(born, self.years + extra))


class Retention(RecordsPart):
    """How long a child's record is kept by its outcome, and `otherwise`. A pack that says nothing
    keeps everything for 75 years from birth."""

    outcomes: dict[Outcome, Keep] = Field(default_factory=dict)
    otherwise: Keep = Keep(years=75, since="birth")


class Records(RecordsPart):
    """`restricted_ring` is whom hub staff ring about a restricted record, at the hub's number;
    left out, the duty manager. `broken_glass_minutes` is how long a restricted record stays open
    to whoever opened it with a reason."""

    restricted_ring: Annotated[str, Field(min_length=1, max_length=200)] = "the duty manager"
    broken_glass_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
    retention: Retention = Retention()


def keep_until(
    children: Iterable[tuple[Outcome | None, date | None]], closed: date, retention: Retention
) -> date:
    """Until when a referral's text is kept: the longest of any child in it (practice rule 17).
    A child whose birth date is not known counts as born when it was closed."""
    ends = [
        (retention.outcomes.get(outcome, retention.otherwise) if outcome else retention.otherwise)
        .until(born or closed, closed)
        for outcome, born in children
    ]  # fmt: skip
    return max(ends, default=retention.otherwise.until(closed, closed))


def years_after(start: date, years: int) -> date:
    """The same day some years on; the day after the 28th of February where there is no 29th."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 3, 1)
