"""Date and time: the only place that asks a clock, so that tests can set it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from xieshang.settings import SettingError

TIME_ZONE = ZoneInfo("Asia/Shanghai")
VARIABLE = "XIESHANG_TODAY"


def today(environment: Mapping[str, str] | None = None) -> date:
    """The date in China, or the one that XIESHANG_TODAY sets (2026-11-23).

    Args:
        environment: the variables to read; the process's own by default.

    Raises:
        SettingError: XIESHANG_TODAY is no ISO date.
    """
    value = (os.environ if environment is None else environment).get(VARIABLE)
    if not value:
        return datetime.now(TIME_ZONE).date()
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise SettingError(
            f"{VARIABLE}={value!r} is no date: give one like 2026-11-23"
        ) from error


def now(environment: Mapping[str, str] | None = None) -> datetime:
    """The time in China, on the day that `today` gives.

    Args:
        environment: the variables to read; the process's own by default.

    Raises:
        SettingError: XIESHANG_TODAY is no ISO date.
    """
    moment = datetime.now(TIME_ZONE)
    env = os.environ if environment is None else environment
    if not env.get(VARIABLE):
        return moment
    return datetime.combine(today(env), moment.timetz())
