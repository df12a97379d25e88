"""Write the golden folders: `python tests/golden/make.py`. Each rule, each layout, each encoding has one.

What is expected stands here, written by hand; nothing is copied from what the checks answer.
"""

import io
import json
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1]))

from etl.form_layout import compose_form, compose_titles  # noqa: E402
from etl.form_sheet import FormSheet, Formula, Numbers, Part, Row, Totals, Wording  # noqa: E402
from etl.forms import Column, ColumnKind, Edition  # noqa: E402
from etl.model import Unit  # noqa: E402
from etl.parsing.form_code import compose_code  # noqa: E402
from etl.periods import Period  # noqa: E402
from etl.reference import read_reference  # noqa: E402
from etl.sealing import seal_workbook  # noqa: E402
from etl.template import build_workbook  # noqa: E402
from samples.files import build_csv, build_ods, build_xls  # noqa: E402
from samples.senders import SHORT  # noqa: E402

REFERENCE = read_reference(FOLDER.parents[1] / "reference" / "son-tay")
FORM, CALENDAR = REFERENCE.form, REFERENCE.town.calendar
UNIT = next(unit for unit in REFERENCE.units if unit.name == "Lê Lợi")
MARCH, APRIL = CALENDAR.month(2022, 3), CALENDAR.month(2022, 4)
SHEET_2020, SHEET_2017, PLAIN = (FORM.edition(name) for name in ("2020", "2017", "plain"))
BARE = Wording(totals=Totals.ABSENT, numbers=Numbers.PLAIN)
TYPED = Wording(totals=Totals.TYPED, numbers=Numbers.PLAIN)
GOOD, WARNED, BAD = "accepted", "accepted with warnings", "rejected"


@dataclass(frozen=True, slots=True)
class Case:
    """A folder: its files by name, and the verdict on the last of them with the findings on all (rule, cell)."""

    name: str
    files: Mapping[str, bytes]
    verdict: str = GOOD
    findings: tuple[tuple[str, str | None], ...] = ()


def count_row(
    field: str,
    received: tuple[int, int, int],
    resolved: tuple[int, int, int],
    pending: tuple[int, int],
    system: str = "",
) -> Row:
    """Complete a row from its finest measures: online, direct, carried; early, on time, overdue; in time, overdue."""
    return {
        "field": field,
        "source_system": system,
        "received_total": sum(received),
        "received_in_period": received[0] + received[1],
        "received_online": received[0],
        "received_direct": received[1],
        "carried_over": received[2],
        "resolved_total": sum(resolved),
        "resolved_in_time": resolved[0] + resolved[1],
        "resolved_early": resolved[0],
        "resolved_on_time": resolved[1],
        "resolved_overdue": resolved[2],
        "pending_total": sum(pending),
        "pending_in_time": pending[0],
        "pending_overdue": pending[1],
    }


ROWS: list[Row] = [
    count_row("chung-thuc", (2, 48, 0), (6, 44, 0), (0, 0)),
    count_row("ho-tich", (9, 12, 3), (13, 8, 1), (2, 0)),
    count_row("dat-dai", (0, 5, 2), (2, 1, 0), (3, 1)),
]
SECOND = 1  # the row, counted from 0, that most cases break


def form(
    rows: Sequence[Row] = ROWS,
    *,
    edition: Edition = SHEET_2020,
    wording: Wording = BARE,
    unit: Unit = UNIT,
    period: Period = APRIL,
) -> FormSheet:
    return compose_form(REFERENCE, edition, unit=unit, period=period, rows=rows, wording=wording)


def xlsx(sheet: FormSheet) -> bytes:
    return build_workbook(sheet, largest_count=REFERENCE.town.largest_count)


def changed(measure: str, value: object, *more: tuple[str, object], row: int = SECOND) -> list[Row]:
    """Give the rows with one or more cells of one row changed."""
    return [{**old, **{measure: value}, **dict(more)} if i == row else old for i, old in enumerate(ROWS)]


def breach(rule: str, measure: str, rows: Sequence[Row], *, edition: Edition = SHEET_2020, row: int = SECOND) -> Case:
    """Make a case whose one breach shows at the cell of a measure."""
    sheet = form(rows, edition=edition)
    name = f"{rule.replace('.', '-')}-{edition.name}"
    return Case(name, {"input.xlsx": xlsx(sheet)}, BAD, ((rule, sheet.cell(measure, row)),))


def with_titles(*titles: str) -> FormSheet:
    return form(wording=replace(BARE, titles=titles))


def edited(sheet: FormSheet, row: int, column: int, value: object) -> FormSheet:
    """Give the sheet with one cell changed; beyond the table the row grows."""
    cells = list(sheet.rows[row - 1]) + [None] * (column - len(sheet.rows[row - 1]))
    cells[column - 1] = value
    return replace(sheet, rows=(*sheet.rows[: row - 1], tuple(cells), *sheet.rows[row:]))


def reworked(sheet: FormSheet, change: Callable[[Workbook, Worksheet], object]) -> bytes:
    """Change a workbook in ways that no form is ever written."""
    book = load_workbook(io.BytesIO(xlsx(sheet)))
    page = book.active
    assert isinstance(page, Worksheet)
    change(book, page)
    stream = io.BytesIO()
    book.save(stream)
    return seal_workbook(stream.getvalue(), {})


def field_row(sheet: FormSheet, nth: int) -> int:
    return sheet.numbers_of(Part.FIELD)[nth]


# ---------------------------------------------------------------------------------------------------------
# Balances, totals, continuity


def balance_cases() -> Iterator[Case]:
    yield breach("B.flow", "received_total", changed("pending_total", 3, ("pending_in_time", 3)))
    yield breach("B.received", "received_total", changed("carried_over", 4))
    yield breach("B.resolved", "resolved_total", changed("resolved_on_time", 9))
    yield breach("B.pending", "pending_total", changed("pending_in_time", 1))
    yield breach("B.received", "received_total", changed("received_in_period", 12), edition=SHEET_2017)
    yield breach("B.resolved", "resolved_total", changed("resolved_in_time", 12), edition=SHEET_2017)
    yield breach("B.received_in_period", "received_in_period", changed("received_online", 6), edition=PLAIN)
    yield breach("B.resolved_in_time", "resolved_in_time", changed("resolved_early", 31), edition=PLAIN)
    subset: Row = {"field": "ho-tich", "received_total": 10, "resolved_total": 12}
    sheet = form([subset], edition=PLAIN)
    cell = sheet.cell("received_total", 0)
    yield Case("B-plain-resolved-above-received", {"input.xlsx": xlsx(sheet)}, BAD, (("B.flow", cell),))
    subset = {"field": "ho-tich", "received_total": 10, "resolved_in_time": 8, "pending_total": 3}
    sheet = form([subset], edition=PLAIN)
    cell = sheet.cell("received_total", 0)
    yield Case("B-plain-in-time-and-pending-above-received", {"input.xlsx": xlsx(sheet)}, BAD, (("B.flow", cell),))


def total_cases() -> Iterator[Case]:
    sheet = form(wording=replace(TYPED, total={"received_direct": 66}))
    row = sheet.numbers_of(Part.TOTAL)[0]
    wrong = (
        ("T.total-row", f"{sheet.letter('received_direct')}{row}"),
        ("B.received", f"{sheet.letter('received_total')}{row}"),
    )
    yield Case("T-2020-total-row", {"input.xlsx": xlsx(sheet)}, BAD, wrong)


def continuity_cases() -> Iterator[Case]:
    before = [
        count_row("chung-thuc", (1, 30, 0), (3, 28, 0), (0, 0)),
        count_row("ho-tich", (4, 9, 1), (8, 4, 0), (2, 0)),
        count_row("dat-dai", (0, 3, 1), (1, 1, 0), (2, 0)),
    ]
    march, april = form(before, period=MARCH), form()
    files = {"input-1.xlsx": xlsx(march), "input-2.xlsx": xlsx(april)}
    yield Case("C-2020-roll-forward", files, WARNED, (("C.roll-forward", april.cell("carried_over", SECOND)),))
    before[1] = count_row("ho-tich", (5, 9, 1), (8, 4, 0), (3, 0))
    files = {"input-1.xlsx": xlsx(form(before, period=MARCH)), "input-2.xlsx": xlsx(april)}
    yield Case("C-2020-unbroken", files)
    yield Case(
        "C-2020-field-vanished", files | {"input-2.xlsx": xlsx(form(ROWS[:2]))}, WARNED, (("C.field-vanished", None),)
    )


def history_cases() -> Iterator[Case]:
    """Let a year of months stand in one table; the last one is ten times what it was before, and balances."""
    usual = (104, 96, 131, 118, 99, 122, 110, 107, 125, 113, 101, 120)
    for name, last in (("H-plain-ratio", 1240), ("H-plain-usual", 124)):
        rows = [count_row("ho-tich", (0, n, 0), (0, n, 0), (0, 0)) for n in (*usual, last)]
        sheet = form(rows, edition=PLAIN, unit=next(unit for unit in REFERENCE.units if unit.name == "Phú Thịnh"))
        for row, month in enumerate((*(f"2021-{n:02}" for n in range(1, 13)), "2022-01"), start=2):
            sheet = edited(sheet, row, 2, month)
        found = (("H.ratio", sheet.cell("received_in_period", len(usual))),) if last > 1000 else ()
        yield Case(name, {"input.csv": build_csv(sheet, encoding="utf-8", separator=",")}, GOOD, found)


# ---------------------------------------------------------------------------------------------------------
# Values


def value_cases() -> Iterator[Case]:
    for rule, value, verdict in (
        ("V.not-a-count", "mười hai", BAD),
        ("V.decimals", 1.297, BAD),
        ("V.negative", -12, BAD),
        ("V.too-large", 2_000_012, BAD),
        ("V.blank", None, WARNED),
        ("V.formula-without-value", Formula("SUM(D10,1)", None), BAD),
    ):
        sheet = form(changed("received_direct", value))
        found = ((rule, sheet.cell("received_direct", SECOND)),)
        yield Case(rule.replace(".", "-2020-", 1), {"input.xlsx": xlsx(sheet)}, verdict, found)


# ---------------------------------------------------------------------------------------------------------
# Structure


def file_cases() -> Iterator[Case]:
    whole = xlsx(form())
    yield Case("S-unreadable", {"input.xlsx": whole[: len(whole) // 2]}, BAD, (("S.unreadable", None),))

    def write_something_else(_: Workbook, page: Worksheet) -> None:
        page.delete_rows(1, page.max_row)
        page.append(["Lịch trực", "Thứ hai"])

    other = reworked(form(), write_something_else)
    yield Case("S-no-edition", {"input.xlsx": other}, BAD, (("S.no-edition", None),))


def title_cases() -> Iterator[Case]:
    name, _, title, period, *_ = compose_titles(REFERENCE, SHEET_2020, UNIT, APRIL)
    for rule, titles, cell in (
        ("S.unit-missing", (title, period), None),
        ("S.unit-unknown", ("UBND PHƯỜNG LÊ LAI", title, period), "A1"),
        ("S.unit-contradicted", (name, title, period, "Đơn vị báo cáo: UBND phường Phú Thịnh"), "A4"),
        ("S.period-missing", (name, title), None),
        ("S.period-unknown", (name, title, "Kỳ báo cáo: Tháng 13 năm 2022"), "A3"),
        ("S.period-contradicted", (name, title, "Tháng 3 năm 2022", "(Từ ngày 15/3/2022 đến ngày 14/4/2022)"), "A3"),
    ):
        yield Case(rule.replace(".", "-2020-", 1), {"input.xlsx": xlsx(with_titles(*titles))}, BAD, ((rule, cell),))
    damaged = compose_code(UNIT, APRIL, SHEET_2020).replace("2022-04", "2022-05")
    coded = {"input.xlsx": xlsx(with_titles(name, title, period, damaged))}
    yield Case("S-2020-code-damaged", coded, WARNED, (("S.code-damaged", "A4"),))
    early = form(period=CALENDAR.month(2019, 6))
    distant = form(period=CALENDAR.month(2099, 4))
    yield Case(
        "S-2020-period-future",
        {"input.xlsx": xlsx(distant)},
        BAD,
        (("S.period-future", None), ("S.unit-unknown", "A5")),
    )
    yield Case("S-2020-edition-not-valid", {"input.xlsx": xlsx(early)}, WARNED, (("S.edition-not-valid", None),))


def column_cases() -> Iterator[Case]:
    last = SHEET_2020.columns[12]
    assert last.measure == "pending_overdue"
    fees = Column((("Phí đã thu",),), kind=ColumnKind.NOTE)
    again = Column(last.headings, kind=ColumnKind.NOTE)
    printed = SHEET_2020.columns[:13]
    noted = [{**row, "note": 98} for row in ROWS]
    for rule, columns, verdict, depth in (
        ("S.column-missing", printed[:-1], BAD, None),
        ("S.column-unknown", (*printed, fees), WARNED, 0),
        ("S.column-doubled", (*printed, again), BAD, 1),
    ):
        wording = replace(BARE, headings=SHORT, numbers=Numbers.ABSENT)
        sheet = form(noted, edition=replace(SHEET_2020, columns=columns), wording=wording)
        cell = None if depth is None else f"N{sheet.numbers_of(Part.HEADING)[depth]}"
        yield Case(rule.replace(".", "-2020-", 1), {"input.xlsx": xlsx(sheet)}, verdict, ((rule, cell),))
    row = form().numbers_of(Part.HEADING)[1]
    early, on_time = form().rows[row - 1][7:9]
    swapped = xlsx(edited(edited(form(), row, 8, on_time), row, 9, early))
    found = tuple(("S.column-contradicted", f"{letter}{row}") for letter in "HI")
    yield Case("S-2020-column-contradicted", {"input.xlsx": swapped}, BAD, found)


def row_cases() -> Iterator[Case]:
    unknown = form([*ROWS, count_row("Trồng nấm linh chi", (0, 1, 0), (1, 0, 0), (0, 0))])
    yield _at_name("S.field-unknown", unknown, WARNED, 3)
    yield _at_name("S.field-missing", form(changed("field", "")), BAD, SECOND)
    yield _at_name("S.row-doubled", form([*ROWS, count_row("ho-tich", (0, 1, 0), (1, 0, 0), (0, 0))]), BAD, 3)
    sections = form([{**row, "source_system": "Hệ thống một cửa thí điểm"} for row in ROWS])
    cell = f"B{sections.numbers_of(Part.SECTION)[0]}"
    found = (("S.source-system-unknown", cell),)
    yield Case("S-2020-source-system-unknown", {"input.xlsx": xlsx(sections)}, WARNED, found)
    row = field_row(form(), SECOND)
    stray = xlsx(edited(form(), row, 16, "xem lại"))
    yield Case("S-2020-cell-unused", {"input.xlsx": stray}, WARNED, (("S.cell-unused", f"P{row}"),))
    below = reworked(form(), _append_table)
    cell = f"B{form_height(form()) + 2}"
    yield Case("S-2020-row-unused", {"input.xlsx": below}, BAD, (("S.row-unused", cell),))
    yield Case("S-2020-empty", {"input.xlsx": xlsx(form([]))}, BAD, (("S.empty", None),))


def _append_table(_: Workbook, page: Worksheet) -> None:
    """Repeat the headings below the signatures, with a row of figures under them and no unit above."""
    heads = [page.cell(form().numbers_of(Part.HEADING)[0], at).value for at in range(1, 14)]
    last = form_height(form())
    for at, head in enumerate(heads, 1):
        page.cell(last + 1, at).value = head
        page.cell(last + 2, at).value = 7
    page.cell(last + 2, 2).value = "Đất đai"


def form_height(sheet: FormSheet) -> int:
    return len(sheet.rows)


def _at_name(rule: str, sheet: FormSheet, verdict: str, nth: int) -> Case:
    files = {"input.xlsx": xlsx(sheet)}
    return Case(rule.replace(".", "-2020-", 1), files, verdict, ((rule, f"B{field_row(sheet, nth)}"),))


def hidden_cases() -> Iterator[Case]:
    def hide_sheet(book: Workbook, page: Worksheet) -> None:
        book.create_sheet("Ghi chú")["A1"] = "Số liệu tháng 4"
        book.active = 1
        page.sheet_state = "hidden"

    def hide_row(_: Workbook, page: Worksheet) -> None:
        page.row_dimensions[field_row(form(), SECOND)].hidden = True

    def copy_sheet(book: Workbook, page: Worksheet) -> None:
        """Let a second sheet hold other fields of the same report."""
        other = book.copy_worksheet(page)
        other.title = "II.06a (2)"
        for nth, name in enumerate(("Người có công", "Chính sách", "Khác")):
            other.cell(field_row(form(), nth), 2).value = name

    for rule, change, cell in (
        ("S.sheet-hidden", hide_sheet, None),
        ("S.row-hidden", hide_row, None),
        ("S.sheets-several", copy_sheet, None),
    ):
        yield Case(rule.replace(".", "-2020-", 1), {"input.xlsx": reworked(form(), change)}, WARNED, ((rule, cell),))


def statement_cases() -> Iterator[Case]:
    whole = {name: value for name, value in ROWS[1].items() if name not in ("field", "source_system")}
    sheet = form([whole], edition=PLAIN, unit=next(unit for unit in REFERENCE.units if unit.name == "Phú Thịnh"))
    outside = build_csv(edited(sheet, 2, 1, "Tỉnh Lâm Đồng"), encoding="utf-8", separator=",")
    yield Case("S-plain-unit-outside", {"input.csv": outside}, WARNED, (("S.unit-outside", "A2"),))
    outside = build_csv(edited(sheet, 2, 2, "mùa gặt"), encoding="utf-8", separator=",")
    yield Case("S-plain-period-outside", {"input.csv": outside}, WARNED, (("S.period-outside", "B2"),))


# ---------------------------------------------------------------------------------------------------------
# Layouts, editions, encodings: all good


def layout_cases() -> Iterator[Case]:
    sheet, older, plain = form(wording=TYPED), form(edition=SHEET_2017, wording=TYPED), form(edition=PLAIN)
    for name, edition_sheet in (("2020", sheet), ("2017", older), ("plain", plain)):
        yield Case(f"layout-{name}-xlsx", {"input.xlsx": xlsx(edition_sheet)})
        yield Case(f"layout-{name}-xls", {"input.xls": build_xls(edition_sheet)})
        yield Case(f"layout-{name}-ods", {"input.ods": build_ods(edition_sheet)})
        for encoding, separator in (("utf-8", ","), ("utf-8-sig", ";"), ("cp1258", ";"), ("utf-16-le", "\t")):
            content = build_csv(edition_sheet, encoding=encoding, separator=separator)
            yield Case(f"layout-{name}-csv-{encoding}", {"input.csv": content})
    named = edited(edited(form(ROWS[:1], edition=PLAIN), 2, 1, "UBND phường Lê Lợi"), 2, 2, "Tháng 4 năm 2022")
    yield Case("layout-plain-names", {"input.xlsx": xlsx(named)})


def wording_cases() -> Iterator[Case]:
    decomposed = {f.code: unicodedata.normalize("NFD", f.name) for f in REFERENCE.fields}
    bare = {"chung-thuc": "Chung thuc", "ho-tich": "Ho tich", "dat-dai": "Dat dai"}
    sections = [
        count_row("chung-thuc", (0, 9, 0), (1, 8, 0), (0, 0), "ministries"),
        *[{**r, "source_system": "city"} for r in ROWS],
    ]
    groups: list[Row] = [{"kind": "group", "field": "Thủ tục cấp xã"}, *[{**row, "note": "đã rà soát"} for row in ROWS]]
    nothing = dict.fromkeys((m for m in FORM.measure_names), "-") | {"received_total": "Không phát sinh"}
    big = count_row("chung-thuc", (20, 1277, 0), (97, 1200, 0), (0, 0))
    variants: tuple[tuple[str, list[Row], Wording], ...] = (
        ("sections", sections, TYPED),
        ("groups-and-notes", groups, replace(TYPED, has_notes=True)),
        ("short-headings", ROWS, replace(TYPED, headings=SHORT, numbers=Numbers.ABSENT)),
        ("formulas", ROWS, Wording()),
        ("decomposed", ROWS, replace(TYPED, field_names=decomposed)),
        (
            "no-diacritics",
            ROWS,
            replace(TYPED, field_names=bare, titles=("UBND P. LE LOI", "Thang 4/2022"), total_label="TONG CONG"),
        ),
        ("nothing-arose", [*ROWS, {"field": "khac", **nothing}], TYPED),
        ("thousands-with-points", [big], replace(TYPED, show=lambda n: f"{n:,}".replace(",", "."))),
        ("thousands-with-spaces", [big], replace(TYPED, show=lambda n: f"{n:,}".replace(",", " "))),
    )
    for name, rows, wording in variants:
        yield Case(f"layout-2020-{name}", {"input.xlsx": xlsx(form(rows, wording=wording))})


PARTS = (
    balance_cases,
    total_cases,
    continuity_cases,
    history_cases,
    value_cases,
    file_cases,
    title_cases,
    column_cases,
    row_cases,
    hidden_cases,
    statement_cases,
    layout_cases,
    wording_cases,
)


def write_case(case: Case, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in case.files.items():
        (folder / name).write_bytes(content)
    findings = [{"rule": rule, "cell": cell} for rule, cell in case.findings]
    text = json.dumps({"verdict": case.verdict, "findings": findings}, ensure_ascii=False, indent=2)
    (folder / "expected.json").write_text(text + "\n", "utf-8")


def main() -> None:
    """Write every case, and remove the folders of cases that are no more."""
    cases = [case for part in PARTS for case in part()]
    assert len({case.name for case in cases}) == len(cases), "two cases have one name"
    for old in FOLDER.glob("*/expected.json"):
        shutil.rmtree(old.parent)
    for case in cases:
        write_case(case, FOLDER / case.name)


if __name__ == "__main__":
    main()
