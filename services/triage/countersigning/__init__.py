"""What waits for a manager, and what they said. What they may say is decided in
`services.triage.domain.countersigning`."""
