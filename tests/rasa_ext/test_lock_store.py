"""Within a process: one turn of a conversation at a time, in the order they came."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest

from rasa_ext.stores.lock import ConversationLocks


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ConversationLocks:
    monkeypatch.delenv("XIESHANG_REDIS_URL", raising=False)
    return ConversationLocks()


async def test_turns_of_a_conversation_follow_one_another(
    locks: ConversationLocks,
) -> None:
    told: list[str] = []

    async def turn(number: int) -> None:
        async with locks.lock("test:a"):
            told.append(f"{number} begins")
            await asyncio.sleep(0)
            told.append(f"{number} ends")

    await asyncio.gather(*(turn(number) for number in range(50)))
    assert told == [
        f"{number} {what}" for number in range(50) for what in ("begins", "ends")
    ]


async def test_other_conversations_do_not_wait(locks: ConversationLocks) -> None:
    async with locks.lock("test:a"), locks.lock("test:b"):
        waiting = asyncio.ensure_future(locks.lock("test:a").__aenter__())
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        waiting.cancel()


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError])
async def test_a_turn_that_fails_gives_the_lock_back(
    locks: ConversationLocks, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        async with locks.lock("test:a"):
            raise error
    async with locks.lock("test:a"):
        pass


async def test_a_lock_that_nobody_uses_is_forgotten(locks: ConversationLocks) -> None:
    for number in range(100):
        async with locks.lock(f"test:{number}"):
            pass
    gc.collect()
    assert not locks._locks._here
