"""The two timetables that the DAGs need and Airflow does not bring."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.timezone import utcnow
from airflow.timetables.base import DagRunInfo, TimeRestriction
from airflow.timetables.trigger import CronPartitionTimetable, CronTriggerTimetable
from pendulum import DateTime, instance

TICKS_MADE_UP_FOR = 2


class IntakeTimetable(CronTriggerTimetable):
    """Start a run at each tick, and let its tasks mark any number of periods."""

    partitioned_at_runtime = True


class ClosePeriodTimetable(CronPartitionTimetable):
    """Close one period at each tick, and make up for a tick missed in a stop, but not for years.

    Airflow takes a backfill for the last run of the schedule: after one of 2022 it would at once close the period of
    today, for a town that may not have gone to work with this system yet.
    """

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Go on from the last run, or wait for the next tick if that run is too long ago."""
        if last_dagrun_info is not None and last_dagrun_info.run_after < self._earliest_tick_made_up_for():
            last_dagrun_info = None
        return super().next_dagrun_info_v2(last_dagrun_info=last_dagrun_info, restriction=restriction)

    def _earliest_tick_made_up_for(self) -> DateTime:
        """Find the oldest tick from which the schedule goes on without a pause."""
        tick = self._align_to_prev(instance(utcnow()))
        for _ in range(TICKS_MADE_UP_FOR):
            tick = self._get_prev(tick)
        return tick


class WardReportsTimetables(AirflowPlugin):
    """Make the timetables known to the scheduler."""

    name = "ward_reports_timetables"
    timetables = [IntakeTimetable, ClosePeriodTimetable]  # noqa: RUF012  (so declared by Airflow)
