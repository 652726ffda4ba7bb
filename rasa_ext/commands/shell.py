"""`make shell`: the assistant in the terminal."""

from __future__ import annotations

import socket
import subprocess
import sys

from rasa_ext.commands.servers import Servers, require_data_dir, write_endpoints
from rasa_ext.commands.storage import prepare_database
from rasa_ext.commands.train import ensure_model
from xieshang.settings import ROOT, SettingError, read_settings


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Entry point of `make shell`: Rasa's own shell beside an action server."""
    try:
        settings = read_settings()
    except SettingError as error:
        sys.exit(str(error))
    require_data_dir(settings)
    prepare_database(settings)
    model = ensure_model()
    with Servers(settings) as servers:
        servers.start_actions()
        servers.wait_until_healthy()
        command = [sys.executable, "-m", "rasa_ext.launch", "shell", "--quiet"]
        command += [
            "--model",
            str(model),
            "--endpoints",
            str(write_endpoints(settings)),
        ]
        command += ["-i", "127.0.0.1", "-p", str(_free_port())]
        print("Starting, about 20 s. Type /stop to leave.", flush=True)
        try:
            subprocess.run(command, cwd=ROOT, check=False)
        except KeyboardInterrupt:
            print("\nStopped.")


if __name__ == "__main__":
    main()
