"""The form as it is written: its header, sums, guards and titles follow from the edition alone."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from etl.check_files import check_files
from etl.errors import ConfigError
from etl.form_layout import compose_form, compose_period, compose_titles
from etl.form_sheet import TEMPLATE, FormSheet, Formula, Numbers, Part, Row, Totals, Wording, checks_of, sums_of
from etl.forms import Column
from etl.model import Submission, Unit
from etl.parse import parse
from etl.periods import Period, find_periods
from etl.reading.sheets import read_sheets
from etl.reference import read_reference
from etl.settings import Limits
from etl.template import build_template, build_workbook, find_edition, write_form

FOLDER = Path(__file__).parents[2] / "reference" / "son-tay"
REFERENCE = read_reference(FOLDER)
FORM, CALENDAR = REFERENCE.form, REFERENCE.town.calendar
APRIL = CALENDAR.month(2022, 4)
WARD, DESK = (next(u for u in REFERENCE.units if u.name.startswith(name)) for name in ("Lê Lợi", "Bộ phận"))
ROW = {
    "field": "ho-tich",
    "received_online": 9,
    "received_direct": 12,
    "carried_over": 3,
    "resolved_early": 13,
    "resolved_on_time": 8,
    "resolved_overdue": 1,
    "pending_in_time": 2,
    "pending_overdue": 0,
}


def form(*rows: Row, edition: str = "2020", wording: Wording | None = None) -> FormSheet:
    listed = rows or (ROW,)
    chosen = FORM.edition(edition)
    return compose_form(REFERENCE, chosen, unit=WARD, period=APRIL, rows=listed, wording=wording or Wording())


def field_cells(sheet: FormSheet, nth: int = 0) -> dict[str, object]:
    row = sheet.rows[sheet.numbers_of(Part.FIELD)[nth] - 1]
    return {c.measure: value for c, value in zip(sheet.columns, row, strict=True) if c.measure}


@pytest.mark.parametrize("edition", ["2020", "2017"])
def test_header_spells_every_heading_path_of_the_edition(edition: str) -> None:
    sheet = form(edition=edition)
    covering = {(r, c): (top, left) for top, left, bottom, right in sheet.merges
                for r in range(top, bottom + 1) for c in range(left, right + 1)}  # fmt: skip
    for at, column in enumerate(sheet.columns, 1):
        places = [covering.get((row, at), (row, at)) for row in sheet.numbers_of(Part.HEADING)]
        path = tuple(sheet.rows[r - 1][c - 1] for r, c in dict.fromkeys(places))
        assert path == column.headings[0]


def test_merged_ranges_never_overlap() -> None:
    for edition in ("2020", "2017"):
        cells = [(r, c) for top, left, bottom, right in form(edition=edition).merges
                 for r in range(top, bottom + 1) for c in range(left, right + 1)]  # fmt: skip
        assert len(cells) == len(set(cells))


def test_the_row_of_numbers_says_the_sums() -> None:
    sheet = form()
    numbers = sheet.rows[sheet.numbers_of(Part.NUMBER)[0] - 1]
    assert numbers[2:7] == ("(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)")
    plain = form(wording=Wording(numbers=Numbers.PLAIN))
    assert plain.rows[plain.numbers_of(Part.NUMBER)[0] - 1][:3] == ("(1)", "(2)", "(3)")
    assert not form(wording=Wording(numbers=Numbers.ABSENT)).numbers_of(Part.NUMBER)


def test_sums_go_through_what_an_edition_does_not_print() -> None:
    assert sums_of(FORM, FORM.edition("2020").columns) == {
        "received_total": ("received_online", "received_direct", "carried_over"),
        "resolved_total": ("resolved_early", "resolved_on_time", "resolved_overdue"),
        "pending_total": ("pending_in_time", "pending_overdue"),
    }
    assert sums_of(FORM, FORM.edition("2017").columns)["received_total"] == ("received_in_period", "carried_over")


def test_a_balance_that_defines_no_total_is_checked_instead() -> None:
    wanted = (("received_total", ("resolved_total", "pending_total")),)
    assert checks_of(FORM, FORM.edition("2020").columns) == wanted


def test_sums_of_nothing_where_parts_are_not_printed() -> None:
    assert sums_of(FORM, [Column((("Tổng số",),), measure="received_total")]) == {}


def test_derived_measures_are_formulas_with_the_value_they_give() -> None:
    sheet = form()
    row = sheet.numbers_of(Part.FIELD)[0]
    assert field_cells(sheet)["received_total"] == Formula(
        f'IF(COUNT(D{row},E{row},F{row})=0,"",SUM(D{row},E{row},F{row}))', 24
    )
    assert field_cells(sheet)["received_online"] == 9
    total = sheet.rows[sheet.numbers_of(Part.TOTAL)[0] - 1]
    assert total[1] == "TỔNG CỘNG"
    assert total[2] == Formula(f'IF(COUNT(C{row}:C{row})=0,"",SUM(C{row}:C{row}))', 24)


def test_formulas_keep_or_lack_a_value_in_the_file(tmp_path: Path) -> None:
    kept, lacking = tmp_path / "kept.xlsx", tmp_path / "lacking.xlsx"
    for path, totals in ((kept, Totals.FORMULAS), (lacking, Totals.UNCALCULATED)):
        wording = Wording(totals=totals)
        sheet = write_form(
            path,
            reference=REFERENCE,
            edition=FORM.edition("2020"),
            unit=WARD,
            period=APRIL,
            rows=[ROW],
            wording=wording,
        )
    row = sheet.numbers_of(Part.FIELD)[0] - 1
    assert cells_of(kept)[row][2:7] == [24, 9, 12, 3, 22]
    assert cells_of(lacking)[row][2:7] == ["", 9, 12, 3, ""]


def cells_of(path: Path) -> list[list[object]]:
    return [list(row) for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()]


def test_typed_figures_and_statements_stand_as_given() -> None:
    row = {
        **ROW,
        "received_total": "1.297",
        "resolved_total": None,
        "pending_total": "-",
        "pending_overdue": "không phát sinh",
    }
    cells = field_cells(form(row, wording=Wording(totals=Totals.TYPED)))
    shown = ("received_total", "resolved_total", "pending_total", "pending_overdue", "carried_over")
    assert [cells[measure] for measure in shown] == ["1.297", None, "-", "không phát sinh", 3]


def test_typed_total_row_adds_the_field_rows_or_says_what_it_is_told() -> None:
    wording = Wording(totals=Totals.TYPED, total={"carried_over": 99})
    group = {"kind": "group", "field": "Nhóm"}
    sheet = form(group, ROW, {**ROW, "field": "dat-dai"}, wording=wording)
    total = dict(zip((c.measure for c in sheet.columns), sheet.rows[sheet.numbers_of(Part.TOTAL)[0] - 1], strict=True))
    assert (total["received_online"], total["carried_over"]) == (18, 99)


def test_rows_of_each_source_system_stand_under_its_heading() -> None:
    rows = [{**ROW, "source_system": system} for system in ("city", "", "ministries")]
    sheet = form(*rows)
    body = [p for p in sheet.parts if p in (Part.SECTION, Part.FIELD)]
    assert body == [Part.FIELD, Part.SECTION, Part.FIELD, Part.SECTION, Part.FIELD]
    assert [sheet.rows[n - 1][:2] for n in sheet.numbers_of(Part.SECTION)] == [
        ("I", "Hệ thống thành phố"),
        ("II", "Hệ thống các Bộ"),
    ]


def test_what_an_edition_does_not_print_is_not_on_its_sheet() -> None:
    names = {c.measure for c in form(edition="2017").columns}
    assert "received_online" not in names
    assert "received_in_period" in names


def test_plain_table_is_one_heading_row_over_the_rows() -> None:
    sheet = form({"field": "ho-tich", "received_total": 24}, edition="plain")
    assert sheet.rows == (
        ("unit", "period", "field", "source_system", "received_total"),
        ("09574", "2022-04", "Hộ tịch", None, 24),
    )


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (APRIL, "Tháng 4 năm 2022 (Từ ngày 15/3/2022 đến ngày 14/4/2022)"),
        (CALENDAR.quarter(2022, 1), "Quý I năm 2022 (Từ ngày 15/12/2021 đến ngày 14/3/2022)"),
        (CALENDAR.half(2022, 2), "6 tháng cuối năm 2022 (Từ ngày 15/6/2022 đến ngày 14/12/2022)"),
        (CALENDAR.year(2022), "Năm 2022 (Từ ngày 15/12/2021 đến ngày 14/12/2022)"),
        (CALENDAR.months((2022, 1), (2022, 4)), "4 tháng đầu năm 2022 (Từ ngày 15/12/2021 đến ngày 14/4/2022)"),
        (CALENDAR.months((2022, 3), (2022, 4)), "Từ ngày 15/2/2022 đến ngày 14/4/2022"),
        (CALENDAR.days(APRIL.start, APRIL.end.replace(day=10)), "Từ ngày 15/3/2022 đến ngày 10/4/2022"),
    ],
)
def test_period_in_words_is_read_back_as_the_same_period(period: Period, words: str) -> None:
    assert compose_period(period) == words
    assert {found for _, found in find_periods(words, CALENDAR)} == {period}


def test_titles_name_the_committee_of_a_ward_and_the_desk_itself() -> None:
    ward, desk = (compose_titles(REFERENCE, FORM.edition("2020"), unit, APRIL) for unit in (WARD, DESK))
    assert ward[0] == "UBND PHƯỜNG LÊ LỢI"
    assert desk[0] == "BỘ PHẬN MỘT CỬA THỊ XÃ SƠN TÂY"


def template(tmp_path: Path, unit: Unit = WARD, stocks: dict[tuple[str, str], int] | None = None) -> Path:
    path = tmp_path / "template.xlsx"
    path.write_bytes(build_template(REFERENCE, unit, APRIL, opening_stocks=stocks))
    return path


def page_of(path: Path) -> Worksheet:
    page = load_workbook(path).active
    assert isinstance(page, Worksheet)
    return page


def test_template_has_a_row_for_each_field_and_the_stock_it_opens_with(tmp_path: Path) -> None:
    cells = cells_of(template(tmp_path, stocks={("", "ho-tich"): 5}))
    rows = {row[1]: row for row in cells}
    assert {field.name for field in REFERENCE.fields} <= rows.keys()
    assert rows["Hộ tịch"][2:7] == [5, "", "", 5, ""]
    assert rows["Đất đai"][5] == ""


def test_template_leaves_no_stock_out(tmp_path: Path) -> None:
    stocks = {("city", "Trồng nấm"): 4, ("city", "Nuôi ong"): 0, ("city", "all"): 9, ("ministries", "ho-tich"): 2}
    cells = cells_of(template(tmp_path, stocks=stocks))
    assert [row[5] for row in cells if row[1] == "Trồng nấm"] == [4]
    assert [row[5] for row in cells if row[1] == "Hộ tịch"] == ["", 2]
    assert not {"Nuôi ong", "all"} & {row[1] for row in cells}


def test_an_empty_template_says_nothing_rather_than_nought(tmp_path: Path) -> None:
    (sheet,) = read_sheets(template(tmp_path))
    figures = [value for row in sheet.rows[11 : 11 + len(REFERENCE.fields) + 4] for value in row[2:]]
    assert set(figures) == {None}
    assert not sheet.uncached


def test_template_guards_typed_cells_and_only_these(tmp_path: Path) -> None:
    page = page_of(template(tmp_path))
    rules = [rule for rule in page.data_validations.dataValidation if rule.type == "whole"]
    assert {(rule.operator, rule.formula1, rule.showErrorMessage) for rule in rules} == {("between", "0", True)}
    assert {str(area)[0] for rule in rules for area in rule.sqref.ranges} == set("DEFHIJLM")
    assert all(str(page[f"{letter}12"].value).startswith("=IF(COUNT(") for letter in "CGK")


def test_template_says_at_each_typed_cell_what_belongs_there(tmp_path: Path) -> None:
    page = page_of(template(tmp_path, stocks={("", "ho-tich"): 5, ("", "khac"): 0}))
    rules = page.data_validations.dataValidation
    assert all(rule.showInputMessage and rule.prompt and len(rule.promptTitle) <= 32 for rule in rules)
    prompts = {str(area): rule.prompt for rule in rules for area in rule.sqref.ranges}
    assert "kỳ trước trong báo cáo đã nhận" in prompts["F13"]
    assert prompts["F13"] == prompts["F28"] != prompts["F14:F27"]
    assert "ghi tên lĩnh vực" in prompts["B29:B31"]


def test_only_what_is_filled_in_can_be_changed(tmp_path: Path) -> None:
    page = page_of(template(tmp_path, stocks={("", "ho-tich"): 5}))
    book = load_workbook(tmp_path / "template.xlsx")
    assert page.protection.sheet
    assert not page.protection.password
    assert not page.protection.formatColumns
    assert page.protection.insertRows
    assert book.security.lockStructure
    spares = {"B29", "B30", "B31"}
    signed = {cell.coordinate for row in page["A33:M39"] for cell in row}
    typed = {f"{letter}{row}" for letter in "DEFHIJLM" for row in range(12, 32)}
    assert {cell.coordinate for row in page.iter_rows() for cell in row if not cell.protection.locked} == (
        spares | signed | typed
    )


def test_template_colours_what_breaks_a_balance_and_what_is_still_blank(tmp_path: Path) -> None:
    page = page_of(template(tmp_path))
    rules = {str(area.sqref): [rule.formula[0] for rule in area.rules] for area in page.conditional_formatting}
    assert rules["A12:M31"] == [
        "AND(COUNT($L12,$M12)=2,SUM($K12)<>SUM($L12,$M12))",
        "AND(COUNT($D12,$E12,$F12)=3,SUM($C12)<>SUM($D12,$E12,$F12))",
        "AND(COUNT($H12,$I12,$J12)=3,SUM($G12)<>SUM($H12,$I12,$J12))",
        "AND(COUNT($D12,$E12,$F12)=3,OR(SUM($G12,$K12)>SUM($C12),"
        "AND(COUNT($H12,$I12,$J12,$L12,$M12)=5,SUM($C12)<>SUM($G12,$K12))))",
    ]
    assert len(rules["A32:M32"]) == len(rules["A12:M31"])
    assert rules["M32"] == ["SUM(M12:M31)<>SUM(M32)"]
    (blank,) = next(formulas for area, formulas in rules.items() if " " in area)
    assert blank == "AND(ISBLANK(D12),COUNT($D12,$E12,$H12,$I12,$J12,$L12,$M12)>0)"


def test_no_rule_for_a_row_moves_with_the_column(tmp_path: Path) -> None:
    page = page_of(template(tmp_path))
    wide = [area for area in page.conditional_formatting if str(area.sqref).startswith("A")]
    assert wide
    for formula in (rule.formula[0] for area in wide for rule in area.rules):
        assert re.findall(r"(?<![$A-Z])[A-Z]+\d", formula) == []


def test_a_form_that_is_sent_is_neither_locked_nor_coloured(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_form(path, reference=REFERENCE, edition=FORM.edition("2020"), unit=WARD, period=APRIL, rows=[ROW])
    page = page_of(path)
    assert not page.protection.sheet
    assert not page.data_validations.dataValidation
    assert "Mã biểu" not in "".join(str(row[0]) for row in page.iter_rows(values_only=True))


def test_a_template_sent_back_as_it_is_is_empty(tmp_path: Path) -> None:
    stocks = {("", field.code): 3 for field in REFERENCE.fields[:5]}
    (checked,) = check_files([template(tmp_path, stocks=stocks)], REFERENCE, Limits())
    assert [finding.rule for finding in checked.findings] == ["S.empty"]


def test_one_figure_makes_a_template_speak(tmp_path: Path) -> None:
    path = template(tmp_path, stocks={("", "ho-tich"): 3})
    book = load_workbook(path)
    assert book.active is not None
    book.active["D13"], book.active["C13"] = 0, 3
    book.save(path)
    (checked,) = check_files([path], REFERENCE, Limits())
    assert "S.empty" not in [finding.rule for finding in checked.findings]


def test_a_spare_row_takes_a_field_that_is_not_listed(tmp_path: Path) -> None:
    sheet = form(dict(ROW), wording=TEMPLATE)
    first = sheet.numbers_of(Part.SPARE)[0]
    assert [sheet.parts.count(part) for part in (Part.FIELD, Part.SPARE)] == [1, 3]
    named = (2, "Trồng nấm", 2, 2, 0, 0, 2, 0, 2, 0, 0, 0, 0)
    filled = replace(sheet, rows=(*sheet.rows[: first - 1], named, *sheet.rows[first:]))
    path = tmp_path / "filled.xlsx"
    path.write_bytes(build_workbook(filled, largest_count=1000))
    (report,) = parse(Submission("", path.name, 0, datetime.now(UTC), path), REFERENCE)
    assert report.frame["field_name"].tolist() == ["Hộ tịch", "Trồng nấm", "TỔNG CỘNG"]
    assert [(finding.rule, finding.found) for finding in report.findings] == [("S.field-unknown", "Trồng nấm")]


def test_template_keeps_its_header_in_sight_and_fits_a_page(tmp_path: Path) -> None:
    page = page_of(template(tmp_path))
    assert page.freeze_panes == "C12"
    assert page.print_title_rows == "$8:$11"
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("landscape", 1)


def test_the_same_form_is_the_same_bytes(tmp_path: Path) -> None:
    first = template(tmp_path).read_bytes()
    assert template(tmp_path).read_bytes() == first
    assert load_workbook(io.BytesIO(first)).properties.modified.year == 2000


def test_the_newest_sheet_in_force_is_chosen() -> None:
    assert find_edition(REFERENCE, APRIL).name == "2020"
    assert find_edition(REFERENCE, CALENDAR.month(2019, 4)).name == "2017"
    with pytest.raises(ConfigError, match="no edition is in force on 2012-04-14"):
        find_edition(REFERENCE, CALENDAR.month(2012, 4))


def test_an_edition_added_to_the_yaml_needs_no_code() -> None:
    kept = ("received_total", "resolved_total", "pending_total")
    columns = tuple(c for c in FORM.edition("2020").columns if c.measure in (None, *kept) and not c.is_optional)
    short = replace(FORM.edition("2020"), columns=columns)
    sheet = compose_form(REFERENCE, short, unit=WARD, period=APRIL, rows=[dict.fromkeys(kept, 0) | {"field": "khac"}])
    assert [c.measure for c in sheet.columns if c.measure] == list(kept)
    assert not any(isinstance(value, Formula) for value in field_cells(sheet).values())


COUNTS = st.integers(min_value=0, max_value=999_999)
CELLS = st.one_of(COUNTS, COUNTS, st.sampled_from(["-", "không phát sinh", None]))
KEYS = st.tuples(st.sampled_from(["", "ministries", "city"]), st.sampled_from([f.code for f in REFERENCE.fields]))


@st.composite
def reports(draw: st.DrawFn) -> tuple[str, list[dict[str, object]], Wording]:
    edition = draw(st.sampled_from(["2020", "2017", "plain"]))
    measures = FORM.edition(edition).measures or FORM.measure_names
    keys = draw(st.lists(KEYS, min_size=1, max_size=6, unique=True))
    rows: list[dict[str, object]] = [
        {"source_system": system, "field": code, **{name: draw(CELLS) for name in measures}} for system, code in keys
    ]
    kept = [row for row in rows if any(isinstance(row[name], int) for name in measures)] or [
        {"source_system": "", "field": "khac", **dict.fromkeys(measures, 0)}
    ]
    numbers = draw(st.sampled_from(Numbers))
    return edition, kept, Wording(totals=draw(st.sampled_from([Totals.TYPED, Totals.ABSENT])), numbers=numbers)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(reports())
def test_what_is_written_is_read_back_the_same(written: tuple[str, list[dict[str, object]], Wording]) -> None:
    edition, rows, wording = written
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        chosen = FORM.edition(edition)
        write_form(path, reference=REFERENCE, edition=chosen, unit=WARD, period=APRIL, rows=rows, wording=wording)
        (report,) = parse(Submission("", path.name, 0, datetime.now(UTC), path), REFERENCE)
    assert (report.unit, report.period, report.edition) == (WARD, APRIL, edition)
    fields = report.frame[report.frame["kind"] == "field"]
    measures = chosen.measures or FORM.measure_names
    counts = fields[list(measures)].astype(object).where(fields[list(measures)].notna(), None).to_dict("records")
    read = dict(zip(zip(fields["source_system"], fields["field"], strict=True), counts, strict=True))
    assert read == {(row["source_system"], row["field"]): {m: count_of(row[m]) for m in measures} for row in rows}


def count_of(cell: object) -> int | None:
    return 0 if isinstance(cell, str) else cell if isinstance(cell, int) else None
