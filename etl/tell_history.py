"""Put what is unusual for a unit into a question: what stands there, and what its own past would lead one to expect."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from etl.forms import Form
from etl.model import Finding, Report
from etl.reference import Reference
from etl.rules import compose_finding
from etl.wording import Words, cell_of, measure_words, number_words, where_words
from expectations.history import WHOLE


def tell_history(
    breaches: pd.DataFrame, *, table: pd.DataFrame, rows: pd.DataFrame, reports: Sequence[Report], reference: Reference
) -> Iterator[tuple[int, int, Finding]]:
    """Ask about the figures of a batch. *Shape*: the report, the row's position in `rows` (-1: none), the finding."""
    for breach in breaches.to_dict("records"):
        line = table.iloc[breach["position"]]
        number, position = int(line["report"]), int(line["position"])
        report = reports[number]
        label = measure_words(reference.form, report, breach["measure"])
        words = question_words(breach, line, label)
        place: dict[str, Any] = {"field": str(line["field"]), "measure": breach["measure"]}
        words["where"] = line_words(line, reference)
        if position >= 0:
            row = rows.iloc[position]
            cell = cell_of(report, row["sheet"], int(row["row"]), breach["measure"])
            name = row["field_name"] if isinstance(row["field_name"], str) and row["field_name"] else None
            place |= {"sheet": row["sheet"], "cell": cell}
            words["where"] = where_words(report, sheet=row["sheet"], cell=cell, row=int(row["row"]), name=name)
        yield (
            number,
            position,
            compose_question(breach, words, unit=report.unit_label, period=report.period_label, **place),
        )


def compose_question(breach: dict[Any, Any], words: dict[str, Words], **place: Any) -> Finding:
    """Compose the finding on a breach: what stands there, and what comes nearest of all that could be expected."""
    said = {"found": str(int(breach["found"])), "expected": str(int(breach["expected"]))}
    return compose_finding("H.ratio", words=words, **said, **place)


def question_words(breach: dict[Any, Any], line: pd.Series, label: Words) -> dict[str, Words]:
    """Say what was found and what is usual. A line without a row counts 0, and is said to be missing."""
    found, low, high = (number_words(breach[name]) for name in ("found", "low", "high"))
    periods = int(breach["periods"])
    stands = (f"{label[0]} ghi {found[0]}", f"{label[1]} is {found[1]}")
    if int(line["position"]) < 0 and not breach["found"] and line["field"] != WHOLE:
        stands = (f"không có dòng nào, tức là {label[0]} bằng 0", f"there is no row, which makes {label[1]} 0")
    usual = (
        f"{periods} kỳ gần đây của đơn vị thường ở khoảng {low[0]}–{high[0]}",
        f"the unit's last {periods} periods were mostly between {low[1]} and {high[1]}",
    )
    if low == high:
        usual = (
            f"{periods} kỳ gần đây của đơn vị thường là {low[0]}",
            f"the unit's last {periods} were mostly {low[1]}",
        )
    return {"found": stands, "expected": usual}


def line_words(line: Mapping[str, Any] | pd.Series, reference: Reference) -> Words:
    """Say which line is meant where no cell shows it: a field, with its source system, or the report as a whole."""
    if line["field"] == WHOLE:
        return "Cả báo cáo: ", "The report as a whole: "
    known = reference.field(str(line["field"]))
    name = (known.name if known else str(line["field"])) + (
        f", {line['source_system']}" if line["source_system"] else ""
    )
    return f"Lĩnh vực {name}: ", f"Field {name}: "


def plain_label(form: Form, measure: str) -> Words:
    """Name a measure where no sheet prints it with a number."""
    known = form.measure(measure)
    return known.label_vi, known.label_en
