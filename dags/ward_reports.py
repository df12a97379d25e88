"""What joins the DAGs: the asset whose periods are marked when their figures must be built, and tasks they share."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset, Param, task
from task_rules import run

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


@task
def judge_what_changed() -> dict[str, int]:
    """Judge again the reports after a restated period, and those whose waiver has ended."""
    from etl.pipeline import judge_what_changed as judge

    return run(judge)


@task
def find_stale() -> list[str]:
    """Find the periods whose reports have changed since they were last published, whichever run changed them."""
    from etl.pipeline import find_stale_periods

    return run(find_stale_periods)


@task
def send_mails() -> dict[str, int]:
    """Send what waits in the outbox."""
    from etl.pipeline import send_mails as send

    return run(send)
