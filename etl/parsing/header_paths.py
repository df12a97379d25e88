"""The headings over each column, through merged cells or, where an export lost the merges, without them."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from etl.parsing.names import MOST_LETTERS, plain_key
from etl.reading.grid import Merge, Sheet, Value

Path = tuple[str, ...]
"""The headings over a column, outermost first, reduced to plain words."""

_NUMBERING = re.compile(r"^(?:\d+ )+|(?: \d+)+$|^\d+$")


def heading_key(text: str) -> str:
    """Reduce a heading to plain words without its number: "1. Tổng số (3)" is "tong so"."""
    return _heading_key(text[:MOST_LETTERS])


@lru_cache(maxsize=4096)
def _heading_key(text: str) -> str:
    return _NUMBERING.sub("", plain_key(text.replace("_", " ")))


def read_paths(sheet: Sheet, top: int, depth: int) -> Mapping[int, Path]:
    """Read the header's path over each column, through merges and, where nothing is merged, from the left."""
    rows = sheet.rows[top - 1 : top + depth - 1]
    width = max(map(len, rows), default=0)
    texts = tuple(tuple(map(_text, row)) + ("",) * (width - len(row)) for row in rows)
    merges = tuple(merge for merge in sheet.merges if top <= merge.top < top + depth)
    return _paths_below(texts, merges, top)


def _text(value: Value) -> str:
    return heading_key(value) if isinstance(value, str) else ""


@lru_cache(maxsize=512)
def _paths_below(rows: tuple[tuple[str, ...], ...], merges: tuple[Merge, ...], top: int) -> Mapping[int, Path]:
    """Give the path over each column; the headings of one form are the same in thousands of files."""
    texts = [list(row) for row in rows]
    _fill_merges(merges, texts, top)
    _fill_from_left(texts)
    paths: dict[int, Path] = {}
    for at in range(len(texts[0]) if texts else 0):
        levels = [level[at] for level in texts if level[at]]
        paths[at + 1] = tuple(key for i, key in enumerate(levels) if i == 0 or key != levels[i - 1])
    return paths


def _fill_merges(merges: Sequence[Merge], texts: list[list[str]], top: int) -> None:
    for merge in merges:
        first, last = max(merge.top, top), min(merge.bottom, top + len(texts) - 1)
        if first > last:
            continue
        for level in texts[first - top : last - top + 1]:
            for at in range(merge.left, min(merge.right, len(level)) + 1):
                level[at - 1] = level[at - 1] or texts[merge.top - top][merge.left - 1]


def _fill_from_left(texts: list[list[str]]) -> None:
    """Extend a heading to the right over blanks that have a heading of their own below, as exports to CSV need."""
    for depth, level in enumerate(texts[:-1]):
        for at in range(1, len(level)):
            has_lower = any(lower[at] for lower in texts[depth + 1 :])
            same_parent = all(upper[at] == upper[at - 1] for upper in texts[:depth])
            starts_group = any(lower[at - 1] for lower in texts[depth + 1 :])
            if not level[at] and level[at - 1] and has_lower and same_parent and starts_group:
                level[at] = level[at - 1]
