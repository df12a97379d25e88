"""The data dictionary, composed from what the form, the rules of the warehouse and its catalogue already say."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from etl.db import query
from etl.forms import Edition, Form

OVER_TIME = {
    "flow": "flow: adds up",
    "opening": "opening stock: the first period's",
    "closing": "closing stock: the last period's",
    "derived": "derived: from its balance",
}
SOURCES = {  # a view's column → the column that says what it means, where its name does not say so
    "unit_code": "unit.code",
    "unit_name": "unit.name",
    "unit_kind": "unit.kind",
    "unit_valid_from": "unit.valid_from",
    "unit_valid_to": "unit.valid_to",
    "period_key": "period.period_key",
    "period_start": "period.start_date",
    "period_end": "period.end_date",
    "source_system": "report_row.source_system",
    "field": "report_row.field",
    "field_name": "report_row.field_name",
    "submission": "report.submission",
    "verdict": "report.verdict",
    "units_expected": "town_period.units_expected",
    "units_in": "town_period.units_in",
    "sha256": "submission.sha256",
    "name": "submission.name",
    "received_at": "submission.received_at",
    "size_bytes": "submission.size_bytes",
    "report_no": "report.report_no",
    "revision": "reading.revision",
    "sheet": "report_row.sheet",
    "row_no": "report_row.row_no",
}
INTRODUCTION = """# Data dictionary

Composed from the form, the tables and the views (`etl/warehouse/dictionary.py`); a test holds it to them.
The role `reader` sees the views and functions, but for `submission_log`, which names files and senders; `loader` writes
the tables. An empty measure was not reported and does not follow from what was: it is never 0.

The views `fact_…` and `dim_…` are a star that any tool for reports reads; [questions.md](questions.md) answers five
questions with it.
"""


def compose_dictionary(conn: Connection, form: Form) -> str:
    """Write the dictionary as Markdown: what the form says, then views, functions and tables."""
    columns = conn.execute(query("find_relation_column")).all()
    meanings = _meanings(columns, form)
    parts = [INTRODUCTION, *_measures(form), *_equations(form), *_editions(form), *_functions(conn)]
    for is_view, of_kind in groupby(columns, key=lambda row: row.is_view):
        parts.append("## Views\n" if is_view else "## Tables\n")
        for _, of_relation in groupby(of_kind, key=lambda row: row.relation_name):
            parts.append(_relation(list(of_relation), meanings))
    return "\n".join(parts)


def _measures(form: Form) -> Iterator[str]:
    yield f"## Measures of {form.title_vi}\n"
    rows = [(f"`{m.name}`", m.label_vi, m.label_en, OVER_TIME[m.over_time]) for m in form.measures]
    yield _table(("measure", "Vietnamese", "English", "over several periods"), rows)


def _equations(form: Form) -> Iterator[str]:
    yield "## Balances\n"
    yield "Exact, in every row.\n"
    yield "\n".join(f"- `{b.name}`: {b.total} = {' + '.join(b.parts)}" for b in form.balances) + "\n"
    yield "From period to period, for each unit, source system and field; `chain_break` lists where it does not hold.\n"
    yield "\n".join(f"- {r.opening} = {r.closing} of the period before" for r in form.roll_forwards) + "\n"
    yield "## Rates\n"
    yield "In percent, from summed counts and never averaged, rounded half up to two decimals.\n"
    rows = [(f"`{r.name}`", r.label_vi, r.label_en, f"{r.part} / {r.whole}") for r in form.rates]
    yield _table(("rate", "Vietnamese", "English", "is"), rows)


def _editions(form: Form) -> Iterator[str]:
    """Say which edition prints which measure; a plain table may have any of them."""
    editions = [edition for edition in form.editions if edition.measures]
    yield "## Editions\n"
    yield "In which column an edition prints a measure. What it does not print is not reported, never 0; where the"
    yield "balances leave only one value for it, the views have that value.\n"
    yield "\n".join(f"- {edition.name}: {edition.title}" for edition in form.editions) + "\n"
    rows = [(f"`{m}`", *(_printed(edition, m) for edition in editions)) for m in form.measure_names]
    yield _table(("measure", *(edition.name for edition in editions)), rows)


def _printed(edition: Edition, measure: str) -> str:
    number = edition.number_of(measure)
    return "–" if number is None else f"({number})"


def _functions(conn: Connection) -> Iterator[str]:
    yield "## Functions\n"
    for row in conn.execute(query("find_function")):
        arguments = re.sub(r", (\w+ [^,]*OUT|OUT) .*$", "", row.arguments)
        yield f"- `{row.function_name}({arguments})`: {row.function_comment}"
    yield ""


def _relation(columns: Sequence[Any], meanings: dict[str, str]) -> str:
    first = columns[0]
    rows = [(f"`{c.column_name}`", c.column_type, c.column_comment or meanings.get(c.column_name, "")) for c in columns]
    return f"### {first.relation_name}\n\n{first.relation_comment}\n\n{_table(('column', 'type', 'meaning'), rows)}"


def _meanings(columns: Sequence[Any], form: Form) -> dict[str, str]:
    """Say what a view's column means: a measure, the column it shows, or all that is said of columns of that name."""
    said: dict[str, set[str]] = {}
    for column in columns:
        if column.column_comment:
            said.setdefault(column.column_name, set()).add(column.column_comment)
    alike = {name: meanings.pop() for name, meanings in said.items() if len(meanings) == 1}
    exact = {f"{c.relation_name}.{c.column_name}": c.column_comment for c in columns}
    shown = {name: exact[source] for name, source in SOURCES.items()}
    return (
        alike
        | shown
        | {measure.name: f"{measure.label_en[:1].upper()}{measure.label_en[1:]}." for measure in form.measures}
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
