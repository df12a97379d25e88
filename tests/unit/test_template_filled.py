"""A form filled in and saved by a real spreadsheet, in each kind of file, read back and accepted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from etl.check import CheckContext, check
from etl.model import CheckedReport, Submission, Unit, Verdict
from etl.parse import parse
from etl.periods import Period
from etl.reference import Reference, read_reference
from etl.template import build_template
from tests.libreoffice import needs_libreoffice, save_as

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
CALENDAR = REFERENCE.town.calendar
PHU_THINH, SON_TAY = (next(u for u in REFERENCE.units if u.name == name) for name in ("Phú Thịnh", "Sơn Tây"))
DESK = next(unit for unit in REFERENCE.units if unit.code == "269")
RANGE = CALENDAR.months((2022, 1), (2022, 4))
TARGETS = {
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
    "xls": "xls:MS Excel 97",
    "ods": "ods",
    "csv": "csv:Text - txt - csv (StarCalc):44,34,76",
    "csv-semicolons": "csv:Text - txt - csv (StarCalc):59,34,76",
}
STOCKS = {("", "ho-tich"): 4, ("", "dat-dai"): 2, ("", "khac"): 0}
# field row counted from 0 → measure → what the clerk types; all others get zeros
TYPED: Mapping[int, Mapping[str, int]] = {
    0: {"received_online": 20, "received_direct": 1277, "resolved_early": 1200, "resolved_on_time": 97},
    1: {"received_direct": 9, "resolved_on_time": 10, "resolved_overdue": 1, "pending_in_time": 2},
    2: {"received_online": 5, "resolved_early": 6, "pending_overdue": 1},
}
SPARE = {"received_direct": 3, "resolved_on_time": 3}
LETTERS_2020 = {
    "received_online": "D", "received_direct": "E", "carried_over": "F", "resolved_early": "H",
    "resolved_on_time": "I", "resolved_overdue": "J", "pending_in_time": "L", "pending_overdue": "M",
}  # fmt: skip
TOTALS = {
    "received_total": 1320, "received_online": 25, "received_direct": 1289, "carried_over": 6, "resolved_total": 1317,
    "resolved_early": 1206, "resolved_on_time": 110, "resolved_overdue": 1, "pending_total": 3, "pending_in_time": 2,
    "pending_overdue": 1,
}  # fmt: skip


def fill_in(path: Path, *, place: str = "Phú Thịnh, ngày 16 tháng 5 năm 2022") -> None:
    """Type what a clerk types, into unlocked cells alone; formulas lose the values they had."""
    book = load_workbook(path)
    page = book.active
    assert isinstance(page, Worksheet)
    named = {str(page.cell(row, 2).value): row for row in range(1, page.max_row + 1)}
    first, last = named["Chứng thực"], named["TỔNG CỘNG"]
    for row in range(first, first + len(REFERENCE.fields)):
        _type(page, row, TYPED.get(row - first, {}))
    _type(page, last - 3, SPARE)
    page[f"B{last - 3}"] = "Trồng nấm"
    signed = next(c for row in page.iter_rows(min_row=last) for c in row if "ngày" in str(c.value))
    assert not signed.protection.locked
    signed.value = place
    book.save(path)


def _type(page: Worksheet, row: int, figures: Mapping[str, int]) -> None:
    for measure, letter in LETTERS_2020.items():
        cell = page[f"{letter}{row}"]
        assert not cell.protection.locked
        if measure in figures or cell.value is None:
            cell.value = figures.get(measure, 0)


def saved_as(path: Path, kind: str) -> Path:
    """Let LibreOffice open a file, calculate it and save it in another kind."""
    return save_as(path, path.parent / kind, TARGETS[kind])


def checked(path: Path, reference: Reference = REFERENCE) -> CheckedReport:
    submission = Submission("", path.name, path.stat().st_size, datetime.now(UTC), path)
    (one,) = check(parse(submission, reference), CheckContext(reference))
    return one


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    period = CALENDAR.month(2022, 5)
    path = tmp_path_factory.mktemp("filled") / "09577 Phú Thịnh 2022-05.xlsx"
    path.write_bytes(build_template(REFERENCE, PHU_THINH, period, opening_stocks=STOCKS))
    fill_in(path)
    return path


@needs_libreoffice
@pytest.mark.parametrize("kind", TARGETS)
def test_a_form_saved_by_a_spreadsheet_is_accepted(filled: Path, kind: str) -> None:
    one = checked(saved_as(filled, kind))
    report = one.report
    assert (report.unit, report.period_label, report.edition) == (PHU_THINH, "2022-05", "2020")
    assert [(f.rule, f.found) for f in one.findings] == [("S.field-unknown", "Trồng nấm")]
    assert one.verdict is Verdict.WARNINGS
    (total,) = report.frame[report.frame["kind"] == "total"].to_dict("records")
    assert {measure: total[measure] for measure in TOTALS} == TOTALS
    assert report.frame.loc[report.frame["field"] == "ho-tich", "carried_over"].tolist() == [4]
    assert report.own_date.signed_on == date(2022, 5, 16)
    assert (report.own_date.saved_at is None) == kind.startswith("csv")


@needs_libreoffice
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("unit", "period"),
    [(SON_TAY, CALENDAR.month(2026, 1)), (DESK, CALENDAR.quarter(2022, 1)), (PHU_THINH, RANGE)],
    ids=["a later unit", "a quarter", "several months"],
)
def test_titles_nobody_understands_do_not_matter(unit: Unit, period: Period, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "BC.xlsx"
    path.write_bytes(build_template(REFERENCE, unit, period, opening_stocks=STOCKS))
    fill_in(path, place="")
    book = load_workbook(path)
    assert book.active is not None
    for row in range(1, 7):
        book.active.cell(row, 1).value = f"Báo cáo gửi cấp trên ({row})"
    book.save(path)
    report = checked(saved_as(path, kind)).report
    assert (report.unit, report.period) == (unit, period)
    assert [f.rule for f in report.findings] == ["S.field-unknown"]


@needs_libreoffice
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls", "csv"])
def test_an_empty_form_is_empty_however_it_is_saved(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "BC.xlsx"
    path.write_bytes(build_template(REFERENCE, PHU_THINH, CALENDAR.month(2022, 5), opening_stocks=STOCKS))
    assert [f.rule for f in checked(saved_as(path, kind)).findings] == ["S.empty"]


def test_a_form_of_the_older_edition_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "BC.xlsx"
    path.write_bytes(build_template(REFERENCE, PHU_THINH, CALENDAR.month(2019, 4), opening_stocks=STOCKS))
    report = checked(path).report
    assert (report.unit, report.period_label, report.edition) == (PHU_THINH, "2019-04", "2017")


@needs_libreoffice
def test_a_form_without_opening_stocks_known_is_read_back(tmp_path: Path) -> None:
    form = replace(REFERENCE.form, roll_forwards=())
    reference = replace(REFERENCE, form=form)
    path = tmp_path / "BC.xlsx"
    path.write_bytes(build_template(reference, PHU_THINH, CALENDAR.month(2022, 5)))
    fill_in(path)
    page = load_workbook(path).active
    assert page is not None
    report = checked(saved_as(path, "xlsx"), reference).report
    assert report.frame["received_total"].iloc[0] == 1297
