"""Every metric of the house. No label holds an id of a referral or a person."""

from prometheus_client import Counter, Gauge, Histogram

HTTP_REQUESTS = Counter("http_requests_total", "Requests answered.", ("method", "route", "status"))
HTTP_SECONDS = Histogram("http_request_duration_seconds", "Time to answer.", ("method", "route"))
EVENTS_HANDLED = Counter(
    "events_handled_total", "Events met by a consumer.", ("consumer", "type", "outcome")
)
CONSUMER_WAITS = Counter(
    "consumer_waits_total", "Times that a consumer had to wait.", ("consumer", "reason")
)
CONSUMER_LAG_EVENTS = Gauge(
    "consumer_lag_events", "Events that a consumer has yet to answer.", ("consumer",)
)
CONSUMER_LAG_SECONDS = Gauge(
    "consumer_lag_seconds", "Age of the oldest event that a consumer has yet to answer.",
    ("consumer",),
)  # fmt: skip
RECORDS_SKIPPED = Counter(
    "records_skipped_total", "Records on the stream that are no events.", ("consumer",)
)
RELAY_EVENTS = Counter("relay_events_total", "Events published.", ("service",))
RELAY_LAG_EVENTS = Gauge(
    "relay_lag_events", "Events of the log that are not published yet.", ("service",)
)
RELAY_OLDEST_SECONDS = Gauge(
    "relay_oldest_unpublished_seconds", "Age of the oldest event that is not published yet.",
    ("service",),
)  # fmt: skip
RELAY_REBUILDS = Counter(
    "relay_producer_rebuilds_total", "Producers given up after an error.", ("service",)
)
RELAY_WAITS = Counter("relay_waits_total", "Times that a relay had to wait.", ("service", "reason"))
PARKED_REFERRALS = Gauge(
    "parked_referrals", "Referrals whose events were put aside.", ("consumer",)
)
PARKED_OLDEST_SECONDS = Gauge(
    "parked_oldest_seconds", "How long the event waits that was put aside first.", ("consumer",)
)
LOOK_UPS_WAITING = Gauge(
    "look_ups_waiting", "Referrals whose people are yet to be looked up.", ("of",)
)
OLDEST_LOOK_UP = Gauge(
    "oldest_look_up_seconds", "How long the first new referral has waited for its look-up."
)
CONSULTATIONS_OVERDUE = Gauge(
    "consultations_overdue", "Questions for advice that nobody answered in time."
)
LOG_FIELDS_DROPPED = Counter(
    "log_fields_dropped_total", "Fields kept out of the logs: not known, or not plain."
)
LOOP_FAULTS = Counter("loop_faults_total", "Loops that failed and were started again.", ("loop",))
SWEEP_FAULTS = Counter(
    "sweep_faults_total", "Cases whose time had come, and that could not be looked at.",
    ("service",),
)  # fmt: skip
UNFIRED_REFERRALS = Gauge(
    "unfired_referrals", "Referrals with a due clock that could not be fired, and is tried again."
)
CLOCK_LATENESS = Histogram(
    "clock_lateness_seconds", "From due to fired.", ("firing",),
    buckets=(0.1, 0.5, 1, 2, 5, 15, 60, 300, 3600),
)  # fmt: skip
OLDEST_DUE_CLOCK = Gauge(
    "oldest_due_clock_seconds", "How long the oldest due clock has waited to fire."
)
MESSAGES = Counter("messages_total", "Messages by outcome.", ("channel", "kind", "outcome"))
MESSAGES_WAITING = Gauge("messages_waiting", "Messages not yet sent.", ("state",))
AUDIT_UNSEALED = Gauge("audit_unsealed_entries", "Audit entries not yet chained.", ("service",))
WATCHDOG_UNRECONCILED = Gauge(
    "watchdog_unreconciled_referrals", "Accepted referrals that a service does not know.",
    ("service",),
)  # fmt: skip
