"""Close a period: check its reports again under today's rules, say who is missing, have its figures built."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task
from task_rules import DEFAULT_ARGS, PERIODS_POOL, TIME_ZONE, run
from ward_reports import PERIOD, PERIOD_PARAM, mark
from ward_reports_timetables import ClosePeriodTimetable


@dag(
    # The month of April ends on 14 April and is due on the 17th (reference/son-tay/town.yaml): closed on the 18th.
    # A town with calendar months closes April on the 18th of May: add run_offset=-1.
    # No time to run at once: Airflow's default lets a DAG that is new within three days of the 18th run for that 18th.
    schedule=ClosePeriodTimetable("0 6 18 * *", timezone=TIME_ZONE, key_format="%Y-%m", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=2,
    params=PERIOD_PARAM,
    default_args={**DEFAULT_ARGS, "pool": PERIODS_POOL},
    tags=["ward reports"],
)
def close_period() -> None:
    """
    ### Close a period

    Owner: the town's operator. On the 18th of a month, the morning after its reports were due. The partition key is
    the period, `2022-04`. Checks the archive of that period again under today's rules, states which wards are
    missing, and marks the period, which starts `town_dataset`.

    **Backfill** (also after a rule or the reference folder has changed):
    `airflow backfill create --dag-id close_period --from-date 2022-01-01 --to-date 2022-04-30`,
    with `--reprocess-behavior completed` to do closed periods again. Doing it twice changes nothing and mails nobody.

    **When it is red**
    - `close`: the warehouse or the archive was away, or a rule of ours broke; the log says on which submission.
      Nothing was changed: what was published stays. Clear the task when the cause is gone.
    - `mark`: Airflow could not note the mark; clear the task.
    - A missing ward is not red: it is in the digest and on the page of the period.
    """

    @task
    def close(period: str) -> dict[str, Any]:
        """Check the period's reports again and state who is missing."""
        from etl.pipeline import close_period as close_one_period

        return run(close_one_period, period)

    close(PERIOD) >> mark(PERIOD)


close_period()
