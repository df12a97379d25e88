"""Build, check and publish the town's figures of one period, whenever its ward reports were marked."""

from __future__ import annotations

from typing import Any

from airflow.sdk import PartitionedAssetTimetable, dag, task
from task_rules import DEFAULT_ARGS, PERIODS_POOL, run
from ward_reports import PERIOD, PERIOD_PARAM, WARD_REPORTS, send_mails


@dag(
    schedule=PartitionedAssetTimetable(assets=WARD_REPORTS),
    catchup=False,
    max_active_runs=2,
    params=PERIOD_PARAM,
    default_args={**DEFAULT_ARGS, "pool": PERIODS_POOL},
    tags=["ward reports"],
)
def town_dataset() -> None:
    """
    ### Publish the town's figures of a period

    Owner: the town's operator. Runs for each period that `intake` or `close_period` has marked; the partition key is
    the period. Builds the figures from the accepted reports, checks that they add up, publishes the files and sends
    the town its digest, once for each change.

    **When it is red**
    - `publish`: the figures did not add up (a fault of ours: the log says which figure), or the folder of published
      files cannot be written. The files published before stay as they were. Clear the task when the cause is gone.
    - `send_mails`: the outbox could not be read. The mails wait there and go out with the next run of `intake`.
    - A ward that is missing or refused is not red: the dataset names it.
    """

    @task
    def publish(period: str) -> dict[str, Any]:
        """Build, check and publish the period."""
        from etl.pipeline import publish_period

        return run(publish_period, period)

    publish(PERIOD) >> send_mails()


town_dataset()
