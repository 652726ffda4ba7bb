"""One worker and two behind nginx, on PostgreSQL and Redis of their own.

All of it runs on the same processors as the people who write: messages a second would
tell how these are shared out. What a worker needs for a message tells what it carries.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from benchmarks.figures import Scale
from benchmarks.load import People, Round, quantiles
from benchmarks.messages import CASE, talks
from benchmarks.systems import NO_LIMIT, cpu_seconds
from tests.services.cluster import TOKEN, Cluster
from tests.services.nginx_server import nginx_server
from tests.services.postgres_server import postgres_server
from tests.services.redis_server import redis_server

PEOPLE = 16
SERVICES = ("redis-server", "nginx")
LIMITS = {
    "XIESHANG_REST_PER_SENDER": str(NO_LIMIT),
    "XIESHANG_REST_PER_ADDRESS": str(NO_LIMIT),
}


def _services(postgres_port: int) -> list[psutil.Process]:
    """The processes of PostgreSQL, Redis and nginx that this one started."""
    children = psutil.Process().children(recursive=True)
    # PostgreSQL's leaves whoever started it.
    leaders = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres"
        and str(postgres_port) in process.info["cmdline"]
    ]
    return [
        *(process for process in children if process.name() in SERVICES),
        *leaders,
        *(process for leader in leaders for process in leader.children()),
    ]


def _used(processes: Iterable[psutil.Process]) -> dict[psutil.Process, float]:
    """The CPU seconds of each that still runs: PostgreSQL has some that come and go."""
    used = {}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            used[process] = cpu_seconds(process)
    return used


def _round(
    cluster: Cluster, postgres_port: int, folder: Path, count: int, seconds: float
) -> tuple[Round, float]:
    """What so many workers answer; CPU milliseconds of the services a message."""
    workers = [psutil.Process(worker.server_pid) for worker in cluster.workers[:count]]
    actions = psutil.Process(cluster.actions.server_pid)
    folder.mkdir()
    with nginx_server(folder, cluster.ports[:count]) as url:
        people = People(f"{url}/webhooks/rest/webhook", PEOPLE, TOKEN)
        people.talk(talks(CASE), 1)
        services = _used(_services(postgres_port))
        before = [cpu_seconds(*those) for those in (workers, [actions])]
        told = people.talk(talks(CASE), seconds)
        after = [cpu_seconds(*those) for those in (workers, [actions])]
        served = sum(now - services[one] for one, now in _used(services).items())
    told.cpu_seconds, told.action_seconds = (
        now - then for now, then in zip(after, before, strict=True)
    )
    return told, served / told.messages * 1000


def measure_workers(seconds: float, counts: Sequence[int] = (1, 2)) -> Scale:
    """Have people register through nginx.

    Args:
        seconds: how long talks are begun, for each number of workers.
        counts: numbers of workers.
    """
    with (
        tempfile.TemporaryDirectory() as name,
        postgres_server() as postgres,
        redis_server() as redis,
    ):
        folder = Path(name)
        # nginx gives up its rights when root starts it.
        folder.chmod(0o755)
        cluster = Cluster(folder, postgres.new_database(), redis.url, **LIMITS)
        try:
            found = {
                count: _round(
                    cluster, postgres.port, folder / f"nginx{count}", count, seconds
                )
                for count in counts
            }
        finally:
            cluster.stop()
    return Scale(
        {count: told.cpu_milliseconds for count, (told, _) in found.items()},
        {count: quantiles(told.later)[1] for count, (told, _) in found.items()},
        {count: told.rate for count, (told, _) in found.items()},
        {count: told.action_milliseconds for count, (told, _) in found.items()},
        {count: served for count, (_, served) in found.items()},
        sum(told.unanswered for told, _ in found.values()),
    )
