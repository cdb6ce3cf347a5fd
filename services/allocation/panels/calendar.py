"""A panel's meetings as a calendar (iCalendar, RFC 5545). It holds no names: what stands there is
the panel, the day and how many items (practice rule 25)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from policy.allocation import Panel


def feed(
    authority: str,
    code: str,
    panel: Panel,
    days: Sequence[date],
    taken: Mapping[date, int],
    now: datetime,
) -> bytes:
    """The meetings on `days`, each a whole day. `taken` is how many items stand on each."""
    # Here, because every start of every service would pay half a second for a feed few ask for.
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Frontdoor//Panels//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", panel.name)
    for day in days:
        meeting = Event()
        meeting.add("uid", f"{authority}-{code}-{day.isoformat()}@frontdoor.example")
        meeting.add("dtstamp", now)
        meeting.add("dtstart", day)
        meeting.add("dtend", day + timedelta(days=1))
        meeting.add("summary", panel.name)
        meeting.add("description", f"{taken.get(day, 0)} of {panel.capacity} items")
        calendar.add_component(meeting)
    body: bytes = calendar.to_ical()
    return body
