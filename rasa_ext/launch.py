"""Rasa's own command line, quiet: `python -m rasa_ext.launch run …`.

Sanic turns deprecation warnings on when it is imported, whatever PYTHONWARNINGS says:
it is imported first and overruled, since none of them is for a user of the assistant.
"""

from __future__ import annotations

import warnings

import sanic  # noqa: F401 (for what its import does to the warnings)


def main() -> None:
    """Run Rasa with the arguments of this process."""
    warnings.simplefilter("ignore")
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
