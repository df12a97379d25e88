"""Which cells a formula of an old .xls names, told from its tokens; and what an ods shows as nothing."""

import struct
from pathlib import Path

import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from etl.reading.sheets import read_sheets
from etl.reading.xls_formula import find_named_cells, is_shared

EMPTY, WORD = b"\x17\x00\x00", b"\x17\x02\x00hi"
IF = b"\x19\x02\x05\x00"  # with the distance to jump
COUNT, INTEGER, EQUAL = b"\x42\x01\x00\x00", b"\x1e\x00\x00", b"\x0b"
HERE = (5, 3)


def ref(row: int, column: int, token: int = 0x44) -> bytes:
    return struct.pack("<BHH", token, row - 1, (column - 1) | 0xC000)


def area(top: int, bottom: int, left: int, right: int, token: int = 0x25) -> bytes:
    return struct.pack("<BHHHH", token, top - 1, bottom - 1, left - 1, right - 1)


def test_references_and_areas_are_named() -> None:
    tokens = ref(5, 4) + ref(5, 5) + COUNT + INTEGER + EQUAL + IF + EMPTY + area(6, 7, 2, 3)
    assert find_named_cells(tokens, HERE) == ((5, 4), (5, 5), (6, 2), (6, 3), (7, 2), (7, 3))


def test_a_shared_formula_counts_from_its_own_cell() -> None:
    right = struct.pack("<BHH", 0x4C, 0, 0xC000 | 1)
    up_and_left = struct.pack("<BHH", 0x4C, 0xFFFF, 0xC000 | 0xFF)
    fixed = struct.pack("<BHH", 0x4C, 8, 6)
    assert find_named_cells(EMPTY + right + up_and_left + fixed, HERE) == ((5, 4), (4, 2), (9, 7))
    assert is_shared(b"\x01\x04\x00\x02\x00")
    assert not is_shared(EMPTY)


@pytest.mark.parametrize(
    "tokens",
    [
        ref(5, 4) + WORD,  # no empty text: the 0 is one
        EMPTY + b"\x3a" + bytes(6) + ref(5, 4),  # another sheet: not known here
        EMPTY + area(1, 60_000, 1, 4),
        b"",
    ],
)
def test_of_other_formulas_nothing_is_said(tokens: bytes) -> None:
    assert find_named_cells(tokens, HERE) == ()


def test_a_formula_of_an_ods_that_shows_nothing_was_calculated(tmp_path: Path) -> None:
    document, table, line = OpenDocumentSpreadsheet(), Table(name="A"), TableRow()
    shown = TableCell(formula='of:=IF(1;"";2)')
    shown.addElement(P(text=""))
    for cell in (TableCell(valuetype="float", value=1), shown, TableCell(formula="of:=[.A1]")):
        line.addElement(cell)
    table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(tmp_path / "a.ods")
    (sheet,) = read_sheets(tmp_path / "a.ods")
    assert sheet.uncached == {(1, 3)}
