"""Proofs that a person says are there."""

from __future__ import annotations

import pytest

from xieshang.case.proofs import told_proofs

SHOWN = (
    "解除劳动合同的书面材料或离职证明",
    "领取失业保险金的记录",
    "工资停发前后的银行流水",
    "每月收支表",
    "最近的银行或支付宝收支流水",
    "一页困难说明（写清原因和每月能还多少）",
)


@pytest.mark.parametrize(
    ("said", "ranks"),
    [
        ("1、3", (1, 3)),
        ("1 4 6都有", (1, 4, 6)),
        ("离职证明，银行流水", (1, 3)),
        ("我有离职证明和收支表", (1, 4)),
        ("离职证明没有，失业保险金的记录有", (2,)),
        ("没有离职证明，但有劳动合同", (1,)),
        ("公司不给开离职证明", ()),
        ("困难说明写好了", (6,)),
        ("证明都有", ()),
        ("9", ()),
        ("", ()),
    ],
)
def test_told_by_number_or_by_name(said: str, ranks: tuple[int, ...]) -> None:
    assert told_proofs(said, SHOWN) == tuple(SHOWN[rank - 1] for rank in ranks)
