"""`make purge`: delete what is older than the retention (`make run` does it daily)."""

from __future__ import annotations

import sys

from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.commands.storage import prepare_database, reason
from xieshang.clock import now
from xieshang.settings import SettingError, read_settings
from xieshang.storage.retention import purge_outdated


def main() -> None:
    """Entry point of `make purge`."""
    try:
        settings = read_settings()
        moment = now()
    except SettingError as error:
        sys.exit(str(error))
    engine = prepare_database(settings)
    try:
        purged = purge_outdated(engine, moment, settings.retention_days)
    except SQLAlchemyError as error:
        sys.exit(f"Not everything is purged: {reason(error)}. Run it again.")
    print(
        f"Deleted what was untouched for {settings.retention_days} days: "
        f"{purged.cases} cases, {purged.conversations} conversations."
    )


if __name__ == "__main__":
    main()
