"""`make rekey`: encrypt everything with the first of XIESHANG_ENCRYPTION_KEYS."""

from __future__ import annotations

import sys

from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.commands.storage import prepare_database, reason
from xieshang.settings import ENCRYPTION_KEYS, SettingError, read_settings
from xieshang.storage.keys import rekey


def main() -> None:
    """Entry point of `make rekey`."""
    try:
        settings = read_settings()
    except SettingError as error:
        sys.exit(str(error))
    if not settings.encryption_keys:
        sys.exit(f"{ENCRYPTION_KEYS} is not set: there is no key to encrypt with.")
    engine = prepare_database(settings)
    try:
        count = rekey(engine)
    except SQLAlchemyError as error:
        sys.exit(f"Not everything is encrypted anew: {reason(error)}. Run it again.")
    print(f"Encrypted {count} rows with the first key; no other one is needed now.")


if __name__ == "__main__":
    main()
