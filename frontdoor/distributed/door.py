"""What stands at a port of a service from the first moment: its probes answer at once, and the
service itself as soon as it can work."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.http import problems

WAIT_SECONDS = "2"


class Door:
    """An application at a port. `always` answers the paths `open_paths` whatever the state."""

    def __init__(self, always: ASGIApp, open_paths: Collection[str]) -> None:
        self._always = always
        self._open_paths = frozenset(open_paths)
        self._behind: ASGIApp | None = None

    def open(self, behind: ASGIApp) -> None:
        """From now on `behind` answers all other paths."""
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in self._open_paths:
            await self._always(scope, receive, send)
        elif self._behind is not None:
            await self._behind(scope, receive, send)
        else:
            refusal = problems.problem(
                503,
                "starting",
                "The service is starting. Try again shortly.",
                headers={"Retry-After": WAIT_SECONDS},
            )
            await refusal(scope, receive, send)
