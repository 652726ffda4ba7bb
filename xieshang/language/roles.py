"""What a sum of money is for, told by the words around it (花呗9800, 每期还980)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xieshang.language.amounts import Amount
from xieshang.language.role_rules import (
    BALANCES,
    INCOME,
    PAYMENT,
    PURPOSES,
    Cue,
    Progress,
    Scene,
    decide,
)
from xieshang.language.words import Word

_OF = re.compile(r"(?:块钱?|元|多|左右)*的")
_END_OF_PART = re.compile(r"[，。、；;,！？!?\s]|$")
_NEVER_BEHIND = frozenset({"monthly", "give", "debt", "left", "former"})


class RoleReader:
    """Tells the roles of sums.

    Args:
        words: role, or kind of word (debt, left, monthly, give, former, none) → words.
    """

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._kinds = {
            word: kind for kind, listed in words.items() for word in map(str, listed)
        }
        ordered = sorted(self._kinds, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def read(
        self, text: str, amounts: Sequence[Amount], words: Sequence[Word], plans: bool
    ) -> list[str | None]:
        """The role of each sum, None where it has none.

        Args:
            text: a folded sentence.
            amounts: the sums in it, in order.
            words: the products in it.
            plans: whether it speaks of instalments or of a lower payment.
        """
        if not amounts:
            return []
        cues = self._cues(text, words)
        progress = Progress()
        roles: list[str | None] = []
        begin = 0
        ends = [*(amount.start for amount in amounts[1:]), len(text)]
        for amount, end in zip(amounts, ends, strict=True):
            behind, sure, used = _behind(text, amount, end, cues)
            ahead = [cue for cue in cues if begin <= cue.start]
            scene = Scene(text, amount, begin, end, ahead, plans)
            for cue in scene.cues:
                if cue.kind in BALANCES:
                    progress.product = cue.kind
            role = behind if sure else _role(scene, progress, behind)
            progress.role = None if role == "none" else role
            if progress.role in BALANCES:
                progress.settled.add(progress.role)
            roles.append(progress.role)
            begin = used
        return roles

    def _cues(self, text: str, words: Sequence[Word]) -> list[Cue]:
        products = [
            Cue(f"{word.value}_balance", word.start, word.end, "")
            for word in words
            if word.entity == "product"
        ]
        others = [
            Cue(self._kinds[match.group()], *match.span(), match.group())
            for match in self._pattern.finditer(text)
            if not any(
                match.start() < one.end and one.start < match.end() for one in products
            )
        ]
        return sorted([*products, *others], key=lambda cue: cue.start)


def _behind(
    text: str, amount: Amount, end: int, cues: Sequence[Cue]
) -> tuple[str | None, bool, int]:
    """The kind of the word behind, whether it is sure, and where the find ends.

    五千二的工资 is sure; 欠3000花呗 holds only when nothing before says otherwise.
    """
    of = _OF.match(text, amount.end)
    place = of.end() if of else amount.end
    following = [cue for cue in cues if cue.start == place and cue.end <= end]
    if not following or following[0].kind in _NEVER_BEHIND:
        return None, False, amount.end
    cue = following[0]
    after = [other for other in cues if other.start == cue.end]
    if after and after[0].kind == PAYMENT and cue.kind not in PURPOSES:
        cue = after[0]
    if of:
        return cue.kind, True, cue.end
    if cue.kind != "none" and _END_OF_PART.match(text, cue.end):
        return cue.kind, False, cue.end
    return None, False, amount.end


def _role(scene: Scene, progress: Progress, behind: str | None) -> str | None:
    role = decide(scene, progress)
    former, progress.former_role = progress.former_role, None
    if former and scene.follows_a_former_one():
        return role if role in PURPOSES else former
    if role is None and not any(cue.kind == "none" for cue in scene.near):
        role = behind
    if scene.is_former(role):
        monthly = INCOME if scene.has_month else None
        progress.former_role = role or monthly
        return None
    return role
