"""The windows that are open on the web, and the conversations that they show."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timezone
from typing import Any
from weakref import WeakValueDictionary

from socketio import AsyncServer
from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.answers import Answers, Content
from rasa_ext.channels.talk import RETRY_SECONDS, Talk, write
from rasa_ext.channels.web_session import Sessions, new_conversation_id
from xieshang.storage import current_store
from xieshang.storage.entries import Entries
from xieshang.storage.entry import Entry, History

logger = logging.getLogger(__name__)

# Between processes only: no window is told this.
ERASED_ELSEWHERE = "erased elsewhere"


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as the windows get it."""
    content = entry.content
    return {
        "sequence": entry.sequence,
        "id": entry.message_id,
        "from": entry.sender,
        "kind": content["kind"],
        "text": entry.text,
        "buttons": content.get("buttons") or [],
        "used": entry.used,
        "image": content.get("image") or "",
        "items": content.get("items") or [],
        "rank": content.get("rank") or 0,
        "count": content.get("count") or 0,
        "at": entry.said_at.astimezone(timezone.utc).isoformat(),
    }


@dataclass(eq=False)
class Visitor:
    """A window.

    Attributes:
        talk: the conversation that it shows.
        address: where it is.
        last: the highest sequence number that it has; told anew when other processes
            cannot be heard for a while.
        is_renewed: whether the conversation is another than the one it had.
        opened: set when it has been told its session, or is gone.
    """

    talk: Talk
    address: str
    last: int
    is_renewed: bool
    opened: asyncio.Event = field(default_factory=asyncio.Event)


class Visitors:
    """Every open window; the audience of the talks that they show.

    Args:
        sio: the Socket.IO server.
        sessions: signs the sessions.
        entries: where conversations are kept.
        answers: the bot.
    """

    def __init__(
        self,
        sio: AsyncServer,
        sessions: Sessions,
        entries: Entries,
        answers: Answers,
    ) -> None:
        self._sio = sio
        self._sessions = sessions
        self._entries = entries
        self._answers = answers
        self._visitors: dict[str, Visitor] = {}
        # A conversation stays as long as a window or its work refers to it.
        self._talks: WeakValueDictionary[str, Talk] = WeakValueDictionary()

    def _talk(self, conversation_id: str) -> Talk:
        talk = self._talks.get(conversation_id)
        if talk is None:
            talk = Talk(conversation_id, self._entries, self._answers, self)
            self._talks[conversation_id] = talk
        return talk

    async def kept(self, talk: Talk, message: Entry, pressed: int | None) -> None:
        """Show a message in every window; the buttons it is from are used now."""
        if pressed is not None:
            await self._sio.emit("used", {"sequence": pressed}, room=talk.id)
        await self._sio.emit("entry", shown(message), room=talk.id)

    async def typing(self, talk: Talk, is_on: bool) -> None:
        """Show in every window that the bot is thinking, or not any more."""
        await self._sio.emit("typing", {"on": is_on}, room=talk.id)

    async def answered(self, talk: Talk, said: Sequence[Entry]) -> None:
        """Show an answer in every window."""
        for entry in said:
            await self._sio.emit("entry", shown(entry), room=talk.id)

    def enter(self, sid: str, token: object, last: int, address: str) -> None:
        """A window connects; `open` must follow.

        Waits for nothing: a socket that is lost while its connection is being accepted
        is never told to be lost.

        Args:
            sid: the socket.
            token: what it says its session is.
            last: the highest sequence number that it has.
            address: where it is.
        """
        known = self._sessions.conversation_of(token)
        talk = self._talk(known or new_conversation_id())
        self._visitors[sid] = Visitor(talk, address, last, is_renewed=known is None)

    def leave(self, sid: str) -> None:
        """A window is gone."""
        visitor = self._visitors.pop(sid, None)
        if visitor:
            visitor.opened.set()

    async def at(self, sid: str) -> Visitor | None:
        """The visitor of a socket, once it is open; None when it is gone."""
        visitor = self._visitors.get(sid)
        if visitor:
            await visitor.opened.wait()
        return self._visitors.get(sid)

    async def open(self, sid: str) -> None:
        """Tell a window its session and what it has missed."""
        visitor = self._visitors.get(sid)
        while visitor and not visitor.opened.is_set():
            talk = visitor.talk
            try:
                async with talk.lock:
                    # The conversation may have been deleted while this waited.
                    if visitor.talk is talk:
                        await self._tell(sid, visitor)
                        visitor.opened.set()
            except (SQLAlchemyError, OSError) as error:
                logger.error("history not read yet: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
        if visitor:
            visitor.talk.wake()

    async def _tell(self, sid: str, visitor: Visitor) -> None:
        if not await self._join(sid, visitor):
            return
        history = await self._history(visitor)
        if visitor.last > history.sequence:
            # What it shows was deleted while it was away.
            await self._sio.leave_room(sid, visitor.talk.id)
            visitor.talk = self._talk(new_conversation_id())
            visitor.is_renewed = True
            history = History((), 0)
            if not await self._join(sid, visitor):
                return
        await self._welcome(sid, visitor, history)

    async def _join(self, sid: str, visitor: Visitor) -> bool:
        # Before the history is read: another process may tell the next entry just then.
        if self._visitors.get(sid) is not visitor:
            return False
        await self._sio.enter_room(sid, visitor.talk.id)
        return True

    async def _history(self, visitor: Visitor) -> History:
        return await asyncio.to_thread(
            self._entries.history, visitor.talk.id, visitor.last
        )

    async def _welcome(self, sid: str, visitor: Visitor, history: History) -> None:
        if self._visitors.get(sid) is not visitor:
            return
        talk = visitor.talk
        session = {
            "token": self._sessions.issue(talk.id),
            "conversation_renewed": visitor.is_renewed,
            "history": [shown(entry) for entry in history.entries],
            "sequence": history.sequence,
        }
        visitor.last = history.sequence
        await self._sio.emit("session", session, to=sid)
        if talk.is_answering:
            await self._sio.emit("typing", {"on": True}, to=sid)

    async def erased(
        self, talk: Talk, message: Entry, contents: Sequence[Content]
    ) -> None:
        """Every window of a conversation that was deleted gets a new one."""
        renewed = self._talk(new_conversation_id())
        await self._move(talk, renewed)
        # No window is left in the room here; other processes take this up.
        await self._sio.emit(ERASED_ELSEWHERE, renewed.id, room=talk.id)

    async def _move(self, talk: Talk, renewed: Talk) -> None:
        for sid, visitor in list(self._visitors.items()):
            if visitor.talk is not talk or sid not in self._visitors:
                continue
            visitor.talk, visitor.is_renewed, visitor.last = renewed, True, 0
            if visitor.opened.is_set():
                await self._sio.leave_room(sid, talk.id)
                await self._sio.emit("erased", {}, to=sid)
                try:
                    await self._tell(sid, visitor)
                except SQLAlchemyError:
                    # What another window may have said there since comes later.
                    await self._welcome(sid, visitor, History((), 0))
        try:
            # A message that was kept while the turn deleted everything.
            await write(current_store().delete, talk.id)
        except SQLAlchemyError as error:
            logger.error("remainder not deleted: %s", type(error).__name__)

    async def erased_elsewhere(self, conversation_id: str, renewed_id: str) -> None:
        """Another process deleted a conversation whose windows may be here too.

        Args:
            conversation_id: that was deleted.
            renewed_id: of the new one.
        """
        talk = self._talks.get(conversation_id)
        if talk:
            async with talk.lock:
                talk.end()
                await self._move(talk, self._talk(renewed_id))

    def told(self, conversation_id: str, sequence: int) -> None:
        """The windows of a conversation have been told an entry, by whichever process.

        Args:
            conversation_id: of the entry.
            sequence: its number.
        """
        for visitor in self._visitors.values():
            if visitor.talk.id == conversation_id:
                visitor.last = max(visitor.last, sequence)

    async def catch_up(self) -> None:
        """Tell every window what other processes said while they were not heard."""
        for sid, visitor in list(self._visitors.items()):
            if not visitor.opened.is_set():
                continue
            try:
                async with visitor.talk.lock:
                    visitor.is_renewed = False
                    await self._tell(sid, visitor)
            except (SQLAlchemyError, OSError) as error:
                # A window that comes back, or sees a gap, asks for it.
                logger.error("not caught up: %s", type(error).__name__)
