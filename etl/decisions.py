"""What operators decide about a report: findings accepted, figures corrected.

Each decision is recorded with its author and reason, told to the ward, and judged by at once; the town's figures are
published anew by the next run of `intake`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from etl.check import check
from etl.corrections import Cell, Correction, apply_corrections, figure_at, find_cell, find_followers
from etl.errors import ConfigError
from etl.installation import Installation, open_installation
from etl.judging import build_context, judge
from etl.model import CheckedReport, Finding, Report, Severity, Submission, Unit, Verdict
from etl.parse import parse
from etl.periods import Period
from etl.settings import Settings
from etl.standing import Stand
from etl.waivers import COVERED
from etl.warehouse.decisions import add_correction, add_waiver, find_decisions, read_corrections
from etl.warehouse.standings import read_rivals
from etl.warehouse.submissions import ask_again, find_submission
from etl.warehouse.town_inputs import find_findings

# Findings that took the figure away: accepting one leaves a hole that is in no sum.
UNREADABLE = ("V.not-a-count", "V.decimals", "V.negative", "V.too-large", "V.formula-without-value")


def waive(
    settings: Settings,
    unit: str,
    period: str,
    rule: str,
    *,
    reason: str,
    author: str,
    cell: str | None = None,
    every: bool = False,
    until: date | None = None,
    file: str = "",
) -> dict[str, Any]:
    """Accept a finding of a report of a unit and period; judge the report again and say what it is now.

    `file`: the code of its file; without one, see `_find_report`.
    *Raises*: ConfigError where no finding is meant, or more than one and not `every`.
    """
    here = open_installation(settings)
    of_period = here.period(period)
    of_unit = here.unit(unit, of_period)
    with here.engine.begin() as conn:
        chosen = _find_report(conn, of_unit, of_period, file)
        findings = find_findings(conn, [chosen["submission"]], [of_period])
        own = [finding for finding in findings if finding.unit == of_unit.code]
        for finding in _choose(own, rule, cell, every=every):
            named = {name: getattr(finding, name) for name in COVERED[2:]}
            decided = {"reason": reason, "author": author, "until": until}
            add_waiver(conn, unit=of_unit.code, period=of_period.key, **named, **decided)
        ask_again(conn, chosen["submission"], "decision")
    return _judge_anew(here, chosen["submission"], of_unit, of_period)


def _choose(findings: Sequence[Finding], rule: str, cell: str | None, *, every: bool) -> list[Finding]:
    chosen = [finding for finding in findings if finding.rule == rule and cell in (None, finding.cell)]
    if chosen and rule in UNREADABLE:
        raise ConfigError(f"{rule}: no count can be read there, and a hole would be in the town's figures: correct it")
    if len(chosen) == 1 or (chosen and every):
        return chosen
    listed = "; ".join(f"{f.rule} {f.cell or 'without a cell'}" for f in chosen or findings) or "none"
    if chosen:
        raise ConfigError(f"{len(chosen)} findings are meant, name one by --cell or take --all: {listed}")
    raise ConfigError(f"the report has no finding {rule}{f' at {cell}' if cell else ''}; it has: {listed}")


# ---------------------------------------------------------------------------------------------------------
# Corrections


def correct(
    settings: Settings,
    unit: str,
    period: str,
    values: Mapping[str, int],
    *,
    reason: str,
    author: str,
    sheet: str | None = None,
    file: str = "",
) -> dict[str, Any]:
    """Correct cells of a report of a unit and period, and the totals that follow from them.

    `values`: cell → count; none: what the findings propose, where they propose one value each. Nothing is recorded
    where the report would still be refused. *Raises*: ConfigError, saying why.
    """
    here = open_installation(settings)
    of_period = here.period(period)
    of_unit = here.unit(unit, of_period)
    with here.engine.begin() as conn:
        chosen = _find_report(conn, of_unit, of_period, file)
        submission = find_submission(conn, chosen["submission"])
        earlier = read_corrections(conn, [submission.sha256]).get(submission.sha256, [])
    raw = _read_report(here, submission, of_unit, of_period)
    now = apply_corrections(raw, earlier, here.reference)
    cells = {find_cell(raw, name, sheet): value for name, value in values.items()} or _proposed(here, now)
    cells |= find_followers(now, cells, here.reference.form)
    made = [_correction(raw, cell, value, reason=reason, author=author) for cell, value in cells.items()]
    _refuse_useless(here, apply_corrections(raw, [*earlier, *made], here.reference))
    with here.engine.begin() as conn:
        for one in made:
            places = {"sheet": one.sheet, "row_no": one.row, "measure": one.measure}
            decided = {"original": one.original, "corrected": one.corrected, "reason": reason, "author": author}
            add_correction(conn, report_no=chosen["report_no"], **places, **decided)
        ask_again(conn, submission.sha256, "decision")
    return _judge_anew(here, submission.sha256, of_unit, of_period)


def _read_report(here: Installation, submission: Submission, unit: Unit, period: Period) -> Report:
    reports = parse(submission, here.reference, limits=here.settings.limits)
    return next(report for report in reports if (report.unit, report.period) == (unit, period))


def _proposed(here: Installation, report: Report) -> dict[Cell, int]:
    """Gather the values that the findings of a report propose, one for a cell."""
    proposed = {}
    for finding in _check_one(here, report).findings:
        suggestion = finding.suggestion or {}
        if suggestion.get("cell") and str(suggestion.get("value", "")).isdigit():
            proposed[find_cell(report, str(suggestion["cell"]), finding.sheet)] = int(suggestion["value"])
    if not proposed:
        raise ConfigError("no finding proposes a single value; write the cells yourself, like I9=49")
    return proposed


def _correction(report: Report, cell: Cell, value: int, *, reason: str, author: str) -> Correction:
    sheet, row, measure = cell
    return Correction(
        correction_no=0,
        unit=report.unit_label,
        period=report.period_label,
        sheet=sheet,
        row=row,
        measure=measure,
        original=figure_at(report, cell),
        corrected=value,
        reason=reason,
        author=author,
    )


def _refuse_useless(here: Installation, report: Report) -> None:
    checked = _check_one(here, report)
    if checked.verdict is Verdict.REJECTED:
        left = [finding.message_en for finding in checked.findings if finding.severity is Severity.ERROR]
        raise ConfigError("with this the report would still be refused, so nothing was recorded:", *left[:10])


def _check_one(here: Installation, report: Report) -> CheckedReport:
    return check([report], build_context(here, [report], is_alone=True))[0]


# ---------------------------------------------------------------------------------------------------------
# What there is, and what the decisions share


def list_decisions(settings: Settings, period: str | None = None) -> list[dict[str, Any]]:
    """List the waivers, corrections and rulings, of a period or all, the oldest first, each with whether it acts."""
    here = open_installation(settings)
    with here.engine.begin() as conn:
        return find_decisions(conn, here.period(period).key if period else None)


def _find_report(conn: Connection, unit: Unit, period: Period, file: str) -> Mapping[str, Any]:
    """Find the report to decide about: the one in a file, or the refused one that came after the one that counts.

    Where there is no such one, the one that counts. *Raises*: ConfigError where there is none, naming those there are.
    """
    key = (unit.code, unit.valid_from, period.key)
    there = [rival for rival in read_rivals(conn, [key]).get(key, []) if rival["report_no"] is not None]
    counting = [place for place, rival in enumerate(there) if rival["stand"] == Stand.COUNTS]
    refused = [rival for rival in there[max(counting, default=0) :] if not rival["is_accepted"]]
    found = [rival for rival in there if rival["submission"].startswith(file)] if file else refused[-1:]
    found = found or ([] if file else [there[place] for place in counting])
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{r['submission'][:12]} {r['name']} ({r['stand'] or 'rejected'})" for r in there) or "none"
    raise ConfigError(f"which report of {unit.full_name} for {period.key} is meant? There are: {listed}")


def _judge_anew(here: Installation, submission: str, unit: Unit, period: Period) -> dict[str, Any]:
    """Judge what a decision touches, and say what has become of the report."""
    with here.engine.begin() as conn:
        decided = find_submission(conn, submission)
    judge(here, [decided], is_alone=True)
    with here.engine.begin() as conn:
        key = (unit.code, unit.valid_from, period.key)
        (now,) = (rival for rival in read_rivals(conn, [key])[key] if rival["submission"] == submission)
        findings = [f for f in find_findings(conn, [submission], [period]) if f.unit == unit.code]
    verdict = "accepted" if now["is_accepted"] else "rejected"
    errors = [finding.as_dict() for finding in findings if finding.severity is Severity.ERROR]
    return {"file": now["name"], "verdict": verdict, "stand": now["stand"], "errors": errors}
