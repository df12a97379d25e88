"""Cells far away, surplus, repeated, merged, hidden; sheets by the thousand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.hostile.seeds import XLSX
from tests.hostile.xlsx_changes import BOOK, SHEET, after_rows, in_rows, merged, sheets
from tests.hostile.zips import Change, changed


def of_places() -> Iterator[tuple[str, bytes]]:
    """Cells far away, surplus, repeated, merged, hidden; sheets by the thousand."""

    def sheet(change: Change) -> bytes:
        return changed(XLSX, {SHEET: change})

    far = b'<row r="%d"><c r="%s%d"><v>1</v></c></row>'
    yield "far-cell", sheet(after_rows(far % (1048576, b"XFD", 1048576)))
    yield "far-row", sheet(after_rows(far % (1048576, b"A", 1048576)))
    yield "far-column", sheet(after_rows(far % (90, b"XFD", 90)))
    yield "beyond", sheet(after_rows(far % (99999999999, b"AAAAAAAA", 99999999999)))
    yield "row-negative", sheet(in_rows(b'<row r="-5" hidden="1"><c><v>1</v></c><c r="A-5"><f>A1</f></c></row>'))
    yield "row-zero", sheet(in_rows(b'<row r="0"><c r="A0" t="e"><v>#REF!</v></c><c r="B0"><f>A1</f></c></row>'))
    yield "row-of-5000-digits", sheet(in_rows(b'<row r="' + b"9" * 5_000 + b'"/>'))
    yield "row-no-number", sheet(in_rows(b'<row r="x"><c r="?"><v>1</v></c></row>'))
    yield (
        "columns-a-million",
        sheet(
            lambda x: x.replace(
                b"<sheetData>", b"<cols>" + b'<col min="1" max="16384" hidden="1"/>' * 250_000 + b"</cols><sheetData>"
            )
        ),
    )
    yield (
        "columns-negative",
        sheet(
            lambda x: x.replace(b"<sheetData>", b'<cols><col min="-999999999" max="9" hidden="1"/></cols><sheetData>')
        ),
    )
    yield (
        "rows-empty-styled",
        sheet(
            after_rows(b"".join(b'<row r="%d" s="1" customFormat="1" hidden="1"/>' % n for n in range(100, 300_000)))
        ),
    )
    yield (
        "cells-empty-styled",
        sheet(
            after_rows(
                b"".join(
                    b'<row r="%d"><c r="A%d" s="1"/><c r="XFD%d" s="1"/></row>' % (n, n, n) for n in range(100, 100_000)
                )
            )
        ),
    )
    yield (
        "cells-at-the-limit",
        sheet(
            after_rows(b"".join(b'<row r="%d">' % n + b"<c><v>7</v></c>" * 49 + b"</row>" for n in range(100, 20_000)))
        ),
    )
    yield "same-cell-again", sheet(in_rows(b'<row r="1">' + b'<c r="A1"><v>1</v></c>' * 200_000 + b"</row>"))
    yield "dimension-lies", sheet(lambda x: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', x))
    yield "dimension-backwards", sheet(lambda x: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="Z99:A1"', x))
    yield "merges-thousands", sheet(merged(*(f"A{n}:B{n}" for n in range(100, 20_000))))
    yield "merges-overlap", sheet(merged(*(f"A{n}:M{n + 9}" for n in range(1, 500)), *["A1:M30"] * 50))
    yield "merge-all", sheet(merged("A1:XFD1048576"))
    yield "merge-wide-often", sheet(merged(*["A1:IV20000"] * 3_000))
    yield "merge-backwards", sheet(merged("C5:A1", "A0:B0", "XFE1:XFE2", "A1", "$A$1:$B$2", "1:3", "A:B"))
    yield "merge-no-reference", sheet(merged("", "?", "A1:B2:C3", "-1:-1"))
    yield "merge-beyond", sheet(merged("A1:B99999999999999"))
    yield "sheets-150", changed(XLSX, {BOOK: sheets(150)})
    yield "sheets-thousands", changed(XLSX, {BOOK: sheets(5_000)})
    large = after_rows(b"".join(b'<row r="%d"><c><v>7</v></c></row>' % n for n in range(100, 20_000)))
    yield "sheets-large-often", changed(XLSX, {BOOK: sheets(190), SHEET: large})
    yield "sheets-same-name", changed(XLSX, {BOOK: lambda xml: re.sub(rb'name="s\d+"', b'name="x"', sheets(20)(xml))})
    yield (
        "hidden-all",
        changed(
            XLSX,
            {
                BOOK: lambda xml: re.sub(
                    rb"<sheet (?!state)", b'<sheet state="veryHidden" ', re.sub(rb' state="\w+"', b"", xml)
                )
            },
        ),
    )
    yield "hidden-rows", sheet(lambda x: x.replace(b"<row ", b'<row hidden="1" '))
    yield "no-sheets", changed(XLSX, {BOOK: lambda xml: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", xml)})
