"""`make actions`: one action server, for the workers of this or other machines."""

from __future__ import annotations

from rasa_ext.commands.serve import serve, usable_settings
from rasa_ext.commands.servers import Servers


def main() -> None:
    """Entry point of `make actions`."""
    settings = usable_settings()
    address = f"The actions answer at {settings.local_actions_url}"
    serve(settings, Servers.start_actions, [address])


if __name__ == "__main__":
    main()
