"""The suites a town's dataset must pass before it is published, built from the form and the town's severities.

Five tables are validated: the lines, who is in, what the adjustments consist of, the months, and the figures that were
reported for longer periods; `etl.town_tables` lays them out. What only this program can break is critical for every
town. Balances are not judged again: a town may weigh one as a warning, and a break in the chain of stocks between two
months rightly shows in the sums over them.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from great_expectations import ExpectationSuite

from etl.errors import LoadError
from etl.forms import Form
from etl.model import Severity
from etl.rules import OWN_FAULTS, RULES, TOWN_RULES
from expectations.custom import ExpectTownRuleToHold, RuleExpectation
from expectations.town_algebra import algebra_of
from expectations.ward_report import GX_SEVERITIES, build_suite, severity_of


class Table(StrEnum):
    """What is validated, each by a suite of its own."""

    LINES = "lines"
    COVERAGE = "coverage"
    ADJUSTMENTS = "adjustments"
    MONTHS = "months"
    CUMULATIVE = "cumulative"


JUDGED: Mapping[Table, tuple[tuple[str, str], ...]] = MappingProxyType({
    Table.LINES: (
        ("S.town-line", "find_doubled"),
        ("S.town-unit", "find_miscounted"),
        ("T.town", "find_sum_breaches"),
        ("T.whole", "find_undivided"),
        ("C.adjustment", "find_unexplained_stocks"),
        ("T.part", "find_large_parts"),
    ),
    Table.COVERAGE: (("S.town-line", "find_doubled"), ("S.town-unit", "find_dropped_units")),
    Table.ADJUSTMENTS: (("C.adjustment", "find_unequal_adjustments"),),
    Table.MONTHS: (("L.coverage", "find_lower_coverage"), ("H.town", "find_odd_magnitudes")),
    Table.CUMULATIVE: (("T.cumulative", "find_unequal_cumulatives"),),
})  # fmt: skip
"""Table → (rule, the function of `expectations.town_rules` that finds its breaches)."""


def build_town_suite(
    form: Form, severities: Mapping[str, Severity], *, table: Table = Table.LINES, is_range: bool = False
) -> ExpectationSuite:
    """Build the suite for one table. `is_range`: the dataset is of several periods.

    *Raises*: LoadError where a rule of the town is judged nowhere or does not stand in the suite.
    """
    if {rule for judged in JUDGED.values() for rule, _ in judged} != set(TOWN_RULES):
        raise LoadError("a rule of the town's dataset is judged by no suite")
    algebra = algebra_of(form, is_range=is_range).declared()
    wanted = [_expectation(rule, judge, severities, algebra) for rule, judge in JUDGED[table]]
    suite = build_suite(f"town_dataset_{table}", iter(wanted))
    built = [one.rule for one in suite.expectations if isinstance(one, RuleExpectation)]
    if built != [rule for rule, _ in JUDGED[table]]:
        raise LoadError(f"suite {suite.name}: Great Expectations dropped rules: {built}")
    return suite


def _expectation(rule: str, judge: str, severities: Mapping[str, Severity], algebra: dict[str, Any]) -> RuleExpectation:
    severity = Severity.ERROR if rule in OWN_FAULTS else severity_of(RULES[rule], severities)
    common: dict[str, Any] = {"rule": rule, "severity": GX_SEVERITIES[severity], "meta": {"rule": rule}}
    return ExpectTownRuleToHold(judge=judge, algebra=algebra, **common)
