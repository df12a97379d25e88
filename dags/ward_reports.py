"""The asset that joins the DAGs: the reports of a period, marked when its figures must be built from them."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset, Param, task

WARD_REPORTS = Asset("ward_reports")

# A run that was started without a partition key (by hand, or by `dags test`) takes its period from the form.
PERIOD = "{{ partition_key or params.period or '' }}"
PERIOD_PARAM = {
    "period": Param(
        None,
        type=["null", "string"],
        pattern=r"^\d{4}-\d{2}$",
        description="2022-04. Only for a run without a partition key.",
    )
}


@task(outlets=[WARD_REPORTS])
def mark(period: str, *, outlet_events: Any = None) -> None:
    """Mark one period, so that `town_dataset` builds it."""
    outlet_events[WARD_REPORTS].add_partitions(period)
