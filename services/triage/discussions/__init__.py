"""Discussions between agencies, and the list of domestic abuse notifications. What a record must say
is decided in `services.triage.domain.discussing`."""
