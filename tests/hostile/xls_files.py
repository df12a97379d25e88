"""Hostile xls files: compound files whose sectors lead nowhere or in circles, and records that lie."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.hostile.seeds import XLS

_SECTOR = 512
_FIRST_TABLE, _DIRECTORY, _MORE_TABLES = 76, 48, 68


def put(content: bytes, at: int, number: int, form: str = "<I") -> bytes:
    """Write a number over what stands at a place."""
    told = bytearray(content)
    struct.pack_into(form, told, at, number)
    return bytes(told)


def _table_start(content: bytes) -> int:
    """Say where the first table of sectors stands."""
    (sector,) = struct.unpack_from("<I", content, _FIRST_TABLE)
    return int((sector + 1) * _SECTOR)


def _directory_start(content: bytes) -> int:
    (sector,) = struct.unpack_from("<I", content, _DIRECTORY)
    return int((sector + 1) * _SECTOR)


def _records(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Give kind, length and place of the records of the workbook, which xlwt writes in one piece."""
    at = content.index(struct.pack("<HHH", 0x809, 16, 0x600))
    while at + 4 < len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        if kind == 0:
            return
        yield kind, length, at
        at += 4 + length


def of_xls() -> Iterator[tuple[str, bytes]]:
    """Every hostile xls file."""
    table, directory = _table_start(XLS), _directory_start(XLS)
    yield "sectors-in-a-circle", XLS[:table] + struct.pack("<128I", *([1] + [2, 1] * 63 + [0])) + XLS[table + _SECTOR :]
    yield "sectors-to-themselves", XLS[:table] + struct.pack("<128I", *range(128)) + XLS[table + _SECTOR :]
    yield "sectors-beyond", XLS[:table] + struct.pack("<128I", *[0xFFFFFF] * 128) + XLS[table + _SECTOR :]
    yield "tables-in-a-circle", put(put(XLS, _MORE_TABLES, 0), 72, 0xFFFF)
    yield "tables-many", put(XLS, 44, 0xFFFFFFFF)
    yield "directory-in-a-circle", put(XLS, table + 4 * (directory // _SECTOR - 1), directory // _SECTOR - 1)
    yield "directory-beyond", put(XLS, _DIRECTORY, 0xFFFF00)
    yield "small-table-in-a-circle", put(XLS, 60, 1)
    for shift in (0, 1, 31, 60, 0xFFFF):
        yield f"sector-shift-{shift}", put(XLS, 30, shift, "<H")
        yield f"small-shift-{shift}", put(XLS, 32, shift, "<H")
    yield "small-limit", put(XLS, 56, 0xFFFFFFFF)
    for entry in range(4):
        yield f"stream-size-{entry}", put(XLS, directory + 128 * entry + 120, 0xFFFFFFFF)
        yield f"stream-start-{entry}", put(XLS, directory + 128 * entry + 116, 0xFFFFFF)
        yield f"stream-name-{entry}", put(XLS, directory + 128 * entry + 64, 0xFFFF, "<H")
    for size in (8, 100, 512, 1_024, len(XLS) // 2, len(XLS) - 100):
        yield f"cut-at-{size}", XLS[:size]
    yield "only-a-header", XLS[:_SECTOR] + "Workbook".encode("utf-16-le") * 5_000
    yield "encrypted", XLS + "EncryptedPackage".encode("utf-16-le")
    yield from _of_records()


def _of_records() -> Iterator[tuple[str, bytes]]:
    seen: set[int] = set()
    for kind, length, at in list(_records(XLS)):
        if kind in seen:
            continue
        seen.add(kind)
        yield f"record-{kind:x}-long", put(XLS, at + 2, 0xFFFF, "<H")
        yield f"record-{kind:x}-empty", put(XLS, at + 2, 0, "<H")
        if length:
            yield f"record-{kind:x}-full", XLS[: at + 4] + b"\xff" * length + XLS[at + 4 + length :]
            yield f"record-{kind:x}-nothing", XLS[: at + 4] + bytes(length) + XLS[at + 4 + length :]
            yield f"record-{kind:x}-filepass", put(XLS, at, 0x2F, "<H")
