"""Workbooks packed as bombs, and zips that say what is not so."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.seeds import XLSX
from tests.hostile.xlsx_changes import BOOK, RELS, SHEET, STRINGS, STYLES, TYPES
from tests.hostile.zips import changed, crowded, filler, lying, nested, overlapping


def of_archives() -> Iterator[tuple[str, bytes]]:
    """Bombs, and zips that say what is not so."""
    space = filler(b"<x>", 60, b"</x>")
    for name, part in (("sheet", SHEET), ("strings", STRINGS), ("styles", STYLES), ("extra", "xl/extra.xml")):
        yield f"bomb-{name}", changed(XLSX, {part: space})
        yield f"bomb-{name}-lying", lying(changed(XLSX, {part: space}), part, 1_000)
    yield "bomb-core-lying", lying(changed(XLSX, {"docProps/core.xml": space}), "docProps/core.xml", 90)
    yield "size-lies-upwards", lying(XLSX, SHEET, 0xFFFFFFFE)
    yield "overlapping", overlapping(XLSX, copies=2_000, megabytes=20)
    yield "entries-4000", crowded(XLSX, 4_000)
    yield "entries-million", crowded(XLSX, 350_000)
    yield "nested", nested(XLSX, 30)
    yield "zip-in-a-part", changed(XLSX, {"xl/a.zip": nested(XLSX, 3)})
    yield "part-outside", changed(XLSX, {"../../../../tmp/evil.xml": b"<x/>", "C:\\evil.xml": b"<x/>"})
    yield "no-content", changed(XLSX, {BOOK: b"", RELS: b""})
    for part in (SHEET, STRINGS, STYLES, RELS, TYPES):
        yield f"without-{part.rpartition('/')[2]}", changed(XLSX, {part: None})
    for size in (30, 400, len(XLSX) // 2, len(XLSX) - 30, len(XLSX) - 5):
        yield f"cut-at-{size}", XLSX[:size]
    yield "flag-encrypted", XLSX.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
