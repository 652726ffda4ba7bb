"""What Rasa does anew at each turn, done once: replies and events stay the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from graphlib import TopologicalSorter
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import ujson
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import (
    ACTION_VALIDATE_SLOT_MAPPINGS,
    DEFAULT_SLOT_NAMES,
    MAPPING_TYPE,
    SlotMappingType,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig

_FILLS = "_fills_slots"
# The action server closes a connection that is idle for 5 s: it must not be met then.
IDLE_SECONDS = 2.0


class SequentialRunner(DaskGraphRunner):
    """Runs the nodes of a model one after the other, as Dask does with them anyhow."""

    def run(
        self,
        inputs: dict[str, Any] | None = None,
        targets: list[str] | None = None,
    ) -> dict[str, Any]:
        """Run what the targets need.

        Args:
            inputs: values by the names that nodes ask for.
            targets: nodes whose outputs are wanted; those of the schema by default.

        Returns:
            The outputs by target.

        Raises:
            GraphRunError: a node has no input, or failed.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        known = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, node, needs in self._steps(wanted):
                if name not in known:
                    # A node whose input is missing is given its name, and says so.
                    known[name] = node(*(known.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return dict(known[target] for target in wanted)

    def _steps(self, targets: Sequence[str]) -> list[tuple[str, GraphNode, list[str]]]:
        planned: dict[Sequence[str], Any] = self.__dict__.setdefault("_planned", {})
        if targets not in planned:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            needs = {name: list(node.needs.values()) for name, node in nodes.items()}
            planned[targets] = [
                (name, self._instantiated_nodes[name], needs[name])
                for name in TopologicalSorter(needs).static_order()
                if name in nodes
            ]
        return list(planned[targets])


@cache
def _answer_schemas() -> tuple[Draft202012Validator, dict[str, Draft202012Validator]]:
    """The schema of an answer without its events, and that of each kind of event."""
    schema = RemoteAction.action_response_format_spec()
    events = schema["properties"]["events"]
    items = dict(events["items"])
    kinds = {
        kind["properties"]["event"]["const"]: Draft202012Validator(kind)
        for kind in items.pop("oneOf")
    }
    properties = {**schema["properties"], "events": {**events, "items": items}}
    return Draft202012Validator({**schema, "properties": properties}), kinds


def is_valid_answer(answer: Any) -> bool:
    """Whether an answer of the action server is one that Rasa takes.

    Rasa checks its own schema at each answer before it looks at the answer, and each
    event against every kind there is.

    Args:
        answer: what the JSON says.
    """
    whole, kinds = _answer_schemas()
    if not whole.is_valid(answer):
        return False
    return all(
        event["event"] in kinds and kinds[event["event"]].is_valid(event)
        for event in answer.get("events", ())
    )


@cache
def event_classes() -> dict[str, type[Event]]:
    """The kinds of events by their names; Rasa looks for one through all of them."""
    return {kind.type_name: kind for kind in reversed(all_subclasses(Event))}


def fills_slots(domain: Domain) -> bool:
    """Whether Rasa itself may set slots from a message, by the domain's mappings.

    Args:
        domain: in ours an action sets each one; Rasa asks every slot at each message.
    """
    # Not by the domain, whose hash is that of its whole text.
    known = domain.__dict__.get(_FILLS)
    if known is None:
        known = domain.__dict__[_FILLS] = (
            ACTION_VALIDATE_SLOT_MAPPINGS in domain.user_actions
            or any(
                mapping[MAPPING_TYPE] != str(SlotMappingType.CUSTOM)
                or mapping.get("action")
                for slot in domain.slots
                if slot.name not in DEFAULT_SLOT_NAMES
                for mapping in slot.mappings
            )
        )
    return bool(known)


_connectors: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.TCPConnector] = (
    WeakKeyDictionary()
)


def kept_session(endpoint: EndpointConfig) -> aiohttp.ClientSession:
    """A session whose connections stay open for the next one.

    Args:
        endpoint: whose headers and password it sends.
    """
    loop = asyncio.get_running_loop()
    if loop not in _connectors:
        _connectors[loop] = aiohttp.TCPConnector(keepalive_timeout=IDLE_SECONDS)
    auth = endpoint.basic_auth
    return aiohttp.ClientSession(
        connector=_connectors[loop],
        connector_owner=False,
        headers=endpoint.headers,
        auth=aiohttp.BasicAuth(auth["username"], auth["password"]) if auth else None,
        timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
        json_serialize=ujson.dumps,
    )
