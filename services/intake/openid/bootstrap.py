"""Puts signing in elsewhere together, where it is set."""

from fastapi import APIRouter

from chassis.running import Resources
from services.intake.accounts.api import TokenDesk

# Pages of the console's: where people come back to.
RETURN = "/sign-in/openid/return"
LEFT = "/sign-in"


def routers(resources: Resources, tokens: TokenDesk) -> tuple[APIRouter, ...]:
    """What the console asks; nothing where staff have local accounts alone."""
    settings = resources.settings
    if settings.openid_issuer is None:
        return ()
    # What speaks to a provider is dear to load, and has no use where there is none.
    from services.intake.openid.api import OpenIdDesk, internal_router
    from services.intake.openid.provider import Client, Provider

    own = settings.public_url.rstrip("/")
    client = Client(
        issuer=settings.openid_issuer,
        client_id=settings.openid_client_id,
        secret=settings.openid_secret,
        scope=settings.openid_scope,
        return_to=own + RETURN,
        left_to=own + LEFT,
    )
    return (
        internal_router(
            OpenIdDesk(
                tokens=tokens,
                provider=Provider(client, resources.clock),
                issuer=settings.openid_issuer,
                subject_claim=settings.openid_subject_claim,
                rights_claim=settings.openid_rights_claim,
                given=settings.openid_rights,
            )
        ),
    )
