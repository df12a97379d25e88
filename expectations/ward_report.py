"""The suites a ward's report must pass, built from the form and from the town's severities.

Three tables are validated: the rows of figures (balances, totals; then continuity), the facts that reading, the
calendar and the period before established (structure, values, lateness, vanished fields), and the flows beside the
unit's own past.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from great_expectations import ExpectationSuite

from etl.errors import ConfigError
from etl.forms import Form
from etl.model import Severity
from etl.rules import RULES, TOWN_RULES, Rule, rule_of
from expectations.custom import (
    ExpectBalanceToHold,
    ExpectFlowsToStayWithinHistory,
    ExpectNoSuchFact,
    ExpectOpeningStockToContinue,
    ExpectTotalRowToBeTheSum,
    RuleExpectation,
)

GX_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "warning"}
COMPUTED = ("B.balance", "C.roll-forward", "T.total-row", "H.ratio")  # judged on rows; every other rule is a fact
TOWN_ONLY = ("C.group", "L.missing", *TOWN_RULES)  # judged on the town dataset and on the period, not on a report


def rules_of(form: Form) -> tuple[Rule, ...]:
    """List every rule that a report of this form is judged by, one per balance among them."""
    balances = [rule_of(f"B.{balance.name}") for balance in form.balances]
    return (*balances, *(rule for name, rule in RULES.items() if name not in ("B.balance", *TOWN_ONLY)))


def severity_of(rule: Rule, severities: Mapping[str, Severity]) -> Severity:
    """Give a rule's severity: the town's for the rule, else for its whole code, else the default."""
    return severities.get(rule.name) or severities.get(rule.code) or rule.severity


def build_row_suite(form: Form, severities: Mapping[str, Severity]) -> ExpectationSuite:
    """Build the suite for rows of figures, each by itself and each sheet as a whole."""
    return build_suite("ward_report_rows", _row_expectations(form, severities))


def build_continuity_suite(form: Form, severities: Mapping[str, Severity]) -> ExpectationSuite:
    """Build the suite for rows held against the period before."""
    common = _common(RULES["C.roll-forward"], severities)
    openings = (ExpectOpeningStockToContinue(opening=roll.opening, **common) for roll in form.roll_forwards)
    return build_suite("ward_report_continuity", openings)


def build_history_suite(form: Form, severities: Mapping[str, Severity]) -> ExpectationSuite:
    """Build the suite for flows held against the unit's own past."""
    common = _common(RULES["H.ratio"], severities)
    expectation = ExpectFlowsToStayWithinHistory(measures=list(form.principal_flows), **common)
    return build_suite("ward_report_history", iter([expectation]))


def build_fact_suite(form: Form, severities: Mapping[str, Severity]) -> ExpectationSuite:
    """Build the suite for established facts."""
    facts = [rule for rule in rules_of(form) if rule.code != "B" and rule.name not in COMPUTED]
    return build_suite("ward_report_facts", (ExpectNoSuchFact(**_common(rule, severities)) for rule in facts))


def check_severities(form: Form, severities: Mapping[str, Severity]) -> None:
    """Refuse severities for rules that do not exist. *Raises*: ConfigError."""
    known = {rule.name for rule in rules_of(form)} | {rule.code for rule in rules_of(form)} | set(TOWN_ONLY)
    if unknown := sorted(set(severities) - known):
        raise ConfigError(f"town.yaml, severities: unknown rules {', '.join(unknown)}; see docs/codes.md")


def build_suite(name: str, expectations: Iterator[RuleExpectation]) -> ExpectationSuite:
    """Build a suite and make sure that it holds every rule it was given: Great Expectations may drop some silently."""
    wanted = list(expectations)
    suite = ExpectationSuite(name, expectations=list(wanted))
    built = [expectation.rule for expectation in suite.expectations if isinstance(expectation, RuleExpectation)]
    if built != [expectation.rule for expectation in wanted]:
        raise ConfigError(f"suite {name}: Great Expectations dropped or merged rules: {built}")
    return suite


def _row_expectations(form: Form, severities: Mapping[str, Severity]) -> Iterator[RuleExpectation]:
    declared = [[balance.name, balance.total, list(balance.parts)] for balance in form.balances]
    for balance in form.balances:
        common = _common(rule_of(f"B.{balance.name}"), severities)
        yield ExpectBalanceToHold(balance=balance.name, balances=declared, **common)
    yield ExpectTotalRowToBeTheSum(measures=list(form.measure_names), **_common(RULES["T.total-row"], severities))


def _common(rule: Rule, severities: Mapping[str, Severity]) -> dict[str, Any]:
    severity = GX_SEVERITIES[severity_of(rule, severities)]
    return {"rule": rule.name, "severity": severity, "meta": {"rule": rule.name}}
