"""The check between building the town's dataset and publishing it."""

from collections.abc import Iterator, Sequence

import pandas as pd

from etl.errors import LoadError
from etl.model import Finding, Severity
from etl.periods import Period
from etl.reference import Reference
from etl.rules import OWN_FAULTS, compose_finding
from etl.tell_town import tell_town
from etl.town_dataset import TownDataset
from etl.town_tables import lay_adjustments, lay_coverage, lay_lines, lay_months
from expectations.town_dataset import Table, build_town_suite
from expectations.validate import validate

MOST_TOLD = 3  # breaches that an error quotes


def check_town(
    dataset: TownDataset,
    reference: Reference,
    *,
    months: pd.DataFrame | None = None,
    cumulative: pd.DataFrame | None = None,
) -> tuple[Finding, ...]:
    """Judge a dataset before it is published; give what was found, errors first.

    `months`: the months of the dataset and those before, see `etl.publishing.release.Release`; `cumulative`: see
    `etl.warehouse.cumulative.find_cumulative`. *Missing*: what is not given is not judged.

    *Raises*: LoadError with what does not add up, where that can only be this program's fault.
    """
    tables = {
        Table.LINES: lay_lines(dataset, reference),
        Table.COVERAGE: lay_coverage(dataset, reference),
        Table.ADJUSTMENTS: lay_adjustments(dataset),
    }
    if months is not None:
        tables[Table.MONTHS] = lay_months(dataset, reference, months)
    if cumulative is not None:
        tables[Table.CUMULATIVE] = cumulative
    found = [finding for name, table in tables.items() for finding in _judge(name, table, dataset, reference)]
    own = [finding for finding in found if finding.rule in OWN_FAULTS]
    if own:
        told = "; ".join(f"{finding.rule}: {finding.message_en}" for finding in own[:MOST_TOLD])
        raise LoadError(
            f"the town's dataset of {dataset.period.key} does not add up and was not published ({len(own)} breaches): "
            f"{told}"
        )
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.ERROR))


def find_holding(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Give the findings of the dataset that hold its publication: the errors."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def _judge(name: Table, table: pd.DataFrame, dataset: TownDataset, reference: Reference) -> Iterator[Finding]:
    is_range = len(dataset.periods) > 1
    suite = build_town_suite(reference.form, reference.town.severities, table=name, is_range=is_range)
    for rule, (severity, breaches) in validate(table, suite).items():
        yield from tell_town(rule, breaches, severity=severity, dataset=dataset, reference=reference)


def find_missing(coverage: pd.DataFrame, period: Period, reference: Reference) -> Iterator[Finding]:
    """Say of each unit that owes a report that none has come. *Shape*: see `etl.town_dataset.TownDataset`."""
    due = reference.town.due_at(period)
    when = (f"{due:%H:%M %d/%m/%Y}",) * 2 if due else ("chưa quy định cho kỳ này", "not set for this period")
    owed = coverage[coverage["expected"] & (coverage["status"] == "missing")]
    for code, name in zip(owed["unit_code"], owed["unit_name"], strict=True):
        words = {"found": (name, name), "expected": when}
        yield compose_finding("L.missing", words=words, unit=code, period=period.key, found=name)
