"""Remind the wards that owe a report, each morning."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task
from task_rules import DEFAULT_ARGS, TIME_ZONE, run
from ward_reports import send_mails


@dag(
    # A stop over 08:00 is made up for the same day. No time to run at once: Airflow's default (False means a tenth of
    # the interval) lets a DAG that is new before half past ten remind everybody of what was sent before it came.
    schedule=CronTriggerTimetable("0 8 * * *", timezone=TIME_ZONE, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["ward reports"],
)
def remind() -> None:
    """
    ### Remind the wards that owe a report

    Owner: the town's operator. Every morning at 08:00. On the days that `reminders` in town.yaml names (two days before
    a report is due, on the day, one and four days after) each ward whose report is not accepted gets one mail: what it
    owes, until when, how to send it, and what is wrong with the file it sent, if it sent one. After the due moment the
    operator is in copy. It stops by itself when the report is accepted. Wards without an address are told to the
    operator in one mail.

    A morning that was missed is made up for: the next run tells the latest stage that has come, and only that one.
    Running it twice mails nobody twice. Pausing it stops all reminders.

    **When it is red**
    - `queue_reminders`: the warehouse was away, or town.yaml is wrong. No reminder was lost: clear the task when the
      cause is gone, or wait for tomorrow.
    - `send_mails`: the outbox could not be read. The mails wait there and go out with the next run of `intake`.
    - A ward that does not answer is not red: it is in the mails you get in copy, and in `ward-reports status`.
    """

    @task
    def queue_reminders() -> dict[str, int]:
        """Queue what each ward is to be told this morning."""
        from etl.reminding import remind as remind_wards

        return run(remind_wards)

    queue_reminders() >> send_mails()


remind()
