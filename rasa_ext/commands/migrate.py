"""`make migrate`: the tables up to date, as every server brings them at its start."""

from __future__ import annotations

import sys

from rasa_ext.commands.storage import prepare_database
from xieshang.settings import SettingError, read_settings


def main() -> None:
    """Entry point of `make migrate`."""
    try:
        settings = read_settings()
    except SettingError as error:
        sys.exit(str(error))
    prepare_database(settings)
    print("The tables are up to date.")


if __name__ == "__main__":
    main()
