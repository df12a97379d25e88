"""The custom expectations: Great Expectations' own suites, severities and results over our vectorised rules.

Each computes its breaches in one pass through a metric shared by all expectations of its kind, and returns them
whole in `details["breaches"]`: nothing is truncated, nothing is turned into a Python list of rows.
"""

from typing import Any, ClassVar

from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from etl.forms import Balance
from expectations import breaches, history, town_rules
from expectations.town_algebra import Algebra


def _frame(execution_engine: PandasExecutionEngine, domain: dict[str, Any]) -> Any:
    return execution_engine.get_compute_domain(domain, domain_type=MetricDomainTypes.TABLE)[0]


class BalanceBreaches(TableMetricProvider):
    metric_name = "ward_reports.balance_breaches"
    value_keys = ("balances",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine, metric_domain_kwargs, metric_value_kwargs, **_):  # type: ignore[no-untyped-def]  # noqa: N805
        declared = metric_value_kwargs["balances"]
        balances = tuple(Balance(name, total, tuple(parts)) for name, total, parts in declared)
        return breaches.find_balance_breaches(_frame(execution_engine, metric_domain_kwargs), balances)


class RollForwardBreaches(TableMetricProvider):
    metric_name = "ward_reports.roll_forward_breaches"
    value_keys = ("opening",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine, metric_domain_kwargs, metric_value_kwargs, **_):  # type: ignore[no-untyped-def]  # noqa: N805
        frame = _frame(execution_engine, metric_domain_kwargs)
        return breaches.find_roll_forward_breaches(frame, metric_value_kwargs["opening"])


class TotalRowBreaches(TableMetricProvider):
    metric_name = "ward_reports.total_row_breaches"
    value_keys = ("measures",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine, metric_domain_kwargs, metric_value_kwargs, **_):  # type: ignore[no-untyped-def]  # noqa: N805
        frame = _frame(execution_engine, metric_domain_kwargs)
        return breaches.find_total_row_breaches(frame, metric_value_kwargs["measures"])


class TownBreaches(TableMetricProvider):
    metric_name = "ward_reports.town_breaches"
    value_keys = ("judge", "algebra")

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine, metric_domain_kwargs, metric_value_kwargs, **_):  # type: ignore[no-untyped-def]  # noqa: N805
        judge = town_rules.JUDGES[metric_value_kwargs["judge"]]
        algebra = Algebra(**metric_value_kwargs["algebra"])
        return judge(_frame(execution_engine, metric_domain_kwargs), algebra)


class HistoryBreaches(TableMetricProvider):
    metric_name = "ward_reports.history_breaches"
    value_keys = ("measures",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine, metric_domain_kwargs, metric_value_kwargs, **_):  # type: ignore[no-untyped-def]  # noqa: N805
        frame = _frame(execution_engine, metric_domain_kwargs)
        return history.find_history_breaches(frame, metric_value_kwargs["measures"])


class FactPositions(TableMetricProvider):
    metric_name = "ward_reports.fact_positions"
    value_keys = ()

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine, metric_domain_kwargs, **_):  # type: ignore[no-untyped-def]  # noqa: N805
        return breaches.find_facts(_frame(execution_engine, metric_domain_kwargs))


class RuleExpectation(BatchExpectation):
    """Succeed where a rule finds no breach; `rule` is its stable name in `etl.rules`."""

    rule: str

    def _breaches(self, metrics: dict[str, Any]) -> Any:
        raise NotImplementedError

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> Any:
        found = self._breaches(metrics)
        return {"success": len(found) == 0, "result": {"observed_value": len(found), "details": {"breaches": found}}}


class ExpectBalanceToHold(RuleExpectation):
    """Expect every row to satisfy all that a balance demands of the measures it reports."""

    balance: str
    balances: list[Any]
    metric_dependencies: ClassVar[tuple[str, ...]] = (BalanceBreaches.metric_name,)
    success_keys: ClassVar[tuple[str, ...]] = ("balances",)

    def _breaches(self, metrics: dict[str, Any]) -> Any:
        return metrics[BalanceBreaches.metric_name][self.balance]


class ExpectOpeningStockToContinue(RuleExpectation):
    """Expect the opening stock to be the closing stock of the period before, where that is known."""

    opening: str
    metric_dependencies: ClassVar[tuple[str, ...]] = (RollForwardBreaches.metric_name,)
    success_keys: ClassVar[tuple[str, ...]] = ("opening",)

    def _breaches(self, metrics: dict[str, Any]) -> Any:
        return metrics[RollForwardBreaches.metric_name]


class ExpectTotalRowToBeTheSum(RuleExpectation):
    """Expect the sheet's own total rows to be the sums of their field rows."""

    measures: list[str]
    metric_dependencies: ClassVar[tuple[str, ...]] = (TotalRowBreaches.metric_name,)
    success_keys: ClassVar[tuple[str, ...]] = ("measures",)

    def _breaches(self, metrics: dict[str, Any]) -> Any:
        return metrics[TotalRowBreaches.metric_name]


class ExpectFlowsToStayWithinHistory(RuleExpectation):
    """Expect the flows of each line to stay within what the same unit has reported before."""

    measures: list[str]
    metric_dependencies: ClassVar[tuple[str, ...]] = (HistoryBreaches.metric_name,)
    success_keys: ClassVar[tuple[str, ...]] = ("measures",)

    def _breaches(self, metrics: dict[str, Any]) -> Any:
        return metrics[HistoryBreaches.metric_name]


class ExpectNoSuchFact(RuleExpectation):
    """Expect that reading established no fact against this rule: a doubtful cell, a contradicted name, a delay."""

    metric_dependencies: ClassVar[tuple[str, ...]] = (FactPositions.metric_name,)

    def _breaches(self, metrics: dict[str, Any]) -> Any:
        return metrics[FactPositions.metric_name].get(self.rule, [])


class ExpectTownRuleToHold(RuleExpectation):
    """Expect a table of the town's dataset to break a rule nowhere; `judge` names the function in `town_rules`."""

    judge: str
    algebra: dict[str, Any]
    metric_dependencies: ClassVar[tuple[str, ...]] = (TownBreaches.metric_name,)
    success_keys: ClassVar[tuple[str, ...]] = ("judge", "algebra")

    def _breaches(self, metrics: dict[str, Any]) -> Any:
        return metrics[TownBreaches.metric_name]
