"""Rasa's own command line, quiet: `python -m rasa_ext.launch run …`."""

from __future__ import annotations

from rasa_ext.quiet import silence


def main() -> None:
    """Run Rasa with the arguments of this process."""
    silence()
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
