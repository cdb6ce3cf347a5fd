"""The web server of both editions."""

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS = 5


class WebServer(uvicorn.Server):
    """A web server that leaves signals to us: what it serves is stopped after it, not by them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def web_server(
    app: ASGIApp, host: str, port: int, *, lifespan: bool, trusted_proxies: str | None = None
) -> WebServer:
    """A server for `app`. Requests that are under way when it stops have five seconds."""
    return WebServer(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=GRACE_SECONDS,
            lifespan="on" if lifespan else "off",
            forwarded_allow_ips=trusted_proxies,
        )
    )
