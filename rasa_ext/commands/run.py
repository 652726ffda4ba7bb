"""`make run`: database and model up to date, both servers started and stopped."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from rasa_ext.commands.channels import channel_states
from rasa_ext.commands.servers import Servers, require_data_dir, write_endpoints
from rasa_ext.commands.storage import DailyPurge, prepare_database
from rasa_ext.commands.train import ensure_model
from rasa_ext.commands.widget import ensure_widget
from xieshang.clock import today
from xieshang.settings import SettingError, read_settings


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point of `make run`."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        settings = read_settings()
        today()  # a wrong XIESHANG_TODAY is told now
        channels = channel_states(settings)
    except SettingError as error:
        sys.exit(str(error))
    require_data_dir(settings)
    try:
        purge = DailyPurge(prepare_database(settings), settings.retention_days)
        purge()
        model = ensure_model()
        ensure_widget()
        with Servers(settings) as servers:
            servers.start_actions()
            servers.start_rasa(model, write_endpoints(settings))
            print("Starting ...", flush=True)
            servers.wait_until_healthy()
            print(
                f"协商助手 answers at {settings.local_url}/chat (Ctrl-C stops it)",
                flush=True,
            )
            for channel in channels:
                print(channel.line, flush=True)
            servers.watch(purge)
    except KeyboardInterrupt:
        print("\nStopped.")


if __name__ == "__main__":
    main()
