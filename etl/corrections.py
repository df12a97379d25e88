"""Corrections: figures of a report that an operator has corrected. What the ward wrote stays beside them."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

import pandas as pd

from etl.errors import ConfigError
from etl.forms import Form
from etl.model import Finding, Report, Statement
from etl.reference import Reference
from etl.rules import compose_finding
from etl.wording import cell_of, measure_words, number_words, where_words

Cell = tuple[str, int, str]  # sheet, row, measure


@dataclass(frozen=True, slots=True)
class Correction:
    """A cell corrected. `original`: what the ward wrote. *Missing*: None where the cell held no count."""

    correction_no: int
    unit: str
    period: str
    sheet: str
    row: int
    measure: str
    original: int | None
    corrected: int
    reason: str
    author: str


def apply_corrections(report: Report, corrections: Sequence[Correction], reference: Reference) -> Report:
    """Put the corrected figures in, and say so with a finding each; what was wrong with the old value goes.

    The last correction of a cell counts. One made to another value than the cell now holds has lapsed.
    """
    last = {(c.sheet, c.row, c.measure): c for c in corrections if _is_of(c, report)}
    for correction in last.values():
        report = _corrected(report, correction, reference)
    return report


def find_cell(report: Report, name: str, sheet: str | None = None) -> Cell:
    """Find the figure in a cell such as "I9". *Raises*: ConfigError where there is none, or one on several sheets."""
    match = re.fullmatch(r"([A-Z]{1,3})([1-9]\d{0,6})", name.strip().upper())
    rows = {(str(of), int(row)) for of, row in report.frame[["sheet", "row"]].to_numpy()}
    found = [
        (of, int(match[2]), measure)
        for of, letters in report.columns.items()
        for measure, letter in letters.items()
        if match and letter == match[1] and (of, int(match[2])) in rows and sheet in (None, of)
    ]
    if len(found) != 1:
        sheets = ", ".join(report.columns)
        raise ConfigError(f"{name} is no cell with a figure of the report, or on several sheets; its sheets: {sheets}")
    return found[0]


def figure_at(report: Report, cell: Cell) -> int | None:
    """Give the count in a cell. *Missing*: None where it holds none."""
    sheet, row, measure = cell
    rows = report.frame[report.frame["sheet"].eq(sheet) & report.frame["row"].eq(row)]
    return _count(rows[measure].iloc[0])


def find_followers(report: Report, cells: Mapping[Cell, int], form: Form) -> dict[Cell, int]:
    """Find the totals that follow a correction: those that were the sum of their parts before it stay so.

    A total that was not, and one that is corrected itself, stays as it is. *Shape*: cell → its new value.
    """
    before = {
        (str(row["sheet"]), int(row["row"]), measure): _count(row[measure])
        for row in report.frame.to_dict("records")
        for measure in form.measure_names
    }
    after: dict[Cell, int | None] = {**before, **cells}
    for total, parts in _sums(report, form):
        if before[total] == _total(before, parts) is not None and total not in cells:
            after[total] = _total(after, parts)
    return {cell: new for cell, new in after.items() if new is not None and new != before[cell] and cell not in cells}


def _sums(report: Report, form: Form) -> Iterator[tuple[Cell, list[Cell]]]:
    """List what is a sum of what on the sheets: totals within each row, the inner ones first; then the total rows."""
    defined = {balance.total: balance.parts for balance in reversed(form.balances)}  # the first one makes the total
    inner_first = [total for total in TopologicalSorter(defined).static_order() if total in defined]
    places = [(str(sheet), int(row), kind) for sheet, row, kind in report.frame[["sheet", "row", "kind"]].to_numpy()]
    for sheet, row, _ in places:
        printed = report.columns[sheet]
        for total in (measure for measure in inner_first if measure in printed):
            yield (sheet, row, total), [(sheet, row, part) for part in _printed_parts(total, defined, printed)]
    for sheet, row, kind in places:
        fields = [number for of, number, what in places if what == "field" and of == sheet]
        for measure in report.columns[sheet] if kind == "total" else ():
            yield (sheet, row, measure), [(sheet, number, measure) for number in fields]


def _printed_parts(total: str, defined: Mapping[str, Sequence[str]], printed: Collection[str]) -> Iterator[str]:
    """Give the parts of a total; of one that the sheet does not print, its own parts."""
    for part in defined[total]:
        if part in printed or part not in defined:
            yield part
        else:
            yield from _printed_parts(part, defined, printed)


def _total(figures: Mapping[Cell, int | None], parts: Sequence[Cell]) -> int | None:
    """Add up. *Missing*: None where any part is."""
    counts = [figures[part] for part in parts]
    return None if None in counts else sum(count for count in counts if count is not None)


def _is_of(correction: Correction, report: Report) -> bool:
    return (correction.unit, correction.period) == (report.unit_label, report.period_label)


def _corrected(report: Report, correction: Correction, reference: Reference) -> Report:
    frame = report.frame
    at = frame.index[frame["sheet"].eq(correction.sheet) & frame["row"].eq(correction.row)]
    if len(at) != 1 or _count(frame.at[at[0], correction.measure]) != correction.original:
        return report
    frame = frame.copy()
    frame.loc[at, correction.measure] = correction.corrected
    cell = cell_of(report, correction.sheet, correction.row, correction.measure)
    findings = [f for f in report.findings if f.code != "V" or (f.sheet, f.cell) != (correction.sheet, cell)]
    return replace(
        report,
        frame=frame,
        findings=(*findings, _finding(report, correction, cell, frame.loc[at[0]], reference)),
        statements={**report.statements, (correction.sheet, cell or ""): Statement.NUMBER},
    )


def _finding(report: Report, correction: Correction, cell: str | None, row: pd.Series, reference: Reference) -> Finding:
    name = str(row["field_name"]) if isinstance(row["field_name"], str) and row["field_name"] else None
    label = measure_words(reference.form, report, correction.measure)
    nothing = ("không có số", "no count")
    old = nothing if correction.original is None else number_words(correction.original)
    words = {
        "where": where_words(report, sheet=correction.sheet, cell=cell, row=correction.row, name=name),
        "found": (f"{label[0]} ghi {old[0]}", f"{label[1]} is {old[1]}"),
        "expected": number_words(correction.corrected),
        "todo": (f"{correction.reason} ({correction.author})", f"{correction.reason} ({correction.author})"),
    }
    return compose_finding(
        "V.corrected",
        words=words,
        unit=report.unit_label,
        period=report.period_label,
        field=str(row["field"]) if isinstance(row["field"], str) else name,
        measure=correction.measure,
        source_system=str(row["source_system"]),
        sheet=correction.sheet,
        cell=cell,
        found="" if correction.original is None else str(correction.original),
        expected=str(correction.corrected),
    )


def _count(value: object) -> int | None:
    return None if value is pd.NA or value is None else int(str(value))
