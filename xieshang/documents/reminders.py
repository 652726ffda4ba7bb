"""The reminders as a calendar file."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone

from icalendar import Alarm, Calendar, Event

from xieshang.documents.plan import ActionPlan, Reminder

ZONE = "Asia/Shanghai"
# All-day events begin at midnight: the alarm rings at nine.
ALARM = timedelta(hours=9)
MONTHS = 12


def render_calendar(plan: ActionPlan) -> bytes:
    """An iCalendar file: all-day events with an alarm at nine in the morning.

    Args:
        plan: its reminders; the monthly one comes back for a year.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//xieshang//reminders//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", plan.calendar_name)
    calendar.add("x-wr-timezone", ZONE)
    for reminder in plan.reminders:
        calendar.add_component(_event(reminder, plan))
    return bytes(calendar.to_ical())


def _event(reminder: Reminder, plan: ActionPlan) -> Event:
    event = Event()
    event.add("uid", reminder.uid)
    event.add("dtstamp", datetime.combine(plan.made_on, time(), tzinfo=timezone.utc))
    event.add("dtstart", reminder.day)
    event.add("dtend", reminder.day + timedelta(days=1))
    event.add("summary", reminder.title)
    marks = plan.marks_line
    event.add("description", f"{reminder.text}\n{marks}")
    event.add("transp", "TRANSPARENT")
    if reminder.monthly:
        event.add("rrule", {"freq": "monthly", "count": MONTHS})
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", reminder.title)
    alarm.add("trigger", ALARM)
    event.add_component(alarm)
    return event
