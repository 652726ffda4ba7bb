"""Fuzzed requests over all routes: no answer is an error of the server."""

from __future__ import annotations

from tests.faults.fuzz import MOST_GROWTH, fuzzed
from tests.faults.speakers import Everywhere

REQUESTS = 2_000


def test_no_request_breaks_the_server(place: Everywhere) -> None:
    told = fuzzed(place, REQUESTS)
    seen = told.statuses
    assert min(seen[200], seen[400], seen[404]) > REQUESTS / 100
    assert seen[0] < REQUESTS / 100
    assert told.commands == []
    assert told.growth < MOST_GROWTH
