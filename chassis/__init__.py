"""What every service stands on: event stream, database, http, identity, audit, vault, telemetry."""
