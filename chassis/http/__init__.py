"""HTTP as every service speaks it: problem details, limits, idempotency, versions, pages."""

from chassis.http.app import create_app, documented

__all__ = ["create_app", "documented"]
