"""What is said of a local service. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

FRESH: Final = timedelta(days=365)
"""How long what was checked is taken to be right."""
# Needs of whoever cares for the child: their service is for adults, whatever the child's age.
ADULTS_NEEDS: Final = frozenset(
    {
        "domestic_abuse", "parental_mental_ill_health", "parental_substance_misuse",
        "parental_alcohol_misuse", "parental_drug_misuse", "parental_learning_disability",
        "parental_illness_or_disability", "parenting_support", "housing", "financial_hardship",
        "unborn_child",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One service of a directory. Ages are in whole years. `needs` are codes of concerns, `areas`
    codes of wards and districts; none of either means that the directory says none. `area`: where it is
    there for, in the directory's words. `checked_on`:
    when somebody last said that it is right. `open`: not one that has ended or pauses."""

    source_id: str
    name: str
    description: str | None = None
    organisation: str | None = None
    how_to_join: str | None = None
    telephone: str | None = None
    email: str | None = None
    url: str | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    needs: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    checked_on: date | None = None
    open: bool = True
    area: str | None = None


def stale(entry: Entry, today: date) -> bool:
    """Whether nobody has said for a year that an entry is right."""
    return entry.checked_on is None or entry.checked_on < today - FRESH


def shown(service_id: UUID, entry: Entry, today: date) -> dict[str, Any]:
    """An entry as people read it: what is stale or has ended says so."""
    since = entry.checked_on
    warning = None
    if not entry.open:
        warning = "This service has ended, or takes nobody at present."
    elif stale(entry, today):
        when = f"since {since.day} {since:%B %Y}" if since else "at any time"
        warning = f"Nobody has said {when} that this is right. Ring before you send a family there."
    return {
        "id": service_id,
        "name": entry.name,
        "organisation": entry.organisation,
        "description": entry.description,
        "area": entry.area,
        "minimum_age": entry.minimum_age,
        "maximum_age": entry.maximum_age,
        "how_to_join": entry.how_to_join,
        "telephone": entry.telephone,
        "email": entry.email,
        "url": entry.url,
        "needs": entry.needs,
        "checked_on": since,
        "open": entry.open,
        "stale": stale(entry, today),
        "warning": warning,
    }
