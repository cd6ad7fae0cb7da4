"""Makes a failing world small: many candidates in one build, each under tenants of its own."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Judge = Callable[[list[list[T]]], list[bool]]


def shrink(items: Sequence[T], fails: Judge[T], width: int = 24) -> list[T]:
    """A part of `items` that still fails and from which no single item can be taken away.

    `fails` tells for each of many candidates whether it fails; a call is dear, a candidate cheap.
    """
    rest = list(items)
    size = -(-len(rest) // width)
    while rest:
        pieces = [rest[start : start + size] for start in range(0, len(rest), size)]
        verdicts = fails([without(pieces, {index}) for index in range(len(pieces))])
        loose = [index for index, failed in enumerate(verdicts) if failed]
        if loose:
            candidates = [without(pieces, set(loose[:count])) for count in range(2, len(loose) + 1)]
            together = fails(candidates) if candidates else []
            kept = [one for one, failed in zip(candidates, together, strict=True) if failed]
            rest = min([without(pieces, {loose[0]}), *kept], key=len)
        elif size == 1:
            return rest
        size = min(max(1, size // 2) if not loose else size, max(1, -(-len(rest) // 4)))
    return rest


def without(pieces: Sequence[Sequence[T]], left_out: set[int]) -> list[T]:
    """All items but those of some pieces."""
    return [item for index, piece in enumerate(pieces) if index not in left_out for item in piece]
