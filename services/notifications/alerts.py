"""Where alerts to the hub's own staff go."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notifications.domain import Audience


class AlertAddresses(BaseSettings):
    """Addresses of teams, from the environment (prefix FRONTDOOR_ALERT_). `{authority}` in one
    stands for the authority's code. Without an address alerts are held, and seen to be."""

    model_config = SettingsConfigDict(env_prefix="FRONTDOOR_ALERT_", frozen=True, extra="ignore")

    duty: str | None = Field(default=None, description="The duty team while the hub is open.")
    out_of_hours: str | None = Field(
        default=None, description="The emergency duty team; the duty team's when left out."
    )
    manager: str | None = Field(default=None, description="Who hears of time limits passed.")

    def of(self, authority: str, audience: Audience, hub_open: bool) -> str | None:
        """The address for an audience of an authority, now that its hub is open or closed."""
        if audience is Audience.MANAGER:
            found = self.manager
        else:
            found = self.duty if hub_open else self.out_of_hours or self.duty
        return found.replace("{authority}", authority) if found else None
