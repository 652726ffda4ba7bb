"""A line to a server that breaks as the telephone's does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any


class Line:
    """A telephone line to a server, that can be cut in the middle of anything."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._ends: set[asyncio.StreamWriter] = set()
        self.cuts = 0
        # Nobody can connect.
        self.is_dead = False

    async def open(self) -> str:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _join(
        self, here: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        if self.is_dead:
            back.transport.abort()
            return
        there, forth = await asyncio.open_connection("127.0.0.1", self._target)
        ends = {back, forth}
        self._ends |= ends
        try:
            await asyncio.gather(self._carry(here, forth), self._carry(there, back))
        except OSError:
            pass
        finally:
            self._ends -= ends
            for end in ends:
                end.close()

    @staticmethod
    async def _carry(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            to.write(data)
            await to.drain()
        to.close()

    def cut(self) -> None:
        """Drop what is on its way: no side is told goodbye."""
        self.cuts += 1
        for end in list(self._ends):
            end.transport.abort()

    async def close(self) -> None:
        self.cut()
        self._server.close()


class LineBeside:
    """A line for a test that has no event loop: in a thread of its own.

    Args:
        port: of the server.

    Attributes:
        address: where the server is to be had over the line.
    """

    def __init__(self, port: int) -> None:
        self._line = Line(port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.address = ""

    def __enter__(self) -> LineBeside:
        self._thread.start()
        self.address = self._run(self._line.open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._line.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, task: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result()

    def _do(self, act: Callable[[], None]) -> None:
        async def do() -> None:
            act()

        self._run(do())

    def cut(self) -> None:
        """Drop what is on its way; a new connection can be made."""
        self._do(self._line.cut)

    def lose(self) -> None:
        """Drop what is on its way, and let nobody connect."""
        self._line.is_dead = True
        self.cut()

    def mend(self) -> None:
        """Let everybody connect again."""
        self._line.is_dead = False
