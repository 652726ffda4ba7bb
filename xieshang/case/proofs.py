"""Which of the proofs that are shown a person has: told by number or by name."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"\d+")
_CLAUSE = re.compile(r"[，,。；;、！!\s]+|但是?|不过")
_LACKS = re.compile(r"没有?(?!问题)|缺|拿不到|开不[了到出]|不给")
# What two proofs have in common names neither: 的书面材料, 银行或支付宝.
_JOINT = re.compile(r"[的或和（）、]")
# Characters in a row that name a proof: 离职证明 and 收支表 do, 证明 does not.
NAMING = 3


def told_proofs(statement: str, proofs: Sequence[str]) -> tuple[str, ...]:
    """The proofs that a statement says are there.

    Args:
        statement: the answer to which of them there are.
        proofs: as they are shown, numbered from 1.
    """
    clauses = [one for one in _CLAUSE.split(statement) if not _LACKS.search(one)]
    ranks = {int(number) for one in clauses for number in _NUMBER.findall(one)}
    return tuple(
        proof
        for rank, proof in enumerate(proofs, start=1)
        if rank in ranks or any(_is_named(proof, one) for one in clauses)
    )


def _is_named(proof: str, clause: str) -> bool:
    return any(
        part[place : place + NAMING] in clause
        for part in _JOINT.split(proof)
        for place in range(len(part) - NAMING + 1)
    )
