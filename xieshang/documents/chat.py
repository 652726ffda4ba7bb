"""The plan in messages that a phone can show and copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from xieshang.documents.plan import ActionPlan, Block

LONGEST = 200
COPYABLE = ("speech", "form")
COMMA, COLON, PAUSES = "、", "：", "，。；、"
# A lender's name is no markup of ours, whatever the channel makes of it.
MARKUP = str.maketrans("*`<>[]", "＊＇＜＞［］")


def chat_section(plan: ActionPlan, section: str) -> list[str]:
    """A section in messages, each of 200 characters at most.

    What is to be said or copied stands in messages of its own. Lines of a list begin
    with "- " or "1. "; nothing else is markup.

    Args:
        plan: the plan.
        section: one of `SECTIONS`.

    Raises:
        KeyError: no such section.
    """
    chosen = plan.section(section)
    messages: list[str] = list(plan.urgent) if section == "summary" else []
    lines = [f"{chosen.title}{COLON}"]
    for copyable, run in groupby(chosen.blocks, lambda block: block.kind in COPYABLE):
        if not copyable:
            for block in run:
                lines += _lines(block)
            continue
        blocks = list(run)
        titles = COMMA.join(block.title for block in blocks if block.title)
        messages += _pack([*lines, f"{titles}{COLON}"] if titles else lines)
        lines = []
        for block in blocks:
            messages += _pack(_copyable(block))
    return [message.translate(MARKUP) for message in (*messages, *_pack(lines))]


def _lines(block: Block) -> Iterator[str]:
    if block.title:
        yield f"{block.title.rstrip(COLON)}{COLON}"
    if block.kind == "table":
        yield from (_table_row(block.head, row) for row in block.rows)
    elif block.kind == "facts":
        yield from (COLON.join(row) for row in block.rows)
    elif block.kind == "checks" and block.rows:
        for line, (state,) in zip(block.lines, block.rows, strict=True):
            yield f"- {line}（{state}）"
    elif block.kind in ("list", "checks"):
        yield from (f"- {line}" for line in block.lines)
    elif block.kind == "steps":
        yield from (f"{place}. {line}" for place, line in enumerate(block.lines, 1))
    else:
        yield from block.lines


def _table_row(head: tuple[str, ...], row: tuple[str, ...]) -> str:
    """The first cell names the row, the last one judges it."""
    middle = zip(head[1:-1], row[1:-1], strict=True)
    told = [f"{name} {cell}" for name, cell in middle]
    return f"{row[0]}{COLON}{'，'.join([*told, row[-1]])}"


def _copyable(block: Block) -> Iterable[str]:
    if block.kind == "form":
        return [f"{name}{COLON}" for name in block.head]
    return block.lines


def _pack(lines: Iterable[str]) -> list[str]:
    """Lines in as few messages as hold them; no heading at a message's end."""
    messages: list[list[str]] = [[]]
    for line in (part for whole in lines for part in _cut(whole)):
        current = messages[-1]
        if sum(len(one) + 1 for one in current) + len(line) > LONGEST:
            heading = [current.pop()] if current[-1].endswith(COLON) else []
            messages.append(heading)
        messages[-1].append(line)
    return ["\n".join(message) for message in messages if message]


def _cut(line: str) -> Iterator[str]:
    """A line in parts that fit, cut after a pause where there is one."""
    while len(line) > LONGEST:
        pause = max(line.rfind(mark, 0, LONGEST) for mark in PAUSES)
        end = pause + 1 if pause > 0 else LONGEST
        yield line[:end]
        line = line[end:]
    yield line
