"""Tables for the terminal: columns that line up whatever the letters are made of."""

import unicodedata
from collections.abc import Sequence

HEAD_WIDTH = 11  # letters of a heading before its next word goes below


def lay_out(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay a table out in columns, the first to the left, long headings broken into words below each other."""
    words = [_broken(head, HEAD_WIDTH) for head in heads]
    height = max(map(len, words))
    columns = [[""] * (height - len(broken)) + broken for broken in words]
    table = [*zip(*columns, strict=True), *rows]
    widths = [max(_width(line[i]) for line in table) for i in range(len(heads))]
    laid = [
        [padded(cell, width, left=i == 0) for i, (cell, width) in enumerate(zip(line, widths, strict=True))]
        for line in table
    ]
    rule = "─" * (sum(widths) + 2 * len(widths) - 2)
    return [*("  ".join(line) for line in laid[:height]), rule, *("  ".join(line) for line in laid[height:])]


def padded(text: str, width: int, *, left: bool = True) -> str:
    """Fill a text up with spaces; `left`: the text stands at the left."""
    space = " " * max(0, width - _width(text))
    return text + space if left else space + text


def _broken(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and _width(f"{lines[-1]} {word}") > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _width(text: str) -> int:
    return sum(not unicodedata.combining(c) for c in text)
