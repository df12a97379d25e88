import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from etl.errors import SubmissionError
from etl.reading.grid import Merge, Sheet, cell_name
from etl.reading.sheets import DEFAULT_LIMITS, read_sheets
from etl.settings import Limits

TEXT = "Phường Lê Lợi;Hộ tịch;1.297\nX;Y;\n"
ROWS = (("Phường Lê Lợi", "Hộ tịch", "1.297"), ("X", "Y", None))


def workbook() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Biểu"
    sheet["B2"], sheet["C2"], sheet["D2"] = "Hộ tịch", 1297, "=C2+1"
    sheet["C3"] = date(2022, 4, 14)
    sheet["D3"].value, sheet["D3"].data_type = "#REF!", "e"
    sheet.merge_cells("B4:D5")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    book.create_sheet("Ẩn").sheet_state = "hidden"
    return book


def save(book: openpyxl.Workbook, path: Path) -> Path:
    book.save(path)
    return path


def replaced(path: Path, part: str, content: str) -> Path:
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, old_content in parts.items():
            new.writestr(name, content if name == part else old_content)
    return path


def refusal(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(SubmissionError) as caught:
        read_sheets(path, limits)
    assert caught.value.rule == "S.unreadable"
    assert caught.value.message_vi != caught.value.message_en
    return str(caught.value)


def test_an_xlsx_keeps_places_merges_what_is_hidden_and_what_was_never_calculated(tmp_path):
    sheet, hidden = read_sheets(save(workbook(), tmp_path / "a.xlsx"))
    assert (sheet.name, sheet.is_visible, hidden.name, hidden.is_visible) == ("Biểu", True, "Ẩn", False)
    assert (sheet.value(2, 2), sheet.value(2, 3), sheet.value(3, 3)) == ("Hộ tịch", 1297, date(2022, 4, 14))
    assert sheet.value(3, 4) == "#REF!"
    assert sheet.uncached == {(2, 4)}
    assert sheet.merges == (Merge(4, 2, 5, 4),)
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({3}, {3})


def test_an_xls_is_read_under_any_name(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Biểu")
    sheet.write_merge(1, 2, 1, 3, "Hộ tịch")
    sheet.write(3, 1, 1.297)
    book.save(str(tmp_path / "a.csv"))
    (read,) = read_sheets(tmp_path / "a.csv")
    assert (read.value(2, 2), read.value(4, 2), read.merges) == ("Hộ tịch", 1.297, (Merge(2, 2, 3, 4),))


@pytest.mark.parametrize("filler", [0, 3000])  # a small file keeps its stream in small sectors
def test_an_xls_keeps_error_values_and_what_is_hidden(tmp_path, filler):
    book = xlwt.Workbook()
    book.add_sheet("A").write(0, 0, "x" * 9)
    sheet = book.add_sheet("Biểu")
    sheet.row(1).set_cell_error(2, "#REF!")
    sheet.write(1, 1, 5)
    sheet.row(1).hidden = True
    sheet.col(2).hidden = True
    for row in range(filler):
        sheet.write(row + 5, 0, row)
    book.save(str(tmp_path / "a.xls"))
    _, read = read_sheets(tmp_path / "a.xls")
    assert (read.value(2, 2), read.value(2, 3)) == (5, "#REF!")
    assert (read.hidden_rows, read.hidden_columns) == ({2}, {3})


def ods(path: Path, *rows: TableRow) -> Path:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Biểu")
    for row in rows:
        table.addElement(row)
    book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def ods_cell(text: str, **attributes: object) -> TableCell:
    cell = TableCell(**attributes)
    cell.addElement(P(text=text))
    return cell


def test_an_ods_is_read_with_its_merges_and_endless_empty_rows(tmp_path):
    first, last = TableRow(numberrowsrepeated=2), TableRow(numberrowsrepeated=1_048_000)
    first.addElement(TableCell(numbercolumnsrepeated=1024))
    last.addElement(TableCell(numbercolumnsrepeated=1024))
    row = TableRow(visibility="collapse")
    row.addElement(ods_cell("Hộ tịch", valuetype="string", numbercolumnsspanned=2))
    row.addElement(CoveredTableCell())
    row.addElement(ods_cell("1.297", valuetype="float", value=1297))
    row.addElement(TableCell(formula="of:=[.C3]+1"))
    (sheet,) = read_sheets(ods(tmp_path / "a.ods", first, row, last))
    assert (sheet.value(3, 1), sheet.value(3, 3)) == ("Hộ tịch", 1297)
    assert (sheet.merges, sheet.hidden_rows, sheet.uncached) == ((Merge(3, 1, 3, 2),), {3}, {(3, 4)})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_in_any_encoding(tmp_path, encoding, separator, newline):
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.replace(";", separator).replace("\n", newline).encode(encoding))
    (sheet,) = read_sheets(path)
    assert sheet.rows == ROWS


def test_a_csv_in_windows_1258_has_its_tones_composed(tmp_path):
    decomposed = "Phươ\u0300ng Lê Lơ\u0323i;Hô\u0323 ti\u0323ch;1.297\nX;Y;\n"
    (tmp_path / "a.csv").write_bytes(decomposed.encode("cp1258"))
    assert read_sheets(tmp_path / "a.csv")[0].rows == ROWS


def test_excels_own_separator_line_is_heeded_and_keeps_the_row_numbers(tmp_path):
    (tmp_path / "a.csv").write_text("sep=;\n" + TEXT, "utf-8")
    assert read_sheets(tmp_path / "a.csv")[0].rows == ((), *ROWS)


def test_a_quoted_cell_may_hold_separators_and_lines(tmp_path):
    (tmp_path / "a.csv").write_text('a,"b;c,\nd",e\n1,"x;y;z",2\n', "utf-8")
    assert read_sheets(tmp_path / "a.csv")[0].rows == (("a", "b;c,\nd", "e"), ("1", "x;y;z", "2"))


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "XFD1048576"),
        ('<row r="99999999999"><c><v>1</v></c></row>', "too far"),
        ('<row r="1"><c r="AAAAAAAA1"><v>1</v></c></row>', "large"),
        ('<row r="1"><c r="A1"><v>1', "damaged"),
    ],
)
def test_a_sheet_that_would_abort_the_reader_is_refused(tmp_path, rows, words):
    path = save(workbook(), tmp_path / "a.xlsx")
    tail = "" if words == "damaged" else "</sheetData></worksheet>"
    replaced(path, "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{rows}{tail}')
    assert words in refusal(path)


def test_formats_far_away_are_no_cells(tmp_path):
    path = save(workbook(), tmp_path / "a.xlsx")
    far = '<row r="1"><c r="A1"><v>7</v></c><c r="XFD1" s="0"/></row><row r="1048576"><c r="A1048576" s="0"/></row>'
    replaced(path, "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{far}</sheetData></worksheet>')
    assert read_sheets(path)[0].rows == ((7,),)


def test_a_repeated_ods_cell_is_refused(tmp_path):
    row = TableRow(numberrowsrepeated=1_000_000)
    row.addElement(ods_cell("1", valuetype="float", value=1))
    assert "too far" in refusal(ods(tmp_path / "a.ods", row))


def test_a_file_that_unpacks_to_far_more_is_refused(tmp_path):
    path = save(workbook(), tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zero.bin", bytes(60_000_000))
    assert "too large" in refusal(path)


@pytest.mark.parametrize("letters", [1_000, 30_000])  # the first is too much for us, the second for the child
def test_a_long_text_repeated_from_many_cells_is_refused(tmp_path, letters):
    path = save(workbook(), tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}"><si><t>{"x" * letters}</t></si></sst>')
    cell = '<c t="s"><v>0</v></c>'
    rows = "".join(f"<row>{cell * 200}</row>" for _ in range(300))
    replaced(path, "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')
    assert "too large" in refusal(path)


def test_limits_are_kept(tmp_path):
    path = save(workbook(), tmp_path / "a.xlsx")
    assert "too large" in refusal(path, Limits(max_bytes=100))
    assert "too far" in refusal(path, Limits(max_rows=1))
    assert "too far" in refusal(path, Limits(max_cells=3))
    (tmp_path / "a.csv").write_text(TEXT + TEXT, "utf-8")
    assert "too large" in refusal(tmp_path / "a.csv", Limits(max_rows=1))


def test_a_table_may_have_as_many_rows_as_the_limit_says_below_its_heading(tmp_path):
    (tmp_path / "a.csv").write_text("unit,period\n" + "a,b\n" * 200, "utf-8")
    assert read_sheets(tmp_path / "a.csv", Limits(max_rows=200))[0].height == 201
    assert "too large" in refusal(tmp_path / "a.csv", Limits(max_rows=190))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n;;\n", "empty"),
        (b"%PDF-1.4 x", "PDF"),
        (b"\xff\xd8\xff\xe0 x", "JPEG"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "web page"),
        (b"PK\x03\x04" + b"x" * 50, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "not a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 9, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (bytes(range(256)) * 9, "not a spreadsheet"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_its_content(tmp_path, content, words):
    (tmp_path / "a.xlsx").write_bytes(content)
    assert words in refusal(tmp_path / "a.xlsx")


def test_other_zips_are_named(tmp_path):
    for part, words in (("word/document.xml", "Word"), ("a.txt", "ZIP"), ("xl/workbook.bin", "xlsb")):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            archive.writestr(part, "x")
        assert words in refusal(tmp_path / "a.xlsx")


def test_a_missing_file_and_an_empty_workbook_are_refused(tmp_path):
    assert "cannot be opened" in refusal(tmp_path / "none.xlsx")
    assert "empty" in refusal(save(openpyxl.Workbook(), tmp_path / "a.xlsx"))


def pristine() -> bytes:
    stream = io.BytesIO()
    workbook().save(stream)
    return stream.getvalue()


XLSX = pristine()
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    read_or_refuse(tmp_path, content)


@few
@given(st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1Workbook", b"\xff\xfe", b'"']), st.binary())
def test_any_bytes_after_a_known_beginning_are_read_or_refused(tmp_path, magic, content):
    read_or_refuse(tmp_path, magic + content)


@few
@given(st.integers(0, len(XLSX) - 1), st.integers(0, 255), st.booleans())
def test_any_damage_to_a_workbook_is_survived(tmp_path, place, byte, is_cut):
    damaged = XLSX[:place] if is_cut else XLSX[:place] + bytes([byte]) + XLSX[place + 1 :]
    read_or_refuse(tmp_path, damaged)


def read_or_refuse(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        sheets = read_sheets(path)
    except SubmissionError as refused:
        assert refused.message_vi and refused.message_en
    else:
        assert all(isinstance(sheet, Sheet) for sheet in sheets)


def test_cells_are_named_as_spreadsheets_do():
    assert [cell_name(1, column) for column in (1, 26, 27, 702, 703)] == ["A1", "Z1", "AA1", "ZZ1", "AAA1"]
