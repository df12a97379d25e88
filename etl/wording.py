"""How places and figures are said in findings: cells, columns, measures, numbers, as (Vietnamese, English)."""

from collections.abc import Iterable

from etl.forms import Form
from etl.model import Report

Words = tuple[str, str]


def number_words(number: float) -> Words:
    """Write a count as each language groups it: 6.975 and 6,975."""
    english = f"{int(number):,}"
    return english.replace(",", "."), english


def measure_words(form: Form, report: Report, measure: str) -> Words:
    """Name a measure as the report's edition prints it: with its column number where it has one."""
    known = form.measure(measure)
    number = form.edition(report.edition).number_of(measure)
    prefix = f"({number}) " if number else ""
    return prefix + known.label_vi, prefix + known.label_en


def cell_of(report: Report, sheet: str, row: int, measure: str) -> str | None:
    """Name the cell of a measure in a row. *Missing*: None where the sheet does not print the measure."""
    column = report.columns.get(sheet, {}).get(measure)
    return f"{column}{row}" if column else None


def where_words(report: Report, *, sheet: str, cell: str | None, row: int, name: str | None) -> Words:
    """Say where, for the start of a sentence: "Ô C12, trang “T4” (Hộ tịch): "."""
    vi, en = (f"Ô {cell}", f"Cell {cell}") if cell else (f"Dòng {row}", f"Row {row}")
    if len(report.columns) > 1:
        vi, en = f"{vi}, trang “{sheet}”", f"{en}, sheet “{sheet}”"
    about = f" ({name})" if name else ""
    return f"{vi}{about}: ", f"{en}{about}: "


def sum_words(terms: Iterable[tuple[Words, int]]) -> Words:
    """Write a sum with its terms: "(4) Trực tuyến 3 + (5) Trực tiếp 4 = 7"; one term is no sum."""
    listed = [(label, amount, number_words(amount)) for label, amount in terms]
    total = number_words(sum(amount for _, amount, _ in listed))
    sides = [" + ".join(f"{label[i]} {shown[i]}" for label, _, shown in listed) for i in (0, 1)]
    if len(listed) > 1:
        sides = [f"{side} = {total[i]}" for i, side in enumerate(sides)]
    return sides[0], sides[1]
