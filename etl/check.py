"""The hop from reports to checked reports: every rule, through Great Expectations, and every finding in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from etl.history import find_history_table
from etl.model import CheckedReport, Finding, Report, Severity, Verdict, verdict_of
from etl.neighbours import Opening, find_previous_stocks, find_vanished_fields, read_openings, with_previous
from etl.reference import Reference
from etl.repair import propose
from etl.repairing.following import find_following_stocks
from etl.repairing.proposals import Repair
from etl.rules import compose_finding
from etl.tell import tell_breaches, with_proposal
from etl.tell_history import tell_history
from etl.waivers import Waiver, waive
from etl.wording import number_words
from expectations.validate import validate
from expectations.ward_report import (
    build_continuity_suite,
    build_fact_suite,
    build_history_suite,
    build_row_suite,
    check_severities,
)

if TYPE_CHECKING:  # imported here it would come before `expectations` can put off what it drags along
    from great_expectations import ExpectationSuite

REPAIRED = ("B", "T")  # codes whose findings say what a cell probably should be
STATEMENT_RULES = {"S.unit-unknown": "S.unit-outside", "S.period-unknown": "S.period-outside"}


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a batch is checked against besides itself.

    `previous`: closing stocks the warehouse knows, one row per unit (code), period (the key of the period that
    they open), source_system and field, with the closing measure. `following`: likewise what the periods
    after opened with. `history`: the units' past, see `etl.warehouse.history.find_history`. `waivers`: those in force.
    `is_alone`: each report is held against what the warehouse knows, never against another of the batch, which may not
    be what counts. `is_statement`: files are looked at, not taken in: none is late, and a plain table may speak of
    units and periods outside the reference.
    """

    reference: Reference
    previous: pd.DataFrame | None = None
    following: pd.DataFrame | None = None
    history: pd.DataFrame | None = None
    waivers: Sequence[Waiver] = ()
    is_alone: bool = False
    is_statement: bool = False


def check(reports: Sequence[Report], context: CheckContext) -> tuple[CheckedReport, ...]:
    """Judge each report by itself; never raise for bad data, and never let one report hold up another.

    Continuity comes last: only what was not refused for its own sake is held against the next period
    (a statement's periods always are). So is history: what was refused has to come again anyway.

    *Raises*: LoadError where a rule did not run, ConfigError where town.yaml weighs an unknown rule.
    """
    if not reports:
        return ()
    form, severities = context.reference.form, context.reference.town.severities
    check_severities(form, severities)
    rows, found = _rows(reports), _Found.of(reports, context)

    fact_suite = build_fact_suite(form, severities)
    found.add_facts(list(_facts(reports, context)), fact_suite)
    found.add_breaches(rows, build_row_suite(form, severities))

    trusted = [context.is_statement or found.verdict(i) is not Verdict.REJECTED for i in range(len(reports))]
    past = [is_trusted and not context.is_alone for is_trusted in trusted]
    stocks = find_previous_stocks(rows, reports, trusted=past, known=context.previous, form=form)
    found.add_facts(list(_vanished(reports, rows, stocks, context.reference)), fact_suite)
    continued = with_previous(rows, stocks)
    found.add_breaches(continued, build_continuity_suite(form, severities))
    following = find_following_stocks(rows, reports, form, context.following)
    found.add_proposals(propose(continued, reports, form, stocks_after=following))
    table = find_history_table(rows, reports, trusted=trusted, known=context.history, form=form)
    if len(table):
        found.add_questions(table, rows, build_history_suite(form, severities))
    openings = read_openings(stocks, "report")
    return tuple(found.checked(i, openings.get(i, ())) for i in range(len(reports)))


@dataclass(frozen=True, slots=True)
class _Found:
    """The findings of a batch so far, per report, each with the position of its row (-1: the whole report)."""

    reports: Sequence[Report]
    context: CheckContext
    findings: list[list[tuple[int, Finding]]]

    @classmethod
    def of(cls, reports: Sequence[Report], context: CheckContext) -> "_Found":
        return cls(reports, context, [[] for _ in reports])

    def add(self, report: int, position: int, finding: Finding, severity: Severity) -> None:
        """Add a finding of a rule that weighs so much, unless somebody has accepted it: then it is a warning."""
        weighed = waive(replace(finding, severity=severity), self.context.waivers)
        self.findings[report].append((position, weighed))

    def add_facts(self, facts: list[tuple[int, Finding]], suite: "ExpectationSuite") -> None:
        if not facts:
            return
        table = pd.DataFrame({"rule": pd.array([finding.rule for _, finding in facts], dtype="str")})
        for severity, positions in validate(table, suite).values():
            for position in positions:
                report, finding = facts[position]
                self.add(report, -1, finding, severity)

    def add_breaches(self, rows: pd.DataFrame, suite: "ExpectationSuite") -> None:
        of_report = rows["report"].to_numpy()
        for rule, (severity, breaches) in validate(rows, suite).items():
            told = tell_breaches(rule, breaches, rows=rows, reports=self.reports, reference=self.context.reference)
            for position, finding in told:
                self.add(int(of_report[position]), position, finding, severity)

    def add_questions(self, table: pd.DataFrame, rows: pd.DataFrame, suite: "ExpectationSuite") -> None:
        """Ask about the figures that are unusual for their unit; `table` as `etl.history` lays it out."""
        for severity, breaches in validate(table, suite).values():
            told = tell_history(
                breaches, table=table, rows=rows, reports=self.reports, reference=self.context.reference
            )
            for report, position, finding in told:
                self.add(report, position, finding, severity)

    def add_proposals(self, repairs: Mapping[int, Repair]) -> None:
        """Say with the findings of a row what it probably should be; the words once, with the first of them."""
        for findings in self.findings:
            told: set[int] = set()
            for i, (position, finding) in enumerate(findings):
                repair = repairs.get(position)
                if repair and finding.code in REPAIRED and finding.waiver_no is None:
                    language = self.context.reference.town.language
                    proposed = with_proposal(finding, repair, language=language, is_first=position not in told)
                    findings[i] = (position, proposed)
                    told.add(position)

    def verdict(self, report: int) -> Verdict:
        return verdict_of(tuple(finding for _, finding in self.findings[report]))

    def checked(self, report: int, opening: Opening) -> CheckedReport:
        ordered = tuple(finding for _, finding in sorted(self.findings[report], key=lambda pair: pair[0]))
        return CheckedReport(self.reports[report], ordered, verdict_of(ordered), opening)


def _rows(reports: Sequence[Report]) -> pd.DataFrame:
    """Stack the frames of a batch; `report` says which report a row is of."""
    frames = [report.frame.assign(report=i) for i, report in enumerate(reports)]
    return pd.concat(frames, ignore_index=True)


# ---------------------------------------------------------------------------------------------------------
# Facts: what is established before any rule on the figures is weighed


def _facts(reports: Sequence[Report], context: CheckContext) -> Iterator[tuple[int, Finding]]:
    for i, report in enumerate(reports):
        for finding in report.findings:
            yield i, _as_statement(finding, report) if context.is_statement else finding
        yield from ((i, finding) for finding in _untimely(report, context))


def _as_statement(finding: Finding, report: Report) -> Finding:
    """A published statement may speak of a province or of several wards together: warn, do not refuse."""
    rule = STATEMENT_RULES.get(finding.rule)
    if rule is None or report.edition != "plain":
        return finding
    places = ("unit", "period", "field", "sheet", "cell", "found", "expected", "suggestion")
    facts = {place: getattr(finding, place) for place in places}
    return compose_finding(rule, words={"expected": ("", "")}, **facts)


def _untimely(report: Report, context: CheckContext) -> Iterator[Finding]:
    """Tell of a report that came too late, or before its period has begun; a statement is never late."""
    period, town = report.period, context.reference.town
    if period is None or report.received_at is None:
        return
    arrived = report.received_at.astimezone(town.time_zone)
    unit, key = report.unit_label, period.key
    if period.start > arrived.date():
        begins = f"{period.start:%d/%m/%Y}"
        yield compose_finding("S.period-future", unit=unit, period=key, found=key, expected=begins)
    due = town.due_at(period)
    if due and arrived > due and not context.is_statement:
        found, expected = (f"{moment:%H:%M %d/%m/%Y}" for moment in (arrived, due))
        yield compose_finding("L.late", unit=unit, period=key, found=found, expected=expected)


def _vanished(
    reports: Sequence[Report], rows: pd.DataFrame, stocks: pd.DataFrame, reference: Reference
) -> Iterator[tuple[int, Finding]]:
    """Tell of fields that held dossiers at the end of the period before and have no row now."""
    for i, field, source_system, closing in find_vanished_fields(rows, stocks):
        known, report = reference.field(field), reports[i]
        name = (known.name if known else field) + (f", {source_system}" if source_system else "")
        words = {
            "where": (f"Lĩnh vực {name}: ", f"Field {name}: "),
            "found": number_words(closing),
            "expected": ("Hãy thêm dòng cho lĩnh vực này.", "Add a row for the field."),
        }
        facts = {"unit": report.unit_label, "period": report.period_label, "field": field}
        yield i, compose_finding("C.field-vanished", words=words, found=str(closing), **facts)
