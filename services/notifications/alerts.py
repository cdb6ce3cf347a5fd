"""Where alerts and digests to the hub's own staff go."""

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
    teams: str | None = Field(
        default=None, description="Each team's mailbox; `{team}` stands for its code."
    )

    def of(
        self, pack: Pack, audience: Audience, hub_open: bool, person: str | None = None
    ) -> str | None:
        """The address for an audience of the pack's authority, now that its hub is open or
        closed. `person` is whom the duty ladder names, reached through duty where the pack says
        no address of theirs, or the installation says duty's."""
        alerts = pack.messages.alerts
        if person and alerts and person in alerts.people and not self.duty:
            return alerts.people[person]
        if person and audience is Audience.TEAM and not self.duty:
            return self.of_recipient(pack, f"team:{person}", hub_open)
        if audience is Audience.MANAGER:
            found = self.manager or (alerts and alerts.manager)
        else:
            found = self.duty or (alerts and alerts.duty)
            if not hub_open:
                found = self.out_of_hours or (alerts and alerts.out_of_hours) or found
        return found.replace("{authority}", pack.authority) if found else None

    def number(self, pack: Pack, person: str) -> str | None:
        """The telephone number of whom the duty ladder names, in the pack's words. None where the
        installation sends duty's alerts elsewhere."""
        alerts = pack.messages.alerts
        return alerts.phones.get(person) if alerts and not self.duty else None

    def of_recipient(self, pack: Pack, recipient: str, hub_open: bool) -> str | None:
        """The address for the recipient of a digest: `duty`, `manager`, or `team:` and a code. A
        team without one is reached through the hub's own team, else through duty."""
        name, _, team = recipient.partition(":")
        if name != "team":
            return self.of(pack, Audience(name), hub_open)
        section, alerts = pack.allocation, pack.messages.alerts
        if team not in (section.duty.team, section.duty.out_of_hours):
            if self.teams:
                return self.teams.replace("{authority}", pack.authority).replace("{team}", team)
            own = alerts.teams if alerts else {}
            found = own.get(team) or own.get(section.otherwise)
            if found:
                return found
        return self.of(pack, Audience.DUTY, hub_open)
