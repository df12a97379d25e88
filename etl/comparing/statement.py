"""Comparing a published statement with the town's dataset: row by row, every printed number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from etl.comparing.cases import StatementRow, build_case
from etl.comparing.comparison import (
    Cause,
    Comparison,
    Counts,
    Difference,
    NotCompared,
    Place,
    RateRemark,
    Reason,
    Words,
)
from etl.comparing.explaining import explain
from etl.comparing.hypotheses import Case
from etl.comparing.lines import find_line
from etl.comparing.rates import RateColumn, find_rate_remarks
from etl.comparing.yardstick import (
    ALL,
    Line,
    Yardstick,
    find_absent,
    find_counts,
    is_line_partial,
)
from etl.forms import Form
from etl.model import CheckedReport, Finding, Report
from etl.parsing.lexicon import is_total, lexicon_of
from etl.periods import Period
from etl.phrases import clean
from etl.reference import Reference
from etl.wording import number_words


@dataclass(frozen=True, slots=True)
class Statement:
    """A published statement, read and checked for itself; `rate_columns`: those of its columns that hold rates."""

    checked: tuple[CheckedReport, ...]
    rate_columns: tuple[RateColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class CompareContext:
    """What a statement is compared within: the reference, and the period that was asked for."""

    reference: Reference
    span: Period


def compare_statement(statement: Statement, yardsticks: Mapping[str, Yardstick], context: CompareContext) -> Comparison:
    """Hold each row against its line of the dataset of its own period (its key in `yardsticks`).

    *Missing*: what either side does not say is not compared; what a row says and the dataset does not is told.
    """
    rows: list[StatementRow] = []
    skipped: list[NotCompared] = []
    for checked in statement.checked:
        for found in _find_rows(checked.report, yardsticks, context):
            (rows if isinstance(found, StatementRow) else skipped).append(found)  # type: ignore[arg-type]
    told = [_compare_row(row, context.reference) for row in rows]
    rates = [one for row in rows for one in _remark_rates(row, statement, context.reference)]
    return Comparison(
        compared=sum(row_told.compared for row_told in told),
        findings=_own_findings(statement, rows),
        differences=tuple(one for row_told in told for one in row_told.differences),
        rates=tuple(one for one in rates if isinstance(one, RateRemark)),
        not_compared=(
            *skipped,
            *(one for row_told in told for one in row_told.not_compared),
            *(one for one in rates if isinstance(one, NotCompared)),
        ),
    )


# ---------------------------------------------------------------------------------------------------------
# Which line a row is about


def _find_rows(
    report: Report, yardsticks: Mapping[str, Yardstick], context: CompareContext
) -> Iterator[StatementRow | NotCompared]:
    whole = Place(report.unit_text or report.unit_label, report.period_label, "", None)
    yardstick = yardsticks.get(report.period.key) if report.period else None
    line = find_line(report, yardstick.dataset, context.reference) if yardstick else _why_no_period(report, context)
    for row in report.frame.to_dict("records"):
        place = replace(whole, sheet=str(row["sheet"]), row=int(row["row"]))
        if yardstick is None or not isinstance(line, Line):
            assert not isinstance(line, Line)
            yield NotCompared(place, Reason.UNIT if yardstick else Reason.PERIOD, *line)
            continue
        field = _field_of(row, context.reference)
        if field is None:
            name = clean(str(row["field_name"]), 80)
            words = f"Lĩnh vực “{name}” không có trong danh mục.", f"The field “{name}” is not in the list."
            yield NotCompared(place, Reason.FIELD, *words)
            continue
        system = str(row["source_system"]) or ALL
        printed = {m: int(row[m]) for m in context.reference.form.measure_names if not pd.isna(row[m])}
        columns = report.columns.get(str(row["sheet"]), {})
        yield StatementRow(
            replace(place, field=field, source_system=system),
            replace(line, field=field, source_system=system),
            yardstick,
            dict(sorted(printed.items(), key=lambda one: (len(columns.get(one[0], "")), columns.get(one[0], "")))),
            {m: f"{letters}{row['row']}" for m, letters in columns.items()},
        )


def _field_of(row: Mapping[object, object], reference: Reference) -> str | None:
    """Give the field of a row: a row that sums its systems has lost the code, a total without a name is of all."""
    code, name = row["field"], str(row["field_name"])
    if isinstance(code, str):
        return code
    if row["kind"] == "total" and (not name or is_total(name)):
        return ALL
    known = lexicon_of(reference).fields.find_known(name)
    return known.code if known else None


def _why_no_period(report: Report, context: CompareContext) -> Words:
    span = context.span.key
    if report.period is None:
        return "Không đọc được kỳ báo cáo của dòng.", "The period of the row is not understood."
    key = report.period.key
    if context.span.start <= report.period.start and report.period.end <= context.span.end:
        return f"Kỳ {key} không gồm các tháng trọn vẹn.", f"The period {key} is no run of whole months."
    return f"Kỳ {key} không nằm trong {span}.", f"The period {key} is not within {span}."


# ---------------------------------------------------------------------------------------------------------
# What differs


@dataclass(frozen=True, slots=True)
class _Told:
    compared: int = 0
    differences: tuple[Difference, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()


def _compare_row(row: StatementRow, reference: Reference) -> _Told:
    form, dataset = reference.form, row.yardstick.dataset
    known = find_counts(dataset.frame, row.line, form)
    if not known:
        return _Told(not_compared=(_no_line(row),))
    silent = tuple(_silent(row, m, form) for m in row.printed if m not in known)
    printed = {m: count for m, count in row.printed.items() if m in known}
    if all(count == known[m] for m, count in printed.items()):
        return _Told(len(printed), not_compared=silent)
    case = build_case(replace(row, printed=printed), known, form)
    causes = explain(case)
    if is_line_partial(dataset.frame, row.line) and _may_be_absent(case, causes):
        return _Told(not_compared=(*silent, *_partial(row, known, form)))
    differences = tuple(
        Difference(row.place, m, row.cells.get(m), printed[m], known[m], causes.get(m, ())) for m in case.differing
    )
    return _Told(len(printed), differences, silent)


def _may_be_absent(case: Case, causes: Mapping[str, tuple[Cause, ...]]) -> bool:
    """Tell whether the reports that are missing may be all the difference: they only add, and nothing is surer."""
    is_more = all(count >= case.figures[m] for m, count in case.printed.items())
    return is_more and not all(any(cause.is_sure for cause in causes.get(m, ())) for m in case.differing)


def _no_line(row: StatementRow) -> NotCompared:
    absent = find_absent(row.yardstick.dataset, row.line)
    if absent and row.line.field == ALL:
        return NotCompared(row.place, Reason.PARTIAL, *_absent_words(absent))
    words = (
        "Số liệu của thị xã không có dòng này cho lĩnh vực, hệ thống đó.",
        "The dataset has no such line for this field and source system.",
    )
    return NotCompared(row.place, Reason.LINE, *words)


def _silent(row: StatementRow, measure: str, form: Form) -> NotCompared:
    label = form.measure(measure)
    words = (
        f"“{label.label_vi}”: các báo cáo không ghi chỉ tiêu này nên không có gì để đối chiếu.",
        f"“{label.label_en}”: the reports do not say it, so there is nothing to compare with.",
    )
    return NotCompared(row.place, Reason.MEASURE, *words, measure=measure)


def _partial(row: StatementRow, known: Counts, form: Form) -> Iterator[NotCompared]:
    """Say of each number how much the missing reports would have to say for it to be right."""
    vi, en = _absent_words(find_absent(row.yardstick.dataset, row.line))
    for measure, count in row.printed.items():
        if measure in known and count != known[measure]:
            label, by = form.measure(measure), number_words(count - known[measure])
            was, now = number_words(known[measure]), number_words(count)
            words = (
                f"“{label.label_vi}” {now[0]}, số liệu chưa đủ {was[0]}: chênh {by[0]}. {vi}",
                f"“{label.label_en}” {now[1]}, partial dataset {was[1]}: {by[1]} apart. {en}",
            )
            yield NotCompared(row.place, Reason.PARTIAL, *words, measure=measure)


def _absent_words(absent: Mapping[tuple[str, str], str]) -> Words:
    why = {"rejected": ("bị trả lại", "sent back"), "missing": ("chưa có", "missing")}
    told = [(f"{unit}, {period}", why.get(status, (status, status))) for (unit, period), status in absent.items()]
    shown = [("; ".join(f"{place} ({said[i]})" for place, said in told[:8])) for i in (0, 1)]
    more = " …" if len(told) > 8 else ""
    return f"Số liệu còn thiếu báo cáo: {shown[0]}{more}.", f"The dataset lacks reports: {shown[1]}{more}."


# ---------------------------------------------------------------------------------------------------------
# What the statement says of itself


def _own_findings(statement: Statement, rows: Sequence[StatementRow]) -> tuple[Finding, ...]:
    """Give the findings of `check`, each once, without those that comparing has answered."""
    known = {(row.place.unit, row.place.period) for row in rows}
    rates = {column.heading_cell for column in statement.rate_columns}
    told: dict[object, Finding] = {}
    for checked in statement.checked:
        place = checked.report.unit_text or checked.report.unit_label, checked.report.period_label
        for finding in checked.findings:
            is_answered = finding.rule == "S.unit-outside" and place in known
            is_rate = finding.rule == "S.column-unknown" and (finding.sheet, finding.cell) in rates
            if not is_answered and not is_rate:
                is_of_table = finding.code == "S" and finding.cell is not None
                unit = None if is_of_table else finding.unit
                told.setdefault((finding.rule, finding.sheet, finding.cell, finding.measure, unit), finding)
    return tuple(told.values())


def _remark_rates(row: StatementRow, statement: Statement, reference: Reference) -> Iterator[RateRemark | NotCompared]:
    known = find_counts(row.yardstick.dataset.frame, row.line, reference.form)
    yield from find_rate_remarks(row.place, row.printed, known=known, columns=statement.rate_columns)
