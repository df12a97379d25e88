"""A published statement against what the wards reported: reads, checks and compares, and writes nothing."""

import logging
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from etl.check import CheckContext, check
from etl.comparing.comparison import Comparison
from etl.comparing.rates import read_rate_columns
from etl.comparing.statement import CompareContext, Statement, compare_statement
from etl.comparing.yardstick import Published, SentBack, Yardstick
from etl.errors import ConfigError, SubmissionError
from etl.forms import Form
from etl.installation import Installation, open_installation
from etl.model import Report, Submission
from etl.parse import parse
from etl.periods import Period
from etl.reference import Reference
from etl.settings import Limits, Settings
from etl.town import build_town
from etl.town_dataset import TownDataset
from etl.warehouse.former import total_rows
from etl.warehouse.publications import find_ledger, read_entry
from etl.warehouse.submissions import find_submissions
from etl.warehouse.town_inputs import find_reported_periods

log = logging.getLogger(__name__)

_MOST_PUBLICATIONS = 20  # looked back at, of a period


def compare(settings: Settings, path: Path, first: str, last: str) -> tuple[Comparison, Reference]:
    """Compare a statement with the dataset of the months from the first to the last.

    *Raises*: SubmissionError where the file cannot be read, ConfigError where the range is none or nothing of it was
    reported.
    """
    here = open_installation(settings)
    span = here.span(first, last)
    statement = read_statement(path, here.reference, settings.limits)
    with here.engine.begin() as conn:
        yardsticks = _build_yardsticks(conn, here, statement, span)
    return compare_statement(statement, yardsticks, CompareContext(here.reference, span)), here.reference


def read_statement(path: Path, reference: Reference, limits: Limits) -> Statement:
    """Read a statement and check it for itself. *Raises*: SubmissionError, in words, for whatever the file may be."""
    submission = Submission("", path.name, 0, datetime.now(UTC), path, sent_by=None)
    reports = parse(submission, reference, limits=limits)
    checked = check(reports, CheckContext(reference, is_statement=True))
    return Statement(checked, read_rate_columns(path, reports, reference, limits))


def _build_yardsticks(
    conn: Connection, here: Installation, statement: Statement, span: Period
) -> Mapping[str, Yardstick]:
    """Build the dataset of each period within the span that a row speaks of, and what may explain differences."""
    reported = find_reported_periods(conn, here.reference)
    calendar = here.reference.town.calendar
    if not any(span.start <= one.start and one.end <= span.end for one in reported):
        raise ConfigError(f"no report speaks of {span.key}: there is nothing to compare with")
    months = {month.key: build_town(conn, here.reference, [month]) for month in calendar.months_of(span)}
    periods = dict.fromkeys(checked.report.period for checked in statement.checked)
    wanted = [one for one in periods if one and span.start <= one.start and one.end <= span.end]
    found = {}
    for period in wanted:
        own = [months[month.key] for month in calendar.months_of(period)]
        if period in reported and not period.is_month:
            own = []  # reported as a whole: its months, if there are any, say nothing of it
        elif not own:
            continue
        dataset = own[0] if len(own) == 1 else build_town(conn, here.reference, [m.period for m in own] or [period])
        found[period.key] = _yardstick(conn, here, dataset, (own, [m for m in months.values() if m not in own]))
    return found


def _yardstick(
    conn: Connection, here: Installation, dataset: TownDataset, months: tuple[list[TownDataset], list[TownDataset]]
) -> Yardstick:
    own, others = months
    keys = dict.fromkeys([dataset.period.key, *(month.period.key for month in own)])
    return Yardstick(
        dataset=dataset,
        months=tuple(own),
        others=tuple(others) if len(own) == 1 else (),
        published=tuple(one for key in keys for one in _find_published(conn, key)),
        sent_back=tuple(_find_sent_back(conn, here, own or [dataset])),
    )


def _find_published(conn: Connection, period_key: str) -> Iterator[Published]:
    """Read the last publications of a period, the newest first."""
    numbers = sorted((int(row["number"]) for row in find_ledger(conn, period_key)), reverse=True)
    for number in numbers[:_MOST_PUBLICATIONS]:
        if entry := read_entry(conn, period_key, number):
            frame = pd.DataFrame(entry.content["rows"], columns=entry.content["columns"])
            yield Published(period_key, number, entry.published_at, frame)


def _find_sent_back(conn: Connection, here: Installation, months: Sequence[TownDataset]) -> Iterator[SentBack]:
    """Read again the reports that were refused, as far as they can be read."""
    for month in months:
        coverage = month.coverage[month.coverage["expected"] & month.coverage["status"].eq("rejected")]
        refused = {str(row["submission"]): row for row in coverage.to_dict("records")}
        known = find_submissions(conn, [month.period.key]) if refused else []
        for submission in (one for one in known if one.sha256 in refused):
            try:
                reports = parse(submission, here.reference, limits=here.settings.limits)
            except SubmissionError as error:
                log.warning("compare: a report that was sent back cannot be read again: %s", error.rule)
                continue
            yield from _as_sent_back(reports, refused[submission.sha256], here.reference.form)


def _as_sent_back(reports: Sequence[Report], row: Mapping[Hashable, Any], form: Form) -> Iterator[SentBack]:
    for report in reports:
        about = report.unit and (report.unit.code, report.unit.full_name, report.period_label)
        if about == (row["unit_code"], row["unit_name"], row["period_key"]):
            rows = report.frame[report.frame["kind"] == "field"].astype(object)
            plain = [{str(k): v for k, v in one.items()} for one in rows.where(rows.notna(), None).to_dict("records")]
            sums = total_rows(plain, form)
            counts = {m: count for m, count in sums.items() if count is not None}
            yield SentBack(str(row["unit_name"]), bool(row["is_desk"]), str(row["period_key"]), counts)
