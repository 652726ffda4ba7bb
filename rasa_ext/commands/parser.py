"""The understanding part of the model, as the commands use it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from rasa_ext.quiet import import_rasa_quietly


class Parser:
    """Parses sentences with a trained model, without servers."""

    def __init__(self, model: Path) -> None:
        import_rasa_quietly()
        from rasa.core.agent import Agent

        self._agent = Agent.load(str(model))
        self._loop = asyncio.new_event_loop()

    def parse(self, text: str) -> dict[str, Any]:
        """Intent, ranking and entities of a sentence, as Rasa gives them."""
        return self._loop.run_until_complete(self._agent.parse_message(text))
