"""What the reader of workbooks does not tell of an old .xls: error values, hidden rows and columns.

*Source*: [MS-CFB] for the compound file, [MS-XLS] for the records. Imports nothing but the standard library, for
it runs in the child (`etl/workbook_child.py`).
"""

import struct
from collections.abc import Iterator

from etl.reading.workbook_scan import MOST_SHEETS, Ceiling, Marks, RefusedError
from etl.reading.xls_formula import Place, find_named_cells, is_shared

_END = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_EOF, _BOUNDSHEET, _FORMULA, _BOOLERR, _ROW, _COLINFO, _FILEPASS = 0x0A, 0x85, 0x06, 0x205, 0x208, 0x7D, 0x2F
_SHRFMLA = 0x4BC
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 0x01
_ERROR_RESULT = 2
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def scan_xls(content: bytes, ceiling: Ceiling) -> list[Marks]:
    """Look through every sheet of an xls file, in the order of the workbook.

    *Missing*: an empty list where the file is encrypted or broken; whoever opens it next says so.
    """
    try:
        stream = CompoundFile(content).read_stream("Workbook", "Book")
        heads = list(_records(stream, 0))
        if any(kind == _FILEPASS for kind, _ in heads):
            return []
        starts = [struct.unpack_from("<I", body)[0] for kind, body in heads if kind == _BOUNDSHEET]
        if len(starts) > MOST_SHEETS:
            raise RefusedError("too_large", f"{len(starts)} sheets > {MOST_SHEETS}")
        return [_scan_sheet(stream, start, ceiling) for start in starts]
    except (struct.error, IndexError, ValueError):
        return []


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Give the records from `start` to the end of that part of the stream."""
    kind = -1
    while kind != _EOF:
        kind, length = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


def _scan_sheet(stream: bytes, start: int, ceiling: Ceiling) -> Marks:
    marks = Marks(zeros=_find_zeros(stream, start))
    for kind, body in _records(stream, start):
        if kind in (_FORMULA, _BOOLERR):
            row, column = struct.unpack_from("<HH", body)
            is_formula_error = kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == _ERROR_RESULT
            code = body[8] if is_formula_error else body[6] if kind == _BOOLERR and body[7] else None
            if code is not None:
                marks.errors[row + 1, column + 1] = _ERRORS.get(code, "#N/A")
        elif kind == _ROW and struct.unpack_from("<H", body, 12)[0] & _HIDDEN_ROW:
            marks.hidden_rows.add(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _COLINFO and struct.unpack_from("<H", body, 8)[0] & _HIDDEN_COLUMN:
            first, last = struct.unpack_from("<HH", body)
            marks.hidden_columns.update(range(first + 1, min(last + 1, ceiling.max_columns) + 1))
    return marks


def _find_zeros(stream: bytes, start: int) -> dict[Place, tuple[Place, ...]]:
    """Find the formulas that gave 0 and may have shown nothing, with the cells they name."""
    zeros: dict[Place, bytes] = {}
    shared: dict[Place, bytes] = {}
    place = (0, 0)
    for kind, body in _records(stream, start):
        if kind == _FORMULA:
            row, column = struct.unpack_from("<HH", body)
            place = row + 1, column + 1
            if body[6:14] == bytes(8):
                zeros[place] = body[22 : 22 + struct.unpack_from("<H", body, 20)[0]]
        elif kind == _SHRFMLA:
            shared[place] = body[10 : 10 + struct.unpack_from("<H", body, 8)[0]]
    named = {at: find_named_cells(_own_tokens(tokens, shared), at) for at, tokens in zeros.items()}
    return {at: cells for at, cells in named.items() if cells}


def _own_tokens(tokens: bytes, shared: dict[Place, bytes]) -> bytes:
    """Give a formula's tokens, from the cell where they stand for all that share them."""
    if not is_shared(tokens):
        return tokens
    row, column = struct.unpack_from("<HH", tokens, 1)
    return shared.get((row + 1, column + 1), b"")


class CompoundFile:
    """A file of streams in chains of sectors, as the programs of the 1990s wrote them."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.sector_bytes, self.small_bytes = (1 << shift for shift in struct.unpack_from("<HH", content, 30))
        _, directory, _, self.small_most, small_table, _, more, _ = struct.unpack_from("<8I", content, 44)
        tables = list(struct.unpack_from("<109I", content, 76))
        while more < _END and len(tables) < len(content):
            *numbers, more = self._numbers(self._sector(more))
            tables += numbers
        self.next = [n for table in tables if table < _END for n in self._numbers(self._sector(table))]
        self.next_small = list(self._numbers(self._chain(small_table))) if small_table < _END else []
        self.entries = self._chain(directory)

    def read_stream(self, *names: str) -> bytes:
        """Read the first stream with one of these names. *Raises*: ValueError where there is none."""
        small = b""
        for at in range(0, len(self.entries), 128):
            entry = self.entries[at : at + 128]
            first, size = struct.unpack_from("<II", entry, 116)
            name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace")
            if at == 0:
                small = self._chain(first) if first < _END else b""
            elif name in names:
                return (self._chain(first) if size >= self.small_most else self._small_chain(small, first))[:size]
        raise ValueError("no stream of these names")

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.sector_bytes
        return self.content[start : start + self.sector_bytes]

    def _numbers(self, sector: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])

    def _chain(self, number: int) -> bytes:
        return b"".join(self._sector(n) for n in _follow(number, self.next))

    def _small_chain(self, small: bytes, number: int) -> bytes:
        size = self.small_bytes
        return b"".join(small[n * size : (n + 1) * size] for n in _follow(number, self.next_small))


def _follow(number: int, following: list[int]) -> Iterator[int]:
    """Follow a chain of sectors; one that runs in a circle ends after as many steps as there are sectors."""
    for _ in following:
        if number >= _END:
            return
        yield number
        number = following[number]
