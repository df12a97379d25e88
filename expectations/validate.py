"""Run a suite on a frame: one ephemeral context a process, and no rule that silently did not run."""

from functools import cache
from typing import Any

import pandas as pd
from great_expectations import ExpectationSuite, get_context
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine import pandas_execution_engine

from etl.errors import LoadError
from etl.model import Severity

# Great Expectations would hash each frame for a fingerprint that nobody reads: longer than all our rules take.
pandas_execution_engine.HASH_THRESHOLD = 0


def validate(frame: pd.DataFrame, suite: ExpectationSuite) -> dict[str, tuple[Severity, Any]]:
    """Validate a frame; give the breaches of each broken rule with the severity the suite says.

    *Raises*: LoadError where a rule did not run: that is our fault, never a verdict.
    """
    result = _batch_definition().get_batch({"dataframe": frame}).validate(suite)
    if len(result.results) != len(suite.expectations):
        raise LoadError(f"suite {suite.name}: {len(suite.expectations)} rules were to run, {len(result.results)} did")
    broken: dict[str, tuple[Severity, Any]] = {}
    for outcome in result.results:
        declared: Any = outcome.expectation_config
        rule = declared.meta["rule"]
        if outcome.exception_info.get("raised_exception") or "details" not in outcome.result:
            raise LoadError(f"rule {rule} did not run: {outcome.exception_info}")
        if not outcome.success:
            severity = Severity.ERROR if declared.severity == "critical" else Severity.WARNING
            broken[rule] = (severity, outcome.result["details"]["breaches"])
    return broken


@cache
def _batch_definition() -> BatchDefinition:
    context = get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("reports").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")
