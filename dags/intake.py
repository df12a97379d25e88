"""Take in what the wards have sent, every quarter of an hour."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import dag, task
from questions import ASKING_DAG
from questions import find_unasked as leave_asked
from task_rules import DEFAULT_ARGS, TIME_ZONE, run
from ward_reports import find_stale, judge_what_changed, mark, send_mails
from ward_reports_timetables import IntakeTimetable


@dag(
    schedule=IntakeTimetable("*/15 * * * *", timezone=TIME_ZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["ward reports"],
)
def intake() -> None:
    """
    ### Take in what the wards have sent

    Owner: the town's operator. Every 15 minutes: archives the files in the inbox, reads, checks and loads them,
    sends each ward its receipt, marks the periods whose figures have changed, which starts `town_dataset`, and starts
    a run of `approve` for each report that waits for the operator's word.

    A file that is wrong never makes this red: its ward gets a receipt that says what to correct.

    **When it is red**
    - `receive`: the inbox or the archive cannot be read or written, or the address of the mailbox is wrong (one that is
      away is waited for). Look at the folder, its rights and the free space.
    - `check_and_load`: the warehouse was away (it is tried again for some minutes), or a rule of ours broke on a file.
      The log names the file by its sha256. Other batches go on; this one is taken up again by the next run.
    - `judge_what_changed`: a report that is to be judged again broke the program; the log names its file. All others
      are judged and published.
    - `find_stale`, `mark`: nothing is lost; the next run marks what this one did not.
    - `find_unasked`, `ask_operator`: a report waits for your word and you were not asked: the next run asks. If it
      stays red, look whether the DAG `approve` can be read.
    - `send_mails`: the outbox could not be read. Mails wait there. A mail server that is away is not red: see the
      warning in the log, the mails go out with a later run.
    - `every_batch_loaded` does nothing itself: it makes the run red when a batch failed.
    - *A setting is wrong* is not tried again: correct it, then clear the task.
    """

    @task
    def receive() -> list[list[str]]:
        """Archive what lies in the inbox; give the batches that wait to be taken in."""
        from etl.pipeline import receive_inbox

        return run(receive_inbox)

    @task
    def check_and_load(submissions: list[str]) -> dict[str, int]:
        """Read, check and load one batch."""
        from etl.pipeline import take_in

        return run(take_in, submissions)

    @task(trigger_rule="all_done")
    def find_unasked() -> list[dict[str, Any]]:
        """Find the reports that wait for the operator's word and that nobody is asked about."""
        from etl.rulings import find_waiting

        return leave_asked(run(find_waiting))

    ask_operator = TriggerDagRunOperator.partial(
        task_id="ask_operator", trigger_dag_id=ASKING_DAG, logical_date=None, skip_when_already_exists=True
    )

    # Without this leaf those that follow whatever happens would turn a failed run green.
    every_batch_loaded = EmptyOperator(task_id="every_batch_loaded", trigger_rule="none_failed")

    loaded = check_and_load.expand(submissions=receive())
    judged = judge_what_changed.override(trigger_rule="all_done")()
    stale, unasked = find_stale.override(trigger_rule="all_done")(), find_unasked()
    loaded >> judged >> [stale, unasked, send_mails.override(trigger_rule="all_done")()]
    [loaded, judged] >> every_batch_loaded
    mark.expand(period=stale)  # nothing stale: skipped, and no event without a key
    ask_operator.expand_kwargs(unasked)


intake()
