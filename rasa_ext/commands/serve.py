"""What serves, whichever servers it is: prepared, started, watched and stopped."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from rasa_ext.commands.servers import Servers, require_data_dir, write_endpoints
from rasa_ext.commands.storage import DailyPurge, prepare_database
from rasa_ext.commands.train import ensure_model
from rasa_ext.commands.widget import ensure_widget
from xieshang.clock import today
from xieshang.settings import SettingError, Settings, read_settings


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def usable_settings() -> Settings:
    """The settings of a server.

    Raises:
        SystemExit: one of them cannot be used.
    """
    try:
        today()  # a wrong XIESHANG_TODAY is told now
        return read_settings()
    except SettingError as error:
        sys.exit(str(error))


def start_rasa(servers: Servers, settings: Settings) -> None:
    """Start Rasa with a model of the present data and the widget."""
    model = ensure_model()
    ensure_widget()
    servers.start_rasa(model, write_endpoints(settings))


def serve(
    settings: Settings, begin: Callable[[Servers], None], ready: Sequence[str]
) -> None:
    """Return when stopped by Ctrl-C or SIGTERM.

    Args:
        settings: from `usable_settings`.
        begin: starts the servers.
        ready: what is said when they answer.

    Raises:
        SystemExit: something cannot be used, or a server ended; the text says which.
    """
    signal.signal(signal.SIGTERM, _stop)
    require_data_dir(settings)
    try:
        purge = DailyPurge(prepare_database(settings), settings.retention_days)
        purge()
        with Servers(settings) as servers:
            begin(servers)
            print("Starting ...", flush=True)
            servers.wait_until_healthy()
            for line in ready:
                print(line, flush=True)
            servers.watch(purge)
    except KeyboardInterrupt:
        print("\nStopped.")
