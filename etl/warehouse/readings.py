"""What a submission is taken to say: its reports with the rows that count, and what the whole is known by."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from etl.completion import complete, figures
from etl.db import to_json
from etl.errors import SubmissionError
from etl.forms import Form
from etl.model import CheckedReport, Finding, Report, Severity, Statement, Unit, Verdict
from etl.periods import Period


@dataclass(frozen=True, slots=True)
class PlacedReport:
    """A checked report whose unit and period are known.

    `rows`: those that count, by column of the table report_row; none where the report is rejected.
    """

    checked: CheckedReport
    unit: Unit
    period: Period
    rows: tuple[dict[str, Any], ...]

    @property
    def key(self) -> tuple[str, Any, str]:
        """Give the code and first day of the unit, and the key of the period."""
        return self.unit.code, self.unit.valid_from, self.period.key

    @property
    def content_sha256(self) -> str:
        """Name the figures alone: wherever they stand, however the file calls them."""
        places = ("sheet", "row_no", "statements")
        return sha256(sorted(to_json({k: v for k, v in row.items() if k not in places}) for row in self.rows))


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a submission says: reports, or why there are none.

    `fingerprint` names what is said; the words of a message may change without its saying something else.
    """

    checked: tuple[CheckedReport, ...]
    placed: tuple[PlacedReport, ...]
    failure: SubmissionError | None
    fingerprint: str

    @property
    def outcome(self) -> str:
        return "unreadable" if self.failure else "read"

    def findings(self) -> Iterator[tuple[CheckedReport | None, Finding]]:
        """List what is wrong, with the report it is wrong with."""
        if self.failure:
            code, failure = self.failure.rule.split(".", 1)[0], self.failure
            yield None, Finding(code, failure.rule, Severity.ERROR, failure.message_vi, failure.message_en)
        for report in self.checked:
            for finding in report.findings:
                yield report, finding


def build_reading(outcome: Sequence[CheckedReport] | SubmissionError, form: Form) -> Reading:
    """Gather what a submission says, whether it could be read or not."""
    failure = outcome if isinstance(outcome, SubmissionError) else None
    checked = () if isinstance(outcome, SubmissionError) else tuple(outcome)
    placed = tuple(_placed(checked, form))
    rows = {id(place.checked): place.rows for place in placed}
    fingerprint = sha256({
        "failure": failure and [failure.rule, failure.message_en],
        "reports": [_summary(report) | {"rows": rows.get(id(report), ())} for report in checked],
    })  # fmt: skip
    return Reading(checked, placed, failure, fingerprint)


WORDS = ("message_vi", "message_en", "suggestion")


def sha256(value: Any) -> str:
    return hashlib.sha256(to_json(value).encode()).hexdigest()


def _summary(checked: CheckedReport) -> dict[str, Any]:
    """Give what a report says; words and proposals, which weigh a whole batch, and questions are no part of it."""
    report = checked.report
    found = [
        {k: v for k, v in f.as_dict().items() if k not in WORDS} | _waived(f)
        for f in checked.findings
        if not (f.is_question and f.waiver_no is None)
    ]
    unit = [report.unit_label, report.unit and report.unit.valid_from]
    named = {"unit": unit, "period": report.period_label, "edition": report.edition}
    return named | {"verdict": checked.verdict, "findings": found}


def _waived(finding: Finding) -> dict[str, Any]:
    return {"waiver_no": finding.waiver_no} if finding.waiver_no is not None else {}


def _placed(outcome: Sequence[CheckedReport], form: Form) -> Iterator[PlacedReport]:
    for checked in outcome:
        unit, period = checked.report.unit, checked.report.period
        if unit and period:
            is_rejected = checked.verdict is Verdict.REJECTED
            yield PlacedReport(checked, unit, period, () if is_rejected else tuple(_rows(checked.report, form)))


def _rows(report: Report, form: Form) -> Iterator[dict[str, Any]]:
    """Give the rows of fields, not the sheet's own sums, each with what follows from its balances."""
    frame = report.frame[report.frame["kind"] == "field"].reset_index(drop=True)
    reported, completed = figures(form, frame), figures(form, complete(form, frame))
    statements = _statements_by_row(report)
    columns = ["sheet", "row", "source_system", "field", "field_name"]
    for i, (sheet, row, source_system, field, field_name) in enumerate(
        frame[columns].itertuples(index=False, name=None)
    ):
        counts = {m: _count(reported[m][i]) for m in form.measure_names}
        followed = {m: _count(completed[m][i]) for m, count in counts.items() if count is None}
        yield counts | {
            "sheet": str(sheet),
            "row_no": int(row),
            "source_system": str(source_system),
            "field": _text(field),
            "field_name": _text(field_name) or "",
            "statements": statements.get((str(sheet), int(row)), {}),
            "determined": {m: count for m, count in followed.items() if count is not None},
        }


def _statements_by_row(report: Report) -> dict[tuple[str, int], dict[str, str]]:
    """Give what cells say beside numbers, by row and measure."""
    measures = {(s, letter): m for s, letters in report.columns.items() for m, letter in letters.items()}
    by_row: dict[tuple[str, int], dict[str, str]] = {}
    for (sheet, cell), statement in report.statements.items():
        letter = cell.rstrip("0123456789")
        measure = measures.get((sheet, letter))
        if measure and statement is not Statement.NUMBER:
            by_row.setdefault((sheet, int(cell[len(letter) :])), {})[measure] = str(statement)
    return by_row


def _count(value: float) -> int | None:
    return None if np.isnan(value) else int(value)


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
