"""Rasa's own command line without anything of ours in the way of a turn.

`python -m benchmarks.plain run …`: components of ours put the patches in when they are
imported; here they do not, and TensorFlow is loaded as Rasa does it.
"""

from __future__ import annotations

import os


def main() -> None:
    """Run Rasa with the arguments of this process."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    from rasa_ext import patches

    patches.install = lambda: None
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
