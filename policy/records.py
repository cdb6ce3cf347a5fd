"""A pack's section about records: who is rung about a restricted one, and for how long somebody may
see one that they broke the glass for."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Records(BaseModel):
    """`restricted_ring` is whom hub staff ring about a restricted record, at the hub's number;
    left out, the duty manager. `broken_glass_minutes` is how long a restricted record stays open
    to whoever opened it with a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    restricted_ring: Annotated[str, Field(min_length=1, max_length=200)] = "the duty manager"
    broken_glass_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
