"""`make run`: train when needed, start both servers, stop both together."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from rasa_ext.commands.servers import Servers, require_data_dir, write_endpoints
from rasa_ext.commands.train import ensure_model
from xieshang.settings import SettingError, read_settings


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point of `make run`."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        settings = read_settings()
    except SettingError as error:
        sys.exit(str(error))
    require_data_dir(settings)
    try:
        model = ensure_model()
        with Servers(settings) as servers:
            servers.start_actions()
            servers.start_rasa(model, write_endpoints(settings))
            print("Starting ...", flush=True)
            servers.wait_until_healthy()
            print(
                f"协商助手 answers at {settings.local_url}/webhooks/rest/webhook "
                "(Ctrl-C stops it)",
                flush=True,
            )
            servers.watch()
    except KeyboardInterrupt:
        print("\nStopped.")


if __name__ == "__main__":
    main()
