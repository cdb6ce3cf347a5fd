"""Where alerts to the hub's own staff go."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from policy.pack import Pack
from services.notifications.domain import Audience


class AlertAddresses(BaseSettings):
    """Addresses of an installation, from the environment (prefix FRONTDOOR_ALERT_). Each stands
    before the one in the authority's pack; `{authority}` in one stands for the authority's code.
    Where neither says one, alerts are held, and seen to be."""

    model_config = SettingsConfigDict(env_prefix="FRONTDOOR_ALERT_", frozen=True, extra="ignore")

    duty: str | None = Field(default=None, description="The duty team while the hub is open.")
    out_of_hours: str | None = Field(
        default=None, description="The emergency duty team; the duty team's when left out."
    )
    manager: str | None = Field(default=None, description="Who hears of time limits passed.")

    def of(self, pack: Pack, audience: Audience, hub_open: bool) -> str | None:
        """The address for an audience of the pack's authority, now that its hub is open or
        closed."""
        alerts = pack.messages.alerts
        if audience is Audience.MANAGER:
            found = self.manager or (alerts and alerts.manager)
        else:
            found = self.duty or (alerts and alerts.duty)
            if not hub_open:
                found = self.out_of_hours or (alerts and alerts.out_of_hours) or found
        return found.replace("{authority}", pack.authority) if found else None
