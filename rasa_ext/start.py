"""The agent that a server starts with: whole, or the server does not start.

Rasa starts without the model when it cannot be loaded, and with conversations in memory
when their store cannot be imported; it then drops each message or forgets each case.
"""

from __future__ import annotations

import os
import sys
from asyncio import AbstractEventLoop
from typing import Any, NoReturn

from rasa.core.agent import Agent, load_agent
from rasa.core.channels.channel import UserMessage
from rasa.core.utils import AvailableEndpoints
from rasa.shared.utils.common import class_from_module_path
from sanic import Sanic

from rasa_ext.discreet import keep_words_out_of_logs
from xieshang.knowledge import current_knowledge
from xieshang.settings import SettingError

STORES = ("tracker_store", "lock_store")


async def load_or_stop(
    model_path: str | None,
    endpoints: AvailableEndpoints,
    remote_storage: str | None,
    app: Sanic,
    loop: AbstractEventLoop,
) -> Agent:
    """Load stores and model, or end this process with one line that says why.

    Args:
        model_path: file of the model, or the folder with the newest one.
        endpoints: what endpoints.yml says.
        remote_storage: not served: a model comes from this machine.
        app: gets the agent, as Rasa's routes expect it.
        loop: the server's.
    """
    for name in STORES:
        _require_importable(name, getattr(endpoints, name, None))
    try:
        agent = await load_agent(endpoints=endpoints, loop=loop)
    except SettingError as error:
        _stop(str(error))
    except Exception as error:
        if isinstance(error.__cause__, SettingError):
            _stop(str(error.__cause__))
        # Its text can hold the address of the database, and that a password.
        kind = type(error.__cause__ or error).__name__
        _stop(f"A store of endpoints.yml cannot be used ({kind}): see its settings.")
    try:
        agent.load_model(model_path)
    except Exception as error:
        _stop(f"The model {model_path} cannot be loaded ({_line(error)}).")
    await warm_up(agent)
    app.ctx.agent = agent
    keep_words_out_of_logs()
    return agent


async def warm_up(agent: Agent) -> None:
    """Load what the first sentence and the first date would wait for.

    The words take a second; the reader of dates longer than a turn may take on a busy
    machine, so that it would be told as busy.

    Args:
        agent: with its model.
    """
    sentence = current_knowledge().phrase("warm_up")
    await agent.processor.parse_message(UserMessage(sentence))


def _require_importable(name: str, endpoint: Any) -> None:
    kind = endpoint.type if endpoint else None
    if not kind or "." not in kind:
        return
    try:
        class_from_module_path(kind)
    except Exception as error:
        _stop(f"{name} {kind} of endpoints.yml cannot be imported ({_line(error)}).")


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _stop(why: str) -> NoReturn:
    # Sanic would say it in a traceback of its own, before anything is served.
    print(why, file=sys.stderr, flush=True)
    os._exit(1)
