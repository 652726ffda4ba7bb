"""What the commands do with the database: bring it up to date, purge it daily."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from xieshang.clock import now
from xieshang.settings import SettingError, Settings
from xieshang.storage.database import migrate, open_database
from xieshang.storage.keys import admit_keys
from xieshang.storage.retention import purge_outdated

DAY_SECONDS = 86_400


def prepare_database(settings: Settings) -> Engine:
    """Open the database of the settings, its tables up to date.

    Raises:
        SystemExit: it cannot be used. The address stays unsaid: it can hold a password.
    """
    try:
        engine = open_database(settings.database_url)
        migrate(engine)
        admit_keys(engine)
    except SettingError as error:
        sys.exit(str(error))
    except (OSError, SQLAlchemyError, ImportError) as error:
        sys.exit(
            f"The database cannot be used ({reason(error)}). "
            "See XIESHANG_DATABASE_URL and XIESHANG_DATA_DIR."
        )
    return engine


def reason(error: Exception) -> str:
    """One line that says what failed, without statement and values."""
    # SQLAlchemy's own text is several lines with the statement: the driver's is enough.
    cause = getattr(error, "orig", None)
    first, *_ = str(cause or type(error).__name__).strip().split("\n")
    return first


class DailyPurge:
    """Purges when it is called, at most once a day; a failure is told, not raised."""

    def __init__(
        self,
        engine: Engine,
        retention_days: int,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Purge nothing yet.

        Args:
            engine: from `prepare_database`.
            retention_days: how long things are kept.
            seconds: a clock that only goes forward.
        """
        self._engine = engine
        self._retention_days = retention_days
        self._seconds = seconds
        self._next = seconds()

    def __call__(self) -> None:
        """Purge if a day has passed since the last time."""
        if self._seconds() < self._next:
            return
        self._next = self._seconds() + DAY_SECONDS
        try:
            purge_outdated(self._engine, now(), self._retention_days)
        except SQLAlchemyError as error:
            print(
                f"Not purged today: {reason(error)}. `make purge` tries again.",
                file=sys.stderr,
                flush=True,
            )
