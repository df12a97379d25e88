"""The code of a form handed out: read back from any file, held against the titles, refused where it is damaged."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.form_layout import compose_form, compose_titles
from etl.form_sheet import FormSheet, Numbers, Part, Totals, Wording
from etl.forms import Edition
from etl.model import Report, Submission, Unit
from etl.parse import parse
from etl.parsing.form_code import compose_code, read_code
from etl.periods import Calendar, Period
from etl.reading.grid import Sheet
from etl.reference import Reference, read_reference
from etl.template import build_workbook
from samples.files import build_csv, build_ods, build_xls

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
FORM, CALENDAR = REFERENCE.form, REFERENCE.town.calendar
APRIL, MAY = CALENDAR.month(2022, 4), CALENDAR.month(2022, 5)
LE_LOI, PHU_THINH = (next(u for u in REFERENCE.units if u.name == name) for name in ("Lê Lợi", "Phú Thịnh"))
SON_TAY = next(unit for unit in REFERENCE.units if unit.name == "Sơn Tây")
LINE = compose_code(LE_LOI, APRIL, FORM.edition("2020"))
ROW = {
    "field": "ho-tich",
    **dict.fromkeys(("received_total", "received_online", "resolved_total", "resolved_on_time"), 2),
    **dict.fromkeys(("received_direct", "carried_over", "resolved_early", "resolved_overdue"), 0),
    **dict.fromkeys(("pending_total", "pending_in_time", "pending_overdue"), 0),
    **dict.fromkeys(("received_in_period", "resolved_in_time"), 2),
}
PERIODS = (
    APRIL,
    CALENDAR.quarter(2022, 1),
    CALENDAR.half(2022, 2),
    CALENDAR.year(2022),
    CALENDAR.months((2022, 1), (2022, 4)),
    CALENDAR.days(date(2022, 4, 1), date(2022, 4, 10)),
)


def form(*titles: str, code: str = LINE, edition: str = "2020") -> FormSheet:
    wording = Wording(totals=Totals.TYPED, numbers=Numbers.PLAIN, titles=(*titles, code))
    return compose_form(REFERENCE, FORM.edition(edition), unit=LE_LOI, period=APRIL, rows=[ROW], wording=wording)


def read(folder: Path, sheet: FormSheet, name: str = "BC.xlsx") -> Report:
    return read_bytes(folder, build_workbook(sheet, largest_count=REFERENCE.town.largest_count), name)


def read_bytes(folder: Path, content: bytes, name: str = "BC.xlsx") -> Report:
    path = folder / "input"
    path.write_bytes(content)
    (report,) = parse(Submission("", name, len(content), datetime.now(UTC), path), REFERENCE)
    return report


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings]


@pytest.mark.parametrize("unit", REFERENCE.units, ids=lambda unit: f"{unit.code} {unit.valid_from}")
def test_every_unit_is_told_apart_by_its_code(unit: Unit) -> None:
    day = min(unit.valid_to or date(2026, 1, 14), date(2026, 1, 14))
    period = CALENDAR.month_on(day.replace(day=1))
    line = compose_code(unit, period, FORM.edition("2020"))
    code, findings = read_code(Sheet("", ((line,),)), 2, REFERENCE)
    assert code is not None
    assert (code.unit, code.period, code.edition, findings) == (unit, period, "2020", [])


@pytest.mark.parametrize("edition", ["2020", "2017"])
@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.key)
def test_every_period_and_edition_is_read_back(period: Period, edition: str) -> None:
    line = compose_code(PHU_THINH, period, FORM.edition(edition))
    code, _ = read_code(Sheet("", ((line,),)), 2, REFERENCE)
    assert code is not None
    assert (code.unit, code.period, code.edition) == (PHU_THINH, period, edition)


def test_a_code_looks_like_this() -> None:
    assert LINE.startswith("Mã biểu: 09574.0.2022-04.2020.")
    later = compose_code(SON_TAY, CALENDAR.month(2026, 1), FORM.edition("2020"))
    assert later.startswith("Mã biểu: 09574.2025-07-01.2026-01.2020.")


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "utf-8-sig", "cp1258", "utf-16-le"])
def test_the_code_decides_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    sheet = form("Đơn vị: P. lợi lê???", "báo cáo tháng tư")
    builders = {"xls": build_xls, "ods": build_ods}
    if kind == "xlsx":
        content = build_workbook(sheet, largest_count=1000)
    else:
        content = builders[kind](sheet) if kind in builders else build_csv(sheet, encoding=kind, separator=";")
    report = read_bytes(tmp_path, content)
    assert (report.unit, report.period, report.edition, rules(report)) == (LE_LOI, APRIL, "2020", [])


@pytest.mark.parametrize(
    "line",
    [
        LINE.upper(),
        LINE.lower(),
        LINE.replace("Mã biểu", "Ma bieu").replace(": ", " : "),
        LINE.replace("-", "–"),
        LINE.replace(".", " . "),
        f"  {LINE}. ",
    ],
)
def test_the_code_survives_what_people_and_programs_do_to_it(tmp_path: Path, line: str) -> None:
    report = read(tmp_path, form("UBND", code=line))
    assert (report.unit, report.period, rules(report)) == (LE_LOI, APRIL, [])


def test_the_code_may_stand_beside_its_label(tmp_path: Path) -> None:
    sheet = form("UBND")
    label, _, stated = LINE.partition(": ")
    row = sheet.numbers_of(Part.TITLE)[-1]
    cells = (f"{label}:", stated, *sheet.rows[row - 1][2:])
    apart = replace(sheet, rows=(*sheet.rows[: row - 1], cells, *sheet.rows[row:]), merges=sheet.merges[2:])
    assert read(tmp_path, apart).unit == LE_LOI


@pytest.mark.parametrize("place", range(9, len(LINE)))
def test_one_wrong_letter_is_seen(place: int) -> None:
    wrong = LINE[:place] + ("3" if LINE[place] != "3" else "4") + LINE[place + 1 :]
    code, findings = read_code(Sheet("", ((wrong,),)), 2, REFERENCE)
    assert code is None
    assert [finding.rule for finding in findings] == ["S.code-damaged"] or wrong.count(".") < 3


def test_of_a_damaged_code_the_titles_decide(tmp_path: Path) -> None:
    titles = compose_titles(REFERENCE, FORM.edition("2020"), PHU_THINH, MAY)
    report = read(tmp_path, form(*titles, code=LINE.replace("04.2020", "05.2020")))
    assert (report.unit, report.period, rules(report)) == (PHU_THINH, MAY, ["S.code-damaged"])
    assert report.findings[0].cell == "A7"
    assert "gõ nhầm" in report.findings[0].message_vi


def other(unit: Unit = LE_LOI, period: Period = APRIL, edition: Edition | None = None) -> str:
    return compose_code(unit, period, edition or FORM.edition("2020"))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (other(unit=Unit("01234", "Nơi khác", "phường")), "không có đơn vị này"),
        (other(unit=replace(LE_LOI, valid_from=date(2020, 1, 1))), "không có đơn vị này"),
        (other(unit=SON_TAY), "không có đơn vị này"),  # not yet, in 2022
        (other(period=replace(APRIL, key="2022-13")), "không có kỳ báo cáo này"),
        (other(edition=replace(FORM.edition("2020"), name="1999")), "không có biểu mẫu này"),
        (f"{LINE}\n{other(period=MAY)}", "hai mã khác nhau"),
    ],
)
def test_a_code_of_elsewhere_is_no_evidence(tmp_path: Path, line: str, word: str) -> None:
    titles = compose_titles(REFERENCE, FORM.edition("2020"), LE_LOI, APRIL)
    report = read(tmp_path, form(*titles, code=line))
    assert (report.unit, report.period, rules(report)) == (LE_LOI, APRIL, ["S.code-damaged"])
    assert word in report.findings[0].message_vi


@pytest.mark.parametrize("line", ["Mã biểu: II.06a/VPCP/KSTT", "Mã biểu: 06a", "Mã số biểu: …", "Mã biểu:"])
def test_the_number_of_a_form_is_no_code(tmp_path: Path, line: str) -> None:
    titles = compose_titles(REFERENCE, FORM.edition("2020"), LE_LOI, APRIL)
    assert rules(read(tmp_path, form(*titles, code=line))) == []


@pytest.mark.parametrize(
    ("titles", "rule", "cell"),
    [
        (("UBND PHƯỜNG LÊ LỢI", "Tháng 5 năm 2022"), "S.period-contradicted", "A2"),
        (("UBND PHƯỜNG PHÚ THỊNH", "Tháng 4 năm 2022"), "S.unit-contradicted", "A1"),
        (("Đơn vị báo cáo: Phú Thịnh", "Tháng 4/2022"), "S.unit-contradicted", "A1"),
        (("Báo cáo của UBND phường Phú Thịnh tháng 4 năm 2022",), "S.unit-contradicted", "A1"),
        (("Đơn vị báo cáo: Bộ phận một cửa thị xã Sơn Tây",), "S.unit-contradicted", "A1"),
        (("UBND PHƯỜNG TÙNG THIỆN",), "S.unit-contradicted", "A1"),  # of another time
    ],
)
def test_titles_that_clearly_say_something_else_are_told(
    tmp_path: Path, titles: tuple[str, ...], rule: str, cell: str
) -> None:
    report = read(tmp_path, form(*titles))
    assert (report.unit, report.period) == (LE_LOI, APRIL)
    assert [(finding.rule, finding.cell) for finding in report.findings] == [(rule, cell)]
    assert f"mã biểu ở ô A{len(titles) + 1}" in report.findings[0].message_vi
    assert "xóa dòng mã biểu" in report.findings[0].message_vi


@pytest.mark.parametrize(
    "titles",
    [
        ("UBND THỊ XÃ SƠN TÂY", "UBND P. LE LOI", "Thang 4/2022"),
        ("Bộ phận một cửa thị xã Sơn Tây", "Năm 2022"),
        ("UBND PHƯỜNG LÊ LAI", "Tháng 44"),
        ("(Từ ngày 15/3/2022 đến ngày 14/4/2022)", "Thông tư 01/2020/TT-VPCP"),
    ],
)
def test_titles_that_only_spell_it_otherwise_are_not(tmp_path: Path, titles: tuple[str, ...]) -> None:
    report = read(tmp_path, form(*titles))
    assert (report.unit, report.period, rules(report)) == (LE_LOI, APRIL, [])


def test_headings_of_another_edition_are_told(tmp_path: Path) -> None:
    report = read(tmp_path, form("UBND PHƯỜNG LÊ LỢI", "Tháng 4 năm 2022", edition="2017"))
    assert (report.unit, report.period, report.edition) == (LE_LOI, APRIL, "2017")
    assert rules(report) == ["S.code-damaged"]
    assert "Thông tư 02/2017" in report.findings[0].message_vi


def test_the_code_chooses_between_editions_that_fit_alike(tmp_path: Path) -> None:
    newer = replace(FORM.edition("2020"), name="2026", valid_from=date(2021, 1, 1))
    twins = replace(REFERENCE, form=replace(FORM, editions=(*FORM.editions, newer)))
    assert edition_read(tmp_path, form("UBND PHƯỜNG LÊ LỢI", "Tháng 4 năm 2022", code=""), twins) == "2026"
    assert edition_read(tmp_path, form("UBND PHƯỜNG LÊ LỢI", "Tháng 4 năm 2022"), twins) == "2020"


def edition_read(folder: Path, sheet: FormSheet, reference: Reference) -> str:
    path = folder / "twin.xlsx"
    path.write_bytes(build_workbook(sheet, largest_count=1000))
    (report,) = parse(Submission("", path.name, 0, datetime.now(UTC), path), reference)
    return report.edition


NAMES = st.text("ABCĐ019. /-", min_size=1, max_size=8).filter(lambda name: name.strip(" .") == name and name)


@given(
    code=NAMES, edition=NAMES, month=st.integers(1, 12), since=st.none() | st.dates(date(1990, 1, 1), date(2020, 1, 1))
)
def test_any_reference_reads_its_own_codes(code: str, edition: str, month: int, since: date | None) -> None:
    unit = Unit(code, "Nơi", "xã", valid_from=since)
    chosen = replace(FORM.edition("2020"), name=edition)
    town = replace(REFERENCE.town, calendar=Calendar())
    there = replace(REFERENCE, town=town, units=(unit,), form=replace(FORM, editions=(chosen,)))
    period = Calendar().month(2022, month)
    code_read, _ = read_code(Sheet("", ((compose_code(unit, period, chosen),),)), 2, there)
    assert code_read is not None
    assert (code_read.unit, code_read.period, code_read.edition) == (unit, period, edition)
