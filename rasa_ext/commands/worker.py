"""`make worker`: one Rasa process of several, without an action server of its own."""

from __future__ import annotations

import sys

from rasa_ext.commands.channels import channel_states
from rasa_ext.commands.serve import serve, start_rasa, usable_settings
from rasa_ext.commands.servers import Servers
from xieshang.settings import SettingError, Settings


def require_shared(settings: Settings) -> None:
    """Stop with one clear line when workers would not know of one another.

    Raises:
        SystemExit: something that they share is not set.
    """
    needs = {
        "XIESHANG_DATABASE_URL, a PostgreSQL": not settings.database_url.startswith(
            "sqlite"
        ),
        "XIESHANG_REDIS_URL": settings.redis_url,
        "XIESHANG_SECRET": settings.secret,
    }
    missing = [name for name, value in needs.items() if not value]
    if missing:
        sys.exit(f"Workers share what is not set: {'; '.join(missing)}.")


def main() -> None:
    """Entry point of `make worker`."""
    settings = usable_settings()
    require_shared(settings)
    try:
        channels = channel_states(settings)
    except SettingError as error:
        sys.exit(str(error))

    def begin(servers: Servers) -> None:
        start_rasa(servers, settings)

    address = f"A worker answers at {settings.local_url}"
    serve(settings, begin, [address, *(channel.line for channel in channels)])


if __name__ == "__main__":
    main()
