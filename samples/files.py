"""Write a laid-out form in the other kinds of files that wards send: xls, ods and CSV."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator

import xlwt
from odf import namespaces
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from etl.form_sheet import FormSheet, Formula, Part

_TABLE = (Part.HEADING, Part.NUMBER, Part.SECTION, Part.GROUP, Part.FIELD, Part.TOTAL)
_SHAPES = "\u0302\u0306\u031b"  # circumflex, breve, horn: part of the letter in Windows-1258; tones follow it


def build_xls(sheet: FormSheet) -> bytes:
    """Write the workbook of Excel 97-2003."""
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet(sheet.name)
    page.col(1).width = 9_000
    boxed = xlwt.easyxf("borders: left thin, right thin, top thin, bottom thin; alignment: wrap on, vert centre")
    plain = xlwt.easyxf("")
    table = {row for part in _TABLE for row in sheet.numbers_of(part)}
    merged = {(top, left): (bottom, right) for top, left, bottom, right in sheet.merges}
    covered = _covered(sheet)
    for row, column, value in _cells(sheet):
        style = boxed if row in table else plain
        if (row, column) in merged:
            bottom, right = merged[row, column]
            page.write_merge(row - 1, bottom - 1, column - 1, right - 1, value, style)
        elif (row, column) not in covered and value is not None:
            page.write(row - 1, column - 1, value, style)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def build_ods(sheet: FormSheet) -> bytes:
    """Write an OpenDocument spreadsheet."""
    document = OpenDocumentSpreadsheet()
    table = Table(name=sheet.name)
    merged = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in sheet.merges}
    covered = _covered(sheet)
    line = None
    for row, column, value in _cells(sheet):
        if column == 1:
            line = TableRow()
            table.addElement(line)
        assert line is not None
        cell = CoveredTableCell() if (row, column) in covered else _ods_cell(value, merged.get((row, column)))
        line.addElement(cell)
    document.spreadsheet.addElement(table)
    stream = io.BytesIO()
    document.save(stream)
    return _without_moments(stream.getvalue())


def build_csv(sheet: FormSheet, *, encoding: str, separator: str) -> bytes:
    """Write what stands in the cells, as spreadsheets save it: what is merged stands in the first cell."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    for row in sheet.rows:
        writer.writerow([value.value if isinstance(value, Formula) else value for value in row])
    text = stream.getvalue()
    if encoding == "cp1258":
        text = _to_windows_1258(text)
    return (b"\xff\xfe" if encoding == "utf-16-le" else b"") + text.encode(encoding)


def _cells(sheet: FormSheet) -> Iterator[tuple[int, int, object]]:
    for row, values in enumerate(sheet.rows, 1):
        for column, value in enumerate(values, 1):
            yield row, column, value.value if isinstance(value, Formula) else value


def _covered(sheet: FormSheet) -> set[tuple[int, int]]:
    return {
        (row, column)
        for top, left, bottom, right in sheet.merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }


def _ods_cell(value: object, span: tuple[int, int] | None) -> TableCell:
    spans = {"numberrowsspanned": span[0], "numbercolumnsspanned": span[1]} if span else {}
    if value is None:
        return TableCell(**spans)
    kind = {"valuetype": "float", "value": value} if isinstance(value, int | float) else {"valuetype": "string"}
    cell = TableCell(**spans, **kind)
    cell.addElement(P(text=str(value)))
    return cell


def _without_moments(content: bytes) -> bytes:
    """Give every member of the zip the same date, in the same order, and take the program's version out."""
    sealed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sealed, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "mimetype", name)):
            text = old.read(name).replace(namespaces.TOOLSVERSION.encode(), b"ward-reports samples")
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, how)
    return sealed.getvalue()


def _to_windows_1258(text: str) -> str:
    """Split each letter that the code page lacks into a letter it has and the tone."""
    return "".join(_split_tone(letter) for letter in unicodedata.normalize("NFC", text))


def _split_tone(letter: str) -> str:
    try:
        letter.encode("cp1258")
        return letter
    except UnicodeEncodeError:
        base, marks = unicodedata.normalize("NFD", letter)[0], unicodedata.normalize("NFD", letter)[1:]
        shape = "".join(mark for mark in marks if mark in _SHAPES)
        tone = "".join(mark for mark in marks if mark not in _SHAPES)
        return unicodedata.normalize("NFC", base + shape) + tone
