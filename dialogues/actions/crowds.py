"""When it is quieter: one sentence and a small picture, where the history says anything."""

from __future__ import annotations

import datetime as dt
import re

from dialogues.actions.speaker import Speaker
from dialogues.actions.titles import department_title
from intents.language import strip_marks
from services.crowding import find_crowding

SHOWN = 3
QUIET = re.compile(
    "人(?:会|比较|要)?少|(?:不|唔)(?:用|使|要)(?:怎么)?(?:排队|等)|(?:不|没那么|唔)(?:挤|多人)|空一?点|vang|it nguoi"
)
"""「周四什么时候人少」."""


def advise_if_busy(say: Speaker, *, department: str, start: dt.datetime) -> None:
    """Before a number is booked in an hour that is usually crowded: which are not, the same day."""
    found = find_crowding(say.desk, department=department, day=start.date())
    if found is None or start.hour not in found.busy or not found.quiet:
        return
    hours = say.word("list").join(say.word("oclock", hour=hour) for hour in found.quiet[:SHOWN])
    say("utter_busy_hour", hour=start.hour, hours=hours)
    _show_chart(say, department, start.date())


def advise_quiet_hours(say: Speaker, *, department: str, day: dt.date, picture: bool = True) -> bool:
    """Says which hours are usually quieter that day; False, and nothing said, where nobody can know."""
    found = find_crowding(say.desk, department=department, day=day)
    if found is None or not found.quiet:
        return False
    later = [hour for hour in found.quiet if day != say.desk.now.date() or hour > say.desk.now.hour]
    if not later:
        return False
    hours = say.word("list").join(say.word("oclock", hour=hour) for hour in later[:SHOWN])
    say("utter_quieter", department=department_title(say, department), hours=hours)
    if picture:
        _show_chart(say, department, day)
    return True


def answer_quiet_hours(say: Speaker, text: str, *, department: str | None, date: str | None) -> None:
    """Where the words ask for it, of one day."""
    if department and date and "/" not in date and QUIET.search(strip_marks(text.lower())):
        advise_quiet_hours(say, department=department, day=dt.date.fromisoformat(date))


def _show_chart(say: Speaker, department: str, day: dt.date) -> None:
    say.image(f"/crowding/{department}/{day.isoformat()}.png" + ("?lang=vi" if say.language == "vi" else ""))
