"""`make run`: database and model up to date, both servers started and stopped."""

from __future__ import annotations

import sys

from rasa_ext.commands.channels import channel_states
from rasa_ext.commands.serve import serve, start_rasa, usable_settings
from rasa_ext.commands.servers import Servers
from xieshang.settings import SettingError


def main() -> None:
    """Entry point of `make run`."""
    settings = usable_settings()
    try:
        channels = channel_states(settings)
    except SettingError as error:
        sys.exit(str(error))

    def begin(servers: Servers) -> None:
        start_rasa(servers, settings)
        servers.start_actions()

    address = f"协商助手 answers at {settings.local_url}/chat (Ctrl-C stops it)"
    serve(settings, begin, [address, *(channel.line for channel in channels)])


if __name__ == "__main__":
    main()
