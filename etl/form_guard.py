"""Guard a form that is handed out: only what is to be filled in can be, and what does not add up is coloured."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill, Protection
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from etl.form_sheet import FormSheet, Formula, Part
from etl.forms import Column, ColumnKind

_LONGEST_TITLE = 32  # of an input message, in Excel
_COUNT = "Số hồ sơ: một số nguyên từ 0 trở lên. Không có hồ sơ thì ghi 0."
_STOCK_KNOWN = (
    "Lấy từ số đang giải quyết cuối kỳ trước trong báo cáo đã nhận của đơn vị. "
    "Nếu không đúng, hãy ghi lại số đúng vào ô này."
)
_STOCK_UNKNOWN = "Số hồ sơ kỳ trước chưa giải quyết xong chuyển qua. Không có hồ sơ thì ghi 0."
_SPARE_NAME = "Lĩnh vực chưa có trong danh sách: ghi tên lĩnh vực vào đây, rồi ghi số liệu bên phải."


def _fill(color: str) -> DifferentialStyle:
    return DifferentialStyle(fill=PatternFill("solid", start_color=color, end_color=color))


_CALCULATED = PatternFill("solid", start_color="FFF5F5F5", end_color="FFF5F5F5")
_BROKEN, _UNFINISHED = _fill("FFFFC7CE"), _fill("FFFFEB9C")


def guard_form(book: Workbook, page: Worksheet, sheet: FormSheet, *, largest_count: int) -> None:
    """Lock all but the cells to fill in, take only whole numbers there, colour what breaks a balance."""
    for validation in _validations(sheet, largest_count):
        if validation.sqref.ranges:
            page.add_data_validation(validation)
    for area, rule in _rules(sheet):
        page.conditional_formatting.add(area, rule)
    for place in _calculated_cells(sheet):
        page[place].fill = _CALCULATED
    for place in _open_cells(sheet):
        page[place].protection = Protection(locked=False)
    # No password: the lock is against slips of the hand, and an operator who must correct a form can take it off.
    page.protection.sheet = True
    page.protection.formatCells = page.protection.formatColumns = page.protection.formatRows = False  # allowed
    book.security = WorkbookProtection(lockStructure=True)


# ---------------------------------------------------------------------------------------------------------
# What can be typed where


def _open_cells(sheet: FormSheet) -> Iterator[str]:
    """Name the cells that a person fills in: figures, spare fields, notes, place and day, who signs."""
    typed = set(_typed_columns(sheet))
    for number in sheet.figure_rows:
        is_spare = sheet.parts[number - 1] is Part.SPARE
        for letter, column in _lettered(sheet):
            is_name = is_spare and column.kind is ColumnKind.FIELD
            if letter in typed or is_name or column.kind is ColumnKind.NOTE:
                yield f"{letter}{number}"
    for number in sheet.numbers_of(Part.SIGNATURE):
        yield from (f"{letter}{number}" for letter, _ in _lettered(sheet))


def _calculated_cells(sheet: FormSheet) -> Iterator[str]:
    for number in sheet.figure_rows:
        values = zip(_lettered(sheet), sheet.rows[number - 1], strict=True)
        yield from (f"{letter}{number}" for (letter, _), value in values if isinstance(value, Formula))


def _typed_columns(sheet: FormSheet) -> dict[str, Column]:
    """Give the columns of measures that a person fills in, by their letters."""
    return {
        letter: column for letter, column in _lettered(sheet) if column.measure and column.measure not in sheet.sums
    }


def _lettered(sheet: FormSheet) -> Iterator[tuple[str, Column]]:
    return ((get_column_letter(at), column) for at, column in enumerate(sheet.columns, 1))


def _validations(sheet: FormSheet, largest_count: int) -> Iterator[DataValidation]:
    for letter, column in _typed_columns(sheet).items():
        title = f"({column.number}) {column.headings[0][-1]}" if column.number else column.headings[0][-1]
        if column.measure not in sheet.openings:
            yield _counts(_area(letter, sheet.figure_rows), title, _COUNT, largest_count)
            continue
        at = column_index_from_string(letter) - 1
        known = [number for number in sheet.figure_rows if sheet.rows[number - 1][at] is not None]
        unknown = [number for number in sheet.figure_rows if number not in known]
        yield _counts(_area(letter, known), title, _STOCK_KNOWN, largest_count)
        yield _counts(_area(letter, unknown), title, _STOCK_UNKNOWN, largest_count)
    for letter, column in _lettered(sheet):
        if column.kind is ColumnKind.FIELD:
            spare = DataValidation(sqref=_area(letter, sheet.numbers_of(Part.SPARE)), allow_blank=True)
            yield _prompted(spare, "Lĩnh vực khác", _SPARE_NAME)


def _area(letter: str, numbers: Sequence[int]) -> str:
    """Name the cells of some rows of a column, neighbours as one range; "" for none."""
    breaks = [at for at, (one, next_one) in enumerate(pairwise(numbers), 1) if next_one != one + 1]
    runs = [numbers[start:end] for start, end in pairwise([0, *breaks, len(numbers)]) if start < end]
    return " ".join(f"{letter}{run[0]}:{letter}{run[-1]}" for run in runs)


def _counts(area: str, title: str, prompt: str, largest: int) -> DataValidation:
    """Take whole numbers only; a count above the largest is a slip of the hand."""
    rule = DataValidation(type="whole", operator="between", formula1="0", formula2=str(largest), allow_blank=True)
    rule.sqref = area
    rule.showErrorMessage = True
    rule.errorTitle = "Số hồ sơ"
    rule.error = f"Hãy nhập một số nguyên từ 0 đến {largest}. Không có hồ sơ thì nhập 0."
    return _prompted(rule, title, prompt)


def _prompted(rule: DataValidation, title: str, prompt: str) -> DataValidation:
    rule.showInputMessage = True
    rule.promptTitle, rule.prompt = title[:_LONGEST_TITLE], prompt
    return rule


# ---------------------------------------------------------------------------------------------------------
# What is coloured


def _rules(sheet: FormSheet) -> Iterator[tuple[str, Rule]]:
    """Colour rows that break a balance, blanks in rows that are begun, and a total row that is not the sum."""
    first, last = sheet.figure_rows[0], sheet.figure_rows[-1]
    end = get_column_letter(len(sheet.columns))
    for number, stop in ((first, last), *((total, total) for total in sheet.numbers_of(Part.TOTAL))):
        for broken in _broken_balances(sheet, number):
            yield f"A{number}:{end}{stop}", _coloured(broken, _BROKEN)
    typed = list(_typed_columns(sheet))
    begun = ",".join(f"${letter}{first}" for letter in _flow_letters(sheet))
    area = " ".join(f"{letter}{first}:{letter}{last}" for letter in typed)
    yield area, _coloured(f"AND(ISBLANK({typed[0]}{first}),COUNT({begun})>0)", _UNFINISHED)
    for total in sheet.numbers_of(Part.TOTAL):
        for letter in (letter for letter, column in _lettered(sheet) if column.measure):
            differs = f"SUM({letter}{first}:{letter}{last})<>SUM({letter}{total})"
            yield f"{letter}{total}", _coloured(differs, _BROKEN)


def _flow_letters(sheet: FormSheet) -> list[str]:
    """Name the typed columns that show that a row is begun: the opening stock stands there from the start."""
    typed = _typed_columns(sheet)
    return [letter for letter, column in typed.items() if column.measure not in sheet.openings] or list(typed)


def _broken_balances(sheet: FormSheet, number: int) -> Iterator[str]:
    """Say when a row breaks one of its balances: as soon as no number in what is still blank could mend it."""
    for total, parts in sheet.sums.items():
        yield f"AND({_is_complete(sheet, parts, number)},{_sum(sheet, [total], number)}<>{_sum(sheet, parts, number)})"
    for total, parts in sheet.checks:
        whole, split = _sum(sheet, [total], number), _sum(sheet, parts, number)
        known = _is_complete(sheet, _leaves(sheet, [total]), number)
        differs = f"AND({_is_complete(sheet, _leaves(sheet, parts), number)},{whole}<>{split})"
        yield f"AND({known},OR({split}>{whole},{differs}))"


def _leaves(sheet: FormSheet, measures: Iterable[str]) -> list[str]:
    """Give the typed measures that these are made of."""
    return [leaf for measure in measures for leaf in sheet.sums.get(measure, (measure,))]


def _is_complete(sheet: FormSheet, measures: Sequence[str], number: int) -> str:
    """Say that none of a row's cells is blank; of a total row, that no row above it lacks one of them."""
    if number not in sheet.numbers_of(Part.TOTAL):
        return f"COUNT({_cells(sheet, measures, number)})={len(measures)}"
    first, last = sheet.figure_rows[0], sheet.figure_rows[-1]
    named = next(letter for letter, column in _lettered(sheet) if column.kind is ColumnKind.FIELD)
    letters = [sheet.letter(measure) for measure in measures]
    area = ",".join(f"${letter}{first}:${letter}{last}" for letter in letters)
    return f"COUNT({area})={len(measures)}*{_count_fields(sheet, named)}"


def _count_fields(sheet: FormSheet, named: str) -> str:
    """Count the rows of named fields; the headings of sections between them are none."""
    sections = sum(part in (Part.SECTION, Part.GROUP) for part in sheet.parts)
    return f"(COUNTA(${named}{sheet.figure_rows[0]}:${named}{sheet.figure_rows[-1]})-{sections})"


def _sum(sheet: FormSheet, measures: Iterable[str], number: int) -> str:
    return f"SUM({_cells(sheet, measures, number)})"


def _cells(sheet: FormSheet, measures: Iterable[str], number: int) -> str:
    return ",".join(f"${sheet.letter(measure)}{number}" for measure in measures)


def _coloured(formula: str, style: DifferentialStyle) -> Rule:
    return Rule(type="expression", formula=[formula], dxf=style)
