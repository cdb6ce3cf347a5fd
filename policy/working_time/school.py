"""When a school has to know by: before lessons begin on the next day on which it is open.

Known is: no school on Saturdays, Sundays and England's bank holidays, those announced late included,
nor on the days that the authority's pack names under `school_holidays`. The hub's own closures say
nothing about schools. Not known are the days of a single school (inset days, an academy's other
terms) and, where the pack names no holidays, term dates at all. A day that is wrongly taken for a
school day makes the time due sooner than it had to be, never later.
"""

from datetime import date, datetime, time

from policy.working_time.calendar import LONDON, Calendar, instant, micros, moment_of
from policy.working_time.counting import Due, PeriodError
from policy.working_time.words import not_counted, when

_SATURDAY = 5


def before_school(since: datetime, at: time, *, calendar: Calendar) -> Due:
    """Due at a time of day, in London, on the first school day on which that time is yet to come
    after an aware moment: what happens in the night is told before that morning.

    Raises PeriodError past the end of the calendar.
    """
    if since.tzinfo is None:
        raise PeriodError("start", "has no time zone")
    start, local = micros(since), since.astimezone(LONDON)
    outside = f"this calendar runs from {calendar.first_year} to {calendar.last_year}"
    if not calendar.first_year <= local.year <= calendar.last_year:
        raise PeriodError("start", outside)
    names: dict[str, None] = {}
    for day in range(local.toordinal(), date(calendar.last_year, 12, 31).toordinal() + 1):
        if instant(day, at) <= start or date.fromordinal(day).weekday() >= _SATURDAY:
            continue
        if day in calendar.no_school:
            names[calendar.no_school[day]] = None
            continue
        due_at = moment_of(instant(day, at))
        ends = due_at.astimezone(LONDON)
        years = ends.year != local.year
        because = f"the next school day after {when(local, year=years)}{not_counted([*names])}"
        return Due(due_at, f"due {when(ends, year=years)}: {because}", calendar.version, because)
    raise PeriodError("amount", f"leads too far: {outside}")
