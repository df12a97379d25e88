"""Reading reports in the shapes that files really have: every edition, layout, kind of file and habit."""

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.errors import SubmissionError
from etl.form_layout import compose_form
from etl.form_sheet import FormSheet, Numbers, Part, Totals, Wording
from etl.model import Report, Severity, Statement, Submission
from etl.parse import parse
from etl.parsing.figures import FigureReader
from etl.parsing.headings import find_layouts
from etl.parsing.lexicon import lexicon_of
from etl.parsing.official_sheet import SheetReader
from etl.parsing.titles import read_header
from etl.reading.grid import Sheet
from etl.reference import read_reference

ROOT = Path(__file__).parents[2]
REFERENCE = read_reference(ROOT / "reference" / "son-tay")
FORM, CALENDAR = REFERENCE.form, REFERENCE.town.calendar
APRIL = CALENDAR.month(2022, 4)
WARD = next(unit for unit in REFERENCE.units if unit.name == "Lê Lợi")
EDITIONS = ("2020", "2017", "plain")
TYPED = Wording(totals=Totals.TYPED)
Grid = list[list[object]]

COUNTS = {
    "received_total": 1305,
    "received_in_period": 1300,
    "received_online": 10,
    "received_direct": 1290,
    "carried_over": 5,
    "resolved_total": 1205,
    "resolved_in_time": 1200,
    "resolved_early": 1000,
    "resolved_on_time": 200,
    "resolved_overdue": 5,
    "pending_total": 100,
    "pending_in_time": 90,
    "pending_overdue": 10,
}
ROWS = [{"field": code, **COUNTS} for code in ("chung-thuc", "ho-tich", "dat-dai")]


def sheet_of(edition: str = "2020", rows: Sequence[dict] = ROWS, wording: Wording = TYPED) -> FormSheet:
    chosen = FORM.edition(edition)
    return compose_form(REFERENCE, chosen, unit=WARD, period=APRIL, rows=rows, wording=wording)


def grid_of(sheet: FormSheet) -> Grid:
    return [list(row) for row in sheet.rows]


def first_figures(grid: Grid) -> int:
    """Give the index of the row of the first field."""
    return next(i for i, row in enumerate(grid) if "Chứng thực" in row or "chung-thuc" in row)


def heading_of(grid: Grid) -> int:
    return next(i for i, row in enumerate(grid) if "STT" in row)


def write_xlsx(path: Path, *grids: Grid, merges: Sequence[tuple[int, int, int, int]] = (), hidden: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, grid in enumerate(grids, 1):
        page = book.create_sheet(f"Trang {number}")
        page.sheet_state = "hidden" if page.title == hidden else "visible"
        for r, row in enumerate(grid, 1):
            for c, value in enumerate(row, 1):
                page.cell(r, c).value = value
        for top, left, bottom, right in merges:
            page.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    book.save(path)
    return path


def write_xls(path: Path, grid: Grid, merges: Sequence[tuple[int, int, int, int]] = ()) -> Path:
    book = xlwt.Workbook()
    page = book.add_sheet("Trang 1")
    inside = {(r, c) for t, x, b, y in merges for r in range(t, b + 1) for c in range(x, y + 1)}
    for top, left, bottom, right in merges:
        page.write_merge(top - 1, bottom - 1, left - 1, right - 1, grid[top - 1][left - 1])
    for r, row in enumerate(grid, 1):
        for c, value in enumerate(row, 1):
            if value is not None and (r, c) not in inside:
                page.write(r - 1, c - 1, value)
    book.save(str(path))
    return path


def write_csv(path: Path, grid: Grid, encoding: str = "utf-8", separator: str = ";") -> Path:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows([["" if v is None else v for v in row] for row in grid])
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def parsed(path: Path, name: str | None = None, sent_by: str | None = None) -> tuple[Report, ...]:
    submission = Submission("0" * 64, name or path.name, 1, datetime(2022, 4, 16, tzinfo=UTC), path, sent_by)
    return parse(submission, REFERENCE)


def only(reports: tuple[Report, ...]) -> Report:
    (report,) = reports
    return report


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


def read(tmp_path: Path, grid: Grid, **options) -> Report:
    return only(parsed(write_xlsx(tmp_path / "a.xlsx", grid, **options)))


def is_whole(report: Report, edition: str = "2020") -> bool:
    """Tell whether the three fields were read with all that the edition prints, and for whom."""
    printed = FORM.edition(edition).measures or tuple(COUNTS)
    fields = report.frame[report.frame["kind"] == "field"]
    known = (report.unit, report.period.key, report.edition) == (WARD, "2022-04", edition)
    expected = [{measure: COUNTS[measure] for measure in printed}] * len(ROWS)
    same = fields[list(printed)].to_dict("records") == expected
    return known and same and list(fields["field"]) == [row["field"] for row in ROWS]


# ---------------------------------------------------------------------------------------------------------
# Kinds of files, editions, layouts


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("totals", [Totals.TYPED, Totals.ABSENT])
@pytest.mark.parametrize("numbers", list(Numbers))
def test_every_edition_is_read_as_it_is_written(tmp_path, edition, totals, numbers):
    sheet = sheet_of(edition, wording=Wording(totals=totals, numbers=numbers))
    for report in (
        read(tmp_path, grid_of(sheet), merges=sheet.merges),
        read(tmp_path, grid_of(sheet)),
        only(parsed(write_xls(tmp_path / "a.xls", grid_of(sheet), sheet.merges))),
        only(parsed(write_csv(tmp_path / "a.csv", grid_of(sheet)))),
        only(parsed(write_csv(tmp_path / "b.csv", grid_of(sheet), "utf-16", "\t"))),
    ):
        assert is_whole(report, edition)
        assert rules(report) == []
        assert (report.frame["kind"] == "total").sum() == (totals is Totals.TYPED and edition != "plain")


def test_the_frame_is_what_the_model_promises(tmp_path):
    sheet = sheet_of()
    report = read(tmp_path, grid_of(sheet), merges=sheet.merges)
    frame = report.frame
    assert list(frame.columns) == ["sheet", "row", "kind", "field", "field_name", "source_system", *FORM.measure_names]
    assert {str(frame[name].dtype) for name in FORM.measure_names} == {"Int64"}
    assert {str(frame[name].dtype) for name in ("sheet", "kind", "field", "field_name", "source_system")} == {"str"}
    assert frame["received_in_period"].isna().all()
    assert list(frame["row"]) == list(range(first_figures(grid_of(sheet)) + 1, first_figures(grid_of(sheet)) + 5))
    assert report.columns == {"Trang 1": {c.measure: sheet.letter(c.measure) for c in sheet.columns if c.measure}}
    assert frame["field"].isna().tolist() == [False, False, False, True]


def test_a_table_may_start_anywhere_and_have_blank_rows_and_columns_in_it(tmp_path):
    grid = [[None, None, None, *row] for row in grid_of(sheet_of())]
    grid = [[], [], *grid]
    first = first_figures(grid)
    grid.insert(first + 1, [])
    for row in grid:
        row[9:9] = [None]
    report = read(tmp_path, grid)
    assert is_whole(report)
    assert rules(report) == []


def test_columns_may_be_moved_with_their_headings(tmp_path):
    sheet = sheet_of()
    order = [0, 1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9]
    grid = grid_of(sheet)
    start = heading_of(grid)
    for at in range(start, start + 3):  # spell the merged headings out, as the merges would not move along
        for c in range(1, 13):
            blank = grid[at][c] is None and grid[at][c - 1] is not None and grid[at + 1][c] is not None
            grid[at][c] = grid[at][c - 1] if blank and at < start + 2 and grid[start][c] is None else grid[at][c]
    moved = [[row[c] for c in order] if i >= start else row for i, row in enumerate(grid)]
    report = read(tmp_path, moved)
    assert is_whole(report)


def test_headings_may_have_a_typing_error_numbers_and_line_breaks(tmp_path):
    grid = grid_of(sheet_of())
    start = heading_of(grid)
    grid[start][1] = "2. Lĩnh vực,\ncông việc giải quyết theo cấp"
    grid[start + 1][7] = "Trước hạnn"
    grid[start + 2][3] = "- TRỰC TUYẾN (4)"
    report = read(tmp_path, grid)
    assert is_whole(report)


def test_an_unclear_heading_is_placed_by_its_column_number(tmp_path):
    grid = grid_of(sheet_of())
    grid[heading_of(grid) + 1][5] = "Kỳ trước"
    assert is_whole(read(tmp_path, grid))


def test_a_level_that_tells_columns_apart_is_not_skipped(tmp_path):
    """ "Trong kỳ > Tổng số" is not the total of what was received."""
    grid = grid_of(sheet_of())
    start = heading_of(grid)
    grid[start + 1][2], grid[start + 1][3], grid[start + 2][3] = None, "Trong kỳ", "Tổng số"
    report = read(tmp_path, grid)
    assert "received_total" not in report.columns["Trang 1"]
    assert "S.column-missing" in rules(report)


def test_words_instead_of_figures_are_reported(tmp_path):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    grid.insert(first + 1, [None, "Lâm nghiệp", "chưa có"])
    report = read(tmp_path, grid)
    assert [(finding.rule, finding.cell) for finding in report.findings] == [("S.cell-unused", f"C{first + 2}")]


def test_repeated_headings_between_pages_are_ignored(tmp_path):
    grid = grid_of(sheet_of())
    start, first = heading_of(grid), first_figures(grid)
    grid[first + 1 : first + 1] = [list(row) for row in grid[start : start + 4]]
    report = read(tmp_path, grid)
    assert is_whole(report)
    assert rules(report) == []


@pytest.mark.parametrize("decoder", ["tcvn3", "vni"])
def test_a_sheet_in_a_legacy_font_is_read(tmp_path, decoder):
    from etl.parsing import legacy_fonts

    if decoder == "tcvn3":
        table = {v: chr(k) for k, v in legacy_fonts._TCVN3.items() for v in [chr(v)]}
        upper = {letter.upper(): code for letter, code in table.items() if letter.upper() not in table}
        encode = str.maketrans(upper | table)
        grid = [[v.translate(encode) if isinstance(v, str) else v for v in row] for row in grid_of(sheet_of())]
    else:
        words = {"Chứng thực": "Chöùng thöïc", "Hộ tịch": "Hoä tòch", "Đất đai": "Ñaát ñai"}
        grid = [[words.get(v, v) for v in row] for row in grid_of(sheet_of())]
    report = read(tmp_path, grid)
    assert is_whole(report)


# ---------------------------------------------------------------------------------------------------------
# Titles


@pytest.mark.parametrize(
    ("titles", "unit", "period"),
    [
        (["UBND PHƯỜNG LÊ LỢI", "Tháng 4 năm 2022"], "09574", "2022-04"),
        (["UBND THỊ XÃ SƠN TÂY\nUBND PHƯỜNG LÊ LỢI", "Tháng 04/2022"], "09574", "2022-04"),
        (["Đơn vị báo cáo: P. Lê Lợi", "Quý I/2022"], "09574", "2022-Q1"),
        (["Đơn vị gửi báo cáo: UBND phường Lê Lợi", "6 tháng đầu năm 2022"], "09574", "2022-H1"),
        (["BÁO CÁO CỦA UBND PHƯỜNG LÊ LỢI THÁNG 4 NĂM 2022"], "09574", "2022-04"),
        (["Xã Kim Sơn", "Từ ngày 15/3/2022 đến ngày 14/4/2022"], "09610", "2022-04"),
        (["xa kim son", "NĂM 2022", "Tháng 4 năm 2022"], "09610", "2022-04"),
        (["Bộ phận TN&TKQ thị xã Sơn Tây", "Năm 2021"], "269", "2021"),
        (["Phường Lê Lợi", "Kỳ báo cáo: 04/2022"], "09574", "2022-04"),
        (
            ["Đơn vị nhận báo cáo: UBND phường Quang Trung", "Đơn vị báo cáo: Lê Lợi", "Tháng 4/2022"],
            "09574",
            "2022-04",
        ),
        (["Phường Ngô Quyền", "Tháng 3 năm 2025"], "09574", "2025-03"),
        (["Phường Sơn Tây", "Tháng 9 năm 2025"], "09574", "2025-09"),
        (["(Ban hành kèm theo Thông tư 01/2020 năm 2020)", "Phường Lê Lợi", "Tháng 4/2022"], "09574", "2022-04"),
    ],
)
def test_titles_name_the_unit_and_the_period(tmp_path, titles, unit, period):
    sheet = sheet_of(wording=replace(TYPED, titles=tuple(titles)))
    report = read(tmp_path, grid_of(sheet), merges=sheet.merges)
    assert (report.unit and report.unit.code, report.period and report.period.key) == (unit, period)
    assert rules(report) == []


def test_a_label_may_have_its_value_in_the_next_cell(tmp_path):
    grid = grid_of(sheet_of(wording=replace(TYPED, titles=())))
    grid = [["Đơn vị báo cáo:", "Phường Lê Lợi"], ["Tháng", 4, "năm", 2022], *grid]
    report = read(tmp_path, grid)
    assert is_whole(report)
    assert rules(report) == []


@pytest.mark.parametrize(
    ("titles", "rule", "cell"),
    [
        (["Phường Lê Lọii", "Tháng 4/2022"], "S.unit-unknown", "A1"),
        (["Đơn vị báo cáo: phường Hà Đông", "Tháng 4/2022"], "S.unit-unknown", "A1"),
        (["Phường Lê Lợi", "Tháng 4 năm 2026"], "S.unit-unknown", "A1"),
        (["BÁO CÁO", "Tháng 4/2022"], "S.unit-missing", None),
        (["Phường Lê Lợi"], "S.period-missing", None),
        (["Phường Lê Lợi", "Kỳ báo cáo: mùa gặt"], "S.period-unknown", "A2"),
        (["Phường Lê Lợi", "Tháng 13 năm 2022"], "S.period-unknown", "A2"),
        (["Phường Lê Lợi", "Tháng 4/2022 (từ ngày 01/4/2022 đến ngày 30/4/2022)"], "S.period-contradicted", "A2"),
        (["Phường Lê Lợi", "Tháng 4/2022", "Đơn vị báo cáo: Phường Quang Trung"], "S.unit-contradicted", "A3"),
    ],
)
def test_what_titles_leave_unclear_is_a_finding(tmp_path, titles, rule, cell):
    report = read(tmp_path, grid_of(sheet_of(wording=replace(TYPED, titles=tuple(titles)))))
    (finding,) = report.findings
    assert (finding.rule, finding.cell) == (rule, cell)
    assert len(report.frame) == 4


def test_a_near_miss_is_proposed(tmp_path):
    report = read(tmp_path, grid_of(sheet_of(wording=replace(TYPED, titles=("Phường Lê Lọii", "Tháng 4/2022")))))
    (finding,) = report.findings
    assert report.unit is None
    assert finding.suggestion == {"measure": None, "cell": "A1", "value": "phường Lê Lợi", "reason": "similar_name"}


@pytest.mark.parametrize(
    ("name", "sent_by", "expected"),
    [
        ("BC_Le_Loi_T4.2022.xlsx", None, []),
        ("09574_2022-04.xlsx", "09574", []),
        ("Phường Lê Lợi tháng 4 năm 2022.xlsx", "Lê Lợi", []),
        ("BC thị xã Sơn Tây 20220416.xlsx", "inbox", []),
        ("II.06a 2022.xlsx", None, []),
        ("BC_Le_Loi_T3.2022.xlsx", None, ["S.period-contradicted"]),
        ("2022-05.xlsx", None, ["S.period-contradicted"]),
        ("Quang Trung 04-2022.xlsx", None, ["S.unit-contradicted"]),
        ("a.xlsx", "09583", ["S.unit-contradicted"]),
        ("a.xlsx", "Phường Quang Trung", ["S.unit-contradicted"]),
    ],
)
def test_a_file_or_folder_that_says_otherwise_is_a_finding(tmp_path, name, sent_by, expected):
    path = write_xlsx(tmp_path / "stored", grid_of(sheet_of()))
    assert rules(only(parsed(path, name, sent_by))) == expected


# ---------------------------------------------------------------------------------------------------------
# Rows


def test_sections_are_source_systems_and_their_totals_have_their_scope(tmp_path):
    rows = [row | {"source_system": system} for system in ("ministries", "city") for row in ROWS]
    sheet = sheet_of(rows=rows)
    report = read(tmp_path, grid_of(sheet), merges=sheet.merges)
    kinds = report.frame[["kind", "source_system"]].to_records(index=False).tolist()
    assert kinds == [("field", "ministries")] * 3 + [("field", "city")] * 3 + [("total", "")]
    grid = grid_of(sheet)
    grid[sheet.numbers_of(Part.SECTION)[0] - 1][2:] = [3915, 30, 3870, 15, 3615, 3000, 600, 15, 300, 270, 30]
    totals = read(tmp_path, grid).frame.query("kind == 'total'")
    assert totals["source_system"].tolist() == ["ministries", ""]


def test_each_section_may_have_a_total_of_its_own(tmp_path):
    grid = grid_of(sheet_of(rows=[row | {"source_system": s} for s in ("ministries", "city") for row in ROWS]))
    section = next(i for i, row in enumerate(grid) if row[0] == "II")
    grid.insert(section, [None, "Cộng", *range(3, 14)])
    totals = read(tmp_path, grid).frame.query("kind == 'total'")
    assert totals["source_system"].tolist() == ["ministries", ""] or totals["source_system"].tolist() == [
        "ministries",
        "city",
    ]


def test_group_rows_that_sum_up_what_is_below_are_no_fields(tmp_path):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    total = next(row for row in grid if "TỔNG CỘNG" in row)
    grid.insert(first, [None, "Khối tư pháp", *total[2:]])
    report = read(tmp_path, grid)
    assert report.frame["kind"].tolist() == ["group", "field", "field", "field", "total"]
    assert rules(report) == []
    grid[first][0] = "A"
    assert read(tmp_path, grid).frame["kind"].tolist() == ["group", "field", "field", "field", "total"]
    for head, figure in ((4, total[2]), ("A", 1)):  # numbered as a field is, or not the sum of what is below
        grid[first][0], grid[first][2] = head, figure
        report = read(tmp_path, grid)
        assert report.frame["kind"].tolist() == ["field"] * 4 + ["total"]
        assert rules(report) == ["S.field-unknown"]


def test_procedures_that_make_up_a_field_are_not_counted_twice(tmp_path):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    grid[first][0] = "I"
    grid[first + 1 : first + 1] = [
        [1, "Chứng thực bản sao", 1300, 10, 1290, 0, 1200, 1000, 200, 0, 100, 90, 10],
        [2, "Chứng thực chữ ký", 5, 0, 0, 5, 5, 0, 0, 5, 0, 0, 0],
    ]
    report = read(tmp_path, grid)
    assert report.frame["kind"].tolist() == ["field", "group", "group", "field", "field", "total"]
    assert rules(report) == []
    grid[first + 1][2] = 1299
    report = read(tmp_path, grid)
    assert report.frame["kind"].tolist() == ["field"] * 5 + ["total"]
    assert rules(report) == ["S.field-unknown"] * 2


def test_a_form_sent_back_blank_is_empty(tmp_path):
    grid = grid_of(sheet_of(rows=[{"field": "ho-tich"}, {"field": "dat-dai"}], wording=Wording(totals=Totals.ABSENT)))
    assert rules(read(tmp_path, grid)) == ["S.empty"]


REAL = [
    ["UBND THỊ XÃ SƠN TÂY", None, None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    ["UBND PHƯỜNG LÊ LỢI", None, None, None, None, "Độc lập - Tự do - Hạnh phúc"],
    ["Số: 12/BC-UBND", None, None, None, None, "Lê Lợi, ngày 15 tháng 4 năm 2022"],
    ["Tình hình, kết quả giải quyết thủ tục hành chính tháng 4 năm 2022"],
    ["(Kèm theo Báo cáo số 12/BC-UBND ngày 15/4/2022 của UBND phường Lê Lợi)"],
    ["TT", "Lĩnh vực giải quyết", "Tiếp nhận", None, None, None, "Đã giải quyết", None, None, None, "Đang giải quyết"],
    [None, None, "Tổng số", "Trong kỳ", None, "Kỳ trước chuyển qua", "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn"],
    [None, None, None, "Trực tuyến", "Trực tiếp"],
    [1, 2, "3=4+5+6", 4, 5, 6, "7=8+9+10", 8, 9, 10, "11=12+13", 12, 13],
    [1, "Lĩnh vực Chứng thực", 1305, 10, 1290, 5, 1205, 1000, 200, 5, 100, 90, 10],
    [2, "Hộ tịch", "1.305", 10, "1.290", 5, "1.205", "1.000", 200, 5, 100, 90, 10],
    [3, "Đất đai", 1305, 10, 1290, 5, 1205, 1000, 200, 5, 100, 90, 10],
    ["Tổng cộng", None, 3915, 30, 3870, 15, 3615, 3000, 600, 15, 300, 270, 30],
    ["Nơi nhận:", None, None, None, None, None, None, None, "TM. ỦY BAN NHÂN DÂN"],
    ["- UBND thị xã;", None, None, None, None, None, None, None, "CHỦ TỊCH"],
]
REAL[6] += ["Tổng số", "Chưa đến hạn", "Quá hạn"]


@pytest.mark.parametrize("has_numbers", [True, False])
def test_a_sheet_as_wards_type_it_is_read_whole(tmp_path, has_numbers):
    report = read(tmp_path, [row for row in REAL if has_numbers or "3=4+5+6" not in row])
    assert is_whole(report)
    assert rules(report) == []


def test_an_unknown_field_stays_with_its_name_and_proposals(tmp_path):
    grid = grid_of(sheet_of())
    grid[first_figures(grid) + 1][1] = "Hộ tịchh"
    report = read(tmp_path, grid)
    assert report.frame["field"].isna().tolist() == [False, True, False, True]
    assert report.frame["field_name"][1] == "Hộ tịchh"
    (finding,) = report.findings
    assert (finding.rule, finding.suggestion["value"]) == ("S.field-unknown", "Hộ tịch")


def test_a_doubled_and_an_unnamed_row_are_findings(tmp_path):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    grid[first + 1][1], grid[first + 2][1] = "Chứng thực", None
    assert rules(read(tmp_path, grid)) == ["S.row-doubled", "S.field-missing"]


@pytest.mark.parametrize("place", ["field", "merged", "figures"])
def test_nothing_arose_is_a_report_of_zeros(tmp_path, place):
    grid = grid_of(sheet_of(rows=(), wording=Wording(totals=Totals.ABSENT, signature=())))
    row: list[object] = [None] * 13
    row[{"field": 1, "merged": 0, "figures": 2}[place]] = "Không phát sinh"
    report = read(tmp_path, [*grid, row])
    assert report.frame["field"].tolist() == ["all"]
    assert report.frame["pending_total"].tolist() == [0]
    assert rules(report) == []


def test_one_statement_may_speak_for_its_row(tmp_path):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    grid[first][2:13] = ["không phát sinh", *[None] * 10]
    report = read(tmp_path, grid)
    assert report.frame.loc[0, "pending_overdue"] == 0
    assert report.statements["Trang 1", f"M{first + 1}"] is Statement.NONE_ARISEN
    assert rules(report) == []


def test_statements_keep_blanks_dashes_and_words_apart(tmp_path):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    grid[first][3:8] = [None, "-", "không phát sinh", 0, "nhiều"]
    report = read(tmp_path, grid)
    counts = report.frame.loc[0, ["received_online", "received_direct", "carried_over", "resolved_total"]]
    assert counts.isna().tolist() == [True, False, False, False]
    cells = [report.statements.get(("Trang 1", f"{letter}{first + 1}")) for letter in "DEFGH"]
    assert cells == [Statement.BLANK, Statement.DASH, Statement.NONE_ARISEN, None, Statement.UNREADABLE]
    assert rules(report) == ["V.not-a-count", "V.blank"]


@pytest.mark.parametrize(
    ("value", "rule", "probable"),
    [
        (1.29, "V.decimals", 1290),
        (-10, "V.negative", 10),
        ("10 hs", "V.not-a-count", 10),
        (datetime(1900, 1, 10), "V.not-a-count", 10),
        (5_000_000, "V.too-large", None),
        ("#REF!", "V.not-a-count", None),
        ("=1+1", "V.formula-without-value", None),
    ],
)
def test_a_doubtful_cell_is_missing_with_a_finding(tmp_path, value, rule, probable):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    grid[first][3] = value
    report = read(tmp_path, grid)
    (finding,) = report.findings
    assert (finding.rule, finding.cell, finding.measure) == (rule, f"D{first + 1}", "received_online")
    assert (finding.suggestion or {}).get("value") == probable
    assert report.frame["received_online"].isna().tolist() == [True, False, False, False]
    assert (finding.unit, finding.period, finding.field) == ("09574", "2022-04", "chung-thuc")


def test_nothing_below_the_table_is_read_or_repeated(tmp_path):
    grid = grid_of(sheet_of())
    grid += [
        [None, "Nguyễn Văn Bí", None, None, None, None, None, "Trần Thị Mật"],
        [None, "ĐT: 0912345678", None, 912345678],
        [None, "Nơi nhận: UBND thị xã", 12],
    ]
    report = read(tmp_path, grid)
    assert is_whole(report)
    assert rules(report) == []


def test_personal_data_inside_the_table_is_not_copied(tmp_path):
    grid = grid_of(sheet_of())
    grid[first_figures(grid)] += [None, "gọi 0912 345 678, bi@xa.example"]
    report = read(tmp_path, grid)
    assert rules(report) == ["S.cell-unused"]
    assert not any("0912" in str(f) or "@" in str(f) for f in report.findings)


def test_a_sheet_with_a_total_only_speaks_of_all_fields(tmp_path):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    report = read(tmp_path, grid[:first] + grid[first + 3 :])
    assert report.frame[["kind", "field", "resolved_total"]].to_records(index=False).tolist() == [
        ("field", "all", 3615)
    ]


# ---------------------------------------------------------------------------------------------------------
# Columns and sheets


def test_missing_doubled_and_unknown_columns_are_findings(tmp_path):
    sheet = sheet_of()
    grid = [[*row, None, None] for row in grid_of(sheet)]
    start, first = heading_of(grid), first_figures(grid)
    grid[start + 1][12] = None
    grid[start + 1][11] = "Trong hạn"
    grid[start][13], grid[start][14] = "Tỷ lệ", "Lĩnh vực"
    for i in range(3):
        grid[first + i][13], grid[first + i][14] = 98, "Hộ tịch"
        grid[first + i][12] = None
    for row in grid[start + 3 : start + 4]:
        row[12] = None
    grid[first + 3][12] = None
    report = read(tmp_path, grid)
    assert sorted(rules(report)) == ["S.column-doubled", "S.column-missing", "S.column-unknown"]
    missing = next(f for f in report.findings if f.rule == "S.column-missing")
    assert missing.measure == "pending_overdue"


def test_several_sheets_are_several_reports_or_one(tmp_path):
    march = compose_form(
        REFERENCE, FORM.edition("2020"), unit=WARD, period=CALENDAR.month(2022, 3), rows=ROWS, wording=TYPED
    )
    other = [["Danh sách cán bộ"], ["Nguyễn Văn A", 1]]
    reports = parsed(write_xlsx(tmp_path / "a.xlsx", other, grid_of(march), grid_of(sheet_of())))
    assert [report.period_label for report in reports] == ["2022-03", "2022-04"]
    assert [rules(report) for report in reports] == [[], []]
    same = only(parsed(write_xlsx(tmp_path / "b.xlsx", grid_of(sheet_of()), grid_of(sheet_of()))))
    assert rules(same) == ["S.sheets-several"]
    assert is_whole(same)
    apart = only(
        parsed(write_xlsx(tmp_path / "c.xlsx", grid_of(sheet_of(rows=ROWS[:1])), grid_of(sheet_of(rows=ROWS[1:]))))
    )
    assert rules(apart) == ["S.sheets-several"]
    assert is_whole(apart)


def test_hidden_sheets_and_rows_are_read_and_noted(tmp_path):
    hidden = only(parsed(write_xlsx(tmp_path / "a.xlsx", [["x"]], grid_of(sheet_of()), hidden="Trang 2")))
    assert is_whole(hidden)
    assert rules(hidden) == ["S.sheet-hidden"]
    path = write_xlsx(tmp_path / "b.xlsx", grid_of(sheet_of()))
    book = openpyxl.load_workbook(path)
    book.active.row_dimensions[first_figures(grid_of(sheet_of())) + 1].hidden = True
    book.active.column_dimensions["D"].hidden = True
    book.save(path)
    assert rules(only(parsed(path))) == ["S.row-hidden"]


def test_a_merge_over_a_spacer_is_no_doubled_column(tmp_path):
    sheet = sheet_of()
    grid = [[*row, None] for row in grid_of(sheet)]
    merges = [m for m in sheet.merges if m[3] < 13 or m[1] == 1] + [
        (heading_of(grid) + 2, 13, heading_of(grid) + 4, 14)
    ]
    assert rules(read(tmp_path, grid, merges=merges)) == []


# ---------------------------------------------------------------------------------------------------------
# Plain tables


def test_a_plain_table_holds_many_units_and_periods(tmp_path):
    grid: Grid = [
        ["Unit ", "PERIOD", "Field", "source system", "Received Total", "resolved-total", "Đang giải quyết quá hạn"],
        ["09574", "2022-04", "Hộ tịch", "city", 5, 4, 0],
        [9574, "04/2022", "Chứng thực", None, "1.297", 4, "-"],
        ["UBND phường Quang Trung", "Quý I/2022", "ho-tich", "ministries", 5, 4, 0],
        [None, None, None, None, None, None, None],
        ["09583", "2022-Q1", "đất đai", None, 1, 1, 0],
    ]
    reports = parsed(write_xlsx(tmp_path / "a.xlsx", grid))
    assert [(r.unit_label, r.period_label, len(r.frame)) for r in reports] == [
        ("09574", "2022-04", 2),
        ("09583", "2022-Q1", 2),
    ]
    assert reports[0].frame["received_total"].tolist() == [5, 1297]
    assert [rules(report) for report in reports] == [[], []]


def test_a_plain_table_may_leave_out_fields_and_measures(tmp_path):
    grid: Grid = [["đơn vị", "kỳ báo cáo", "received_total"], ["Lê Lợi", "2022-04", 5]]
    report = read(tmp_path, grid)
    assert report.frame[["kind", "field", "received_total"]].to_records(index=False).tolist() == [("field", "all", 5)]
    assert rules(report) == []


def test_a_row_without_field_beside_fields_is_their_total(tmp_path):
    grid: Grid = [
        ["unit", "period", "field", "received_total"],
        ["Lê Lợi", "2022-04", "Hộ tịch", 5],
        ["Lê Lợi", "2022-04", "Tổng số", 5],
    ]
    assert read(tmp_path, grid).frame["kind"].tolist() == ["field", "total"]


def test_unknown_units_periods_and_columns_of_a_plain_table_stay_as_text(tmp_path):
    grid: Grid = [["unit", "period", "received_total", "màu", "note"], ["Sao Hỏa", "mùa gặt", 5, "xanh", "x"]]
    report = read(tmp_path, grid)
    assert (report.unit_label, report.period_label) == ("Sao Hỏa", "mùa gặt")
    assert sorted(rules(report)) == ["S.column-unknown", "S.period-unknown", "S.unit-unknown"]


def test_published_examples_are_five_reports():
    reports = parsed(Path(__file__).parent / "published_examples.csv")
    assert [report.period_label for report in reports][:4] == ["2022-01/2022-04", "2022-01/2022-04", "2024-Q1", "2020"]
    assert [int(report.frame["received_total"][0]) for report in reports] == [1297, 6977, 159845, 59010, 531269]
    assert {rule for report in reports for rule in rules(report)} == {"S.unit-unknown"}


# ---------------------------------------------------------------------------------------------------------
# Any content


@pytest.mark.parametrize("grid", [[["a", "b"], [1, 2]], [["STT", "Lĩnh vực", "Tổng số"], [1, "Hộ tịch", 5]]])
def test_a_sheet_that_fits_no_edition_is_refused(tmp_path, grid):
    with pytest.raises(SubmissionError) as caught:
        parsed(write_xlsx(tmp_path / "a.xlsx", grid))
    assert caught.value.rule == "S.no-edition"


few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
words = st.sampled_from(
    [
        "STT",
        "Lĩnh vực",
        "Tổng số",
        "Đã giải quyết",
        "Tiếp nhận",
        "Quá hạn",
        "unit",
        "period",
        "received_total",
        "I",
        "TỔNG CỘNG",
        "Hộ tịch",
        "Tháng 4 năm 2022",
        "Phường Lê Lợi",
        "-",
        "(3)",
        "1.297",
        "Hệ thống các Bộ",
        "Ghi chú",
    ]
)
cells = st.one_of(st.none(), words, st.text(max_size=8), st.integers(0, 99).map(str))


@few
@given(st.lists(st.lists(cells, max_size=8), min_size=1, max_size=12))
def test_any_table_is_read_or_refused(tmp_path, grid):
    try:
        reports = parsed(write_csv(tmp_path / "a.csv", grid))
    except (SubmissionError, UnicodeEncodeError):
        return
    assert all(len(report.frame.columns) == 6 + len(FORM.measure_names) for report in reports)


@few
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 14), cells), max_size=12))
def test_any_scribble_on_a_report_is_read_or_reported(tmp_path, scribbles):
    grid = [[*row, None, None] for row in grid_of(sheet_of())]
    for row, column, value in scribbles:
        if row < len(grid):
            grid[row][column] = value
    try:
        reports = parsed(write_csv(tmp_path / "a.csv", grid))
    except (SubmissionError, UnicodeEncodeError):
        return
    for report in reports:
        assert all(finding.message_vi and finding.message_en for finding in report.findings)


@few
@given(st.lists(st.integers(0, 999_999), min_size=11, max_size=11), st.sampled_from(EDITIONS))
def test_what_is_written_is_what_is_read(tmp_path, numbers, edition):
    measures = list(FORM.edition(edition).measures or FORM.measure_names)
    row = {"field": "ho-tich", **dict(zip(measures, numbers, strict=False))}
    grid = grid_of(
        sheet_of(edition, rows=[row], wording=Wording(totals=Totals.ABSENT, show=lambda n: f"{n:_}".replace("_", ".")))
    )
    report = only(parsed(write_csv(tmp_path / "a.csv", grid)))
    read_back = {m: int(report.frame[m][0]) for m in measures if not report.frame[m].isna()[0]}
    shown = {m: n for m, n in row.items() if m in read_back}
    assert read_back == shown


@pytest.mark.parametrize(
    "text", ["p " * 200_000, "-" * 300_000 + "x", "a" * 400_000, "phường " * 50_000, "1." * 200_000]
)
@pytest.mark.parametrize("place", ["title", "label", "figure", "heading", "plain"])
def test_a_very_long_text_takes_no_long_time(tmp_path, text, place):
    grid = grid_of(sheet_of())
    first = first_figures(grid)
    row, column = {"title": (0, 0), "label": (first, 1), "figure": (first, 4), "heading": (first - 3, 5)}.get(
        place, (0, 0)
    )
    grid[row][column] = text
    if place == "plain":
        grid = [["unit", "period", "field", "received_total"], [text, text, text, text]]
    began = time.process_time()
    try:
        reports = parsed(write_csv(tmp_path / "a.csv", grid))
    except SubmissionError:
        reports = ()
    assert time.process_time() - began < 1
    assert all(len(finding.message_vi) < 2000 for report in reports for finding in report.findings)


moments = st.one_of(st.dates(), st.datetimes(), st.times(), st.timedeltas())
values = st.one_of(cells, st.floats(), st.integers(), st.booleans(), moments)


@few
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 12), values), max_size=12))
def test_any_value_may_stand_anywhere_among_the_headings_and_figures(scribbles):
    grid = [[*row, *[None] * (13 - len(row))] for row in REAL]
    for row, column, value in scribbles:
        grid[row][column] = value
    sheet = Sheet("Biểu", tuple(map(tuple, grid)))
    for layout in find_layouts(sheet, FORM):
        header = read_header(sheet, layout.top, REFERENCE)
        figures = FigureReader(sheet, FORM, layout.measures, 1_000_000)
        rows = SheetReader(sheet, layout, lexicon_of(REFERENCE), figures).read()
        told = {finding.rule for finding in header.findings}
        assert (header.period is None) == bool(told & {"S.period-missing", "S.period-unknown"})
        assert all(0 <= count <= 1_000_000 for row in rows for count in row.counts.values() if count is not None)


# ---------------------------------------------------------------------------------------------------------
# No figure is lost, none is counted twice


def cells_found(report: Report) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.cell) for finding in report.findings]


def kinds_of(report: Report) -> list[str]:
    return list(report.frame["kind"])


@pytest.mark.parametrize("name", ["Công chức, viên chức", "Đại diện", "Ngày công", "Ghi chú", "TM. Ủy ban"])
def test_a_row_of_figures_is_no_signature(tmp_path, name):
    grid = grid_of(sheet_of())
    row = first_figures(grid) + 1
    grid[row][1] = name
    report = read(tmp_path, grid)
    assert kinds_of(report) == ["field", "field", "field", "total"]
    assert cells_found(report) == [("S.field-unknown", f"B{row + 1}")]


def test_a_note_inside_the_table_does_not_end_it(tmp_path):
    grid = grid_of(sheet_of())
    grid.insert(first_figures(grid) + 1, ["Lưu ý: số liệu đã rà soát"])
    report = read(tmp_path, grid)
    assert is_whole(report)
    assert rules(report) == []


def test_a_second_table_below_the_first_is_a_report_of_its_own(tmp_path):
    grid = grid_of(sheet_of())
    other = [[v.replace("Lê Lợi", "Quang Trung") if isinstance(v, str) else v for v in row] for row in grid]
    other[0] = ["UBND PHƯỜNG QUANG TRUNG"]
    reports = parsed(write_xlsx(tmp_path / "a.xlsx", [*grid, [], [], *other]))
    assert [report.unit.name for report in reports] == ["Lê Lợi", "Quang Trung"]
    assert [kinds_of(report) for report in reports] == [["field", "field", "field", "total"]] * 2
    assert [rules(report) for report in reports] == [[], []]


@pytest.mark.parametrize(
    ("name", "kinds", "found"),
    [
        ("Toàn phường", ["total"], []),
        ("Lũy kế từ đầu năm", [], ["S.cell-unused"]),
        ("Cộng dồn", [], ["S.cell-unused"]),
        ("Cùng kỳ năm 2021", [], ["S.cell-unused"]),
        ("Trong đó: trực tuyến", [], ["S.cell-unused"]),
        ("Số liệu chung cuộc", ["total"], ["S.field-unknown"]),
    ],
)
def test_a_row_that_says_others_again_is_not_counted(tmp_path, name, kinds, found):
    grid = grid_of(sheet_of())
    grid[first_figures(grid) + 3][1] = name
    report = read(tmp_path, grid)
    assert kinds_of(report) == ["field", "field", "field", *kinds]
    assert rules(report) == found


def test_figures_below_the_total_are_never_passed_over(tmp_path):
    grid = grid_of(sheet_of())
    total = first_figures(grid) + 3
    grid[total + 1] = [None, None, *[5] * 11]
    assert cells_found(read(tmp_path, grid)) == [("S.field-missing", f"B{total + 2}")]
    grid[total + 1] = [None, None, 5]
    assert cells_found(read(tmp_path, grid)) == [("S.cell-unused", f"C{total + 2}")]


def test_a_total_row_of_one_unreadable_figure_is_told(tmp_path):
    grid = grid_of(sheet_of())
    total = first_figures(grid) + 3
    grid[total][2:] = ["abc", *[None] * (len(grid[total]) - 3)]
    assert ("V.not-a-count", f"C{total + 1}") in cells_found(read(tmp_path, grid))


def test_headings_that_contradict_the_numbers_below_them_are_told(tmp_path):
    grid = grid_of(sheet_of())
    row = heading_of(grid) + 1
    grid[row][7], grid[row][8] = grid[row][8], grid[row][7]
    found = [("S.column-contradicted", f"{letter}{row + 1}") for letter in "HI"]
    assert cells_found(read(tmp_path, grid)) == found


def test_a_csv_row_with_more_cells_than_headings_is_an_error(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("unit,period,received_total,resolved_total\nLê Lợi,2022-04,1,297,5\n", "utf-8")
    assert "S.row-unused" in rules(only(parsed(path)))


def test_a_title_that_names_a_former_ward_contradicts_the_code(tmp_path):
    grid = grid_of(sheet_of())
    period = next(i for i, row in enumerate(grid) if str(row[0]).startswith("Tháng 4"))
    unit = next(i for i, row in enumerate(grid) if str(row[0]).startswith("Đơn vị báo cáo"))
    grid[period][0], grid[unit][0] = "Tháng 3 năm 2025", "Đơn vị báo cáo: 09574"
    report = read(tmp_path, grid)
    assert report.unit.name == "Ngô Quyền"
    assert rules(report) == ["S.unit-contradicted"]


def test_each_part_of_the_senders_folder_may_name_the_unit(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", grid_of(sheet_of()))
    assert rules(only(parsed(path, sent_by="09577/2024"))) == ["S.unit-contradicted"]
    assert rules(only(parsed(path, sent_by="09574/2024"))) == []


@pytest.mark.parametrize("sent_by", ["09574+09577", "09577+09574", "2022/phường Phú Thịnh + Lê Lợi", "09574+nobody"])
def test_who_sends_for_several_units_may_report_for_each(tmp_path, sent_by):
    path = write_xlsx(tmp_path / "a.xlsx", grid_of(sheet_of()))
    assert rules(only(parsed(path, sent_by=sent_by))) == []


def test_who_sends_for_several_units_may_report_for_no_other(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", grid_of(sheet_of()))
    (finding,) = only(parsed(path, sent_by="09577+09583")).findings
    assert (finding.rule, finding.severity) == ("S.unit-contradicted", Severity.ERROR)
    for message in (finding.message_vi, finding.message_en):
        assert "“phường Phú Thịnh”, “phường Quang Trung”" in message


@pytest.mark.parametrize("sent_by", ["09577/09574", "09577/09574+09577", "2022/09577/09574"])
def test_a_folder_inside_the_senders_own_gives_no_right_to_report_for_another(tmp_path, sent_by):
    path = write_xlsx(tmp_path / "a.xlsx", grid_of(sheet_of()))
    assert rules(only(parsed(path, sent_by=sent_by))) == ["S.unit-contradicted"]


def read_plain(tmp_path: Path, *lines: str) -> tuple[Report, ...]:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return parsed(path)


@pytest.mark.parametrize("system", ["", "Tổng cộng", "tổng số"])
def test_a_row_over_all_source_systems_is_their_total(tmp_path, system):
    report = only(
        read_plain(
            tmp_path,
            "unit,period,source_system,received_total",
            "Lê Lợi,2022-04,city,5",
            "Lê Lợi,2022-04,ministries,6",
            f"Lê Lợi,2022-04,{system},11",
        )
    )
    assert kinds_of(report) == ["field", "field", "total"]
    assert rules(report) == []


@pytest.mark.parametrize(("count", "found"), [(11, []), (12, ["S.row-doubled"])])
def test_a_field_over_all_source_systems_is_not_counted_beside_them(tmp_path, count, found):
    report = only(
        read_plain(
            tmp_path,
            "unit,period,source_system,field,received_total",
            "Lê Lợi,2022-04,city,ho-tich,5",
            "Lê Lợi,2022-04,ministries,ho-tich,6",
            f"Lê Lợi,2022-04,,ho-tich,{count}",
            "Lê Lợi,2022-04,,dat-dai,7",
        )
    )
    assert kinds_of(report) == ["field", "field", "group", "field"]
    assert rules(report) == found


@pytest.mark.parametrize("name", ["Tổng cộng", "Tổng số", "Toàn thị xã"])
def test_a_total_of_units_is_no_units_report(tmp_path, name):
    header, *lines = "unit,period,received_total", "Lê Lợi,2022-04,5", "Quang Trung,2022-04,6", f"{name},2022-04,11"
    *wards, total = read_plain(tmp_path, header, *lines)
    assert [rules(report) for report in wards] == [[], []]
    assert total.unit is None
    assert "không được đối chiếu" in total.findings[0].message_vi


def test_two_unit_columns_that_disagree_are_told(tmp_path):
    header = "unit,unit_code,period,received_total"
    assert rules(only(read_plain(tmp_path, header, "Lê Lợi,09574,2022-04,5"))) == []
    assert rules(only(read_plain(tmp_path, header, "Lê Lợi,09577,2022-04,5"))) == ["S.unit-contradicted"]


def test_thousands_of_unknown_units_get_no_near_misses(tmp_path):
    lines = [f"Lê Lợii {i},2022-04,5" for i in range(1000)]
    reports = read_plain(tmp_path, "unit,period,received_total", *lines)
    assert [rules(report) for report in reports] == [["S.unit-unknown"]] * 1000
    assert reports[0].findings[0].suggestion is not None
    assert reports[-1].findings[0].suggestion is None
