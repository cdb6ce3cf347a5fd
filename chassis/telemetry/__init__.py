"""What operators see: logs, traces and metrics, none with personal data."""
