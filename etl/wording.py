"""The words of a finding, as (Vietnamese, English): numbers, measures, sums and places."""

from collections.abc import Iterable

from etl.forms import Form
from etl.model import Report

Words = tuple[str, str]


def number_words(number: float) -> Words:
    """Write a count with its thousands apart: 1.297 in Vietnamese, 1,297 in English."""
    grouped = f"{int(number):,}"
    return grouped.replace(",", "."), grouped


def measure_words(form: Form, report: Report, measure: str) -> Words:
    """Name a measure as the clerk knows it: by its label, and the number of its column where the edition has one."""
    known = form.measure(measure)
    number = form.edition(report.edition).number_of(measure)
    shown = f" ({number})" if number else ""
    return f"{known.label_vi}{shown}", f"{known.label_en}{shown}"


def sum_words(terms: Iterable[tuple[Words, int]]) -> Words:
    """Write a sum with its terms: "Trực tuyến (4) 3 + Trực tiếp (5) 4 = 7"; one term is no sum."""
    listed = list(terms)
    amounts = [number_words(amount) for _, amount in listed]
    total = number_words(sum(amount for _, amount in listed))
    sides = []
    for i in (0, 1):
        text = " + ".join(f"{label[i]} {amount[i]}" for (label, _), amount in zip(listed, amounts, strict=True))
        sides.append(f"{text} = {total[i]}" if len(listed) > 1 else text)
    return sides[0], sides[1]


def cell_of(report: Report, sheet: str, row: int, measure: str) -> str | None:
    """Name the cell of a measure in a row. *Missing*: None where the sheet does not print the measure."""
    column = report.columns.get(sheet, {}).get(measure)
    return f"{column}{row}" if column else None


def where_words(report: Report, *, sheet: str, cell: str | None, row: int, name: str | None) -> Words:
    """Say where something is: the sheet where there are several, the cell or else the row, and the field's name."""
    several = len(report.columns) > 1
    vi = [f"Trang “{sheet}”" if several else "", f"ô {cell}" if cell else f"dòng {row}", name or ""]
    en = [f"sheet “{sheet}”" if several else "", f"cell {cell}" if cell else f"row {row}", name or ""]
    return ", ".join(filter(None, vi)) + ": ", ", ".join(filter(None, en)) + ": "
