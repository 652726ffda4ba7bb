"""Rasa's own command line, quiet: `python -m rasa_ext.launch run …`."""

from __future__ import annotations

import sys

from rasa_ext.no_tensorflow import leave_tensorflow_out
from rasa_ext.quiet import silence


def main() -> None:
    """Run Rasa with the arguments of this process; what fails is one clear line."""
    silence()
    leave_tensorflow_out()
    from rasa.__main__ import main as rasa_main

    from rasa_ext.observation import observe_server
    from rasa_ext.patches import install

    install()
    if sys.argv[1:2] == ["run"]:
        observe_server()
    try:
        rasa_main()
    except Exception as error:
        sys.exit(" ".join(f"{type(error).__name__}: {error}".split()))


if __name__ == "__main__":
    main()
