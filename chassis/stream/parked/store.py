"""Every query about parked events that operators make."""

# A referral's parked events in the order of the stream, without what they say.
SHOW = """
SELECT source, sequence, type, time, reason, trace_id, parked_at
  FROM parked_event
 WHERE consumer = $1 AND referral_id = $2
 ORDER BY position
"""

# Since when the event waits that was parked first.
OLDEST = "SELECT min(parked_at) FROM parked_event WHERE consumer = $1"

# Whose referral it is that has parked events.
AUTHORITY = "SELECT authority FROM parked_event WHERE consumer = $1 AND referral_id = $2 LIMIT 1"

# Count an event as handled. Whoever does this holds the case.
PAST = """
INSERT INTO mark (consumer, referral_id, source, sequence, parked) VALUES ($1, $2, $3, $4, true)
    ON CONFLICT (consumer, referral_id, source) DO UPDATE
   SET sequence = greatest(mark.sequence, excluded.sequence)
"""
