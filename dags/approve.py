"""Ask the operator about one report that waits for a word, and record the answer."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, PartitionedAtRuntime, dag, task
from questions import ASKED_FOR
from task_rules import DEFAULT_ARGS, run
from ward_reports import find_stale, mark, send_mails

LATER = "Để sau / Later"
RULINGS = {"Duyệt / Approve": True, "Không duyệt / Reject": False, LATER: None}  # whether the report counts

RULED_ON = ("submission", "unit", "period")  # as `find_question` found them: what is shown is what is ruled on
REASON = Param(
    "",
    type=["null", "string"],
    maxLength=600,
    title="Lý do / Reason",
    description="Đơn vị đọc được / The ward reads it",
)


@dag(
    schedule=PartitionedAtRuntime(),  # never by itself: `intake` starts it
    is_paused_upon_creation=False,  # paused, its questions would be put to nobody
    catchup=False,
    max_active_runs=500,  # a question that waits is a run that runs, and holds no slot
    params={"key": Param(type="string", minLength=1)},
    default_args=DEFAULT_ARGS,
    tags=["ward reports"],
)
def approve() -> None:
    """
    ### Ask the operator about a report that waits

    Owner: the town's operator. One run for each report that waits for a word: it changes a period that is closed, or
    nobody can tell whether it is the newer of two. `intake` starts the run; the question is under *Required Actions*
    and says what would change. Until it is answered the figures accepted before count.

    **Approve**: the report counts, the period is published anew. **Reject**: the earlier figures stay. Either way the
    ward gets a mail with your name and your reason. **Later**, or no answer for a week: nothing is decided, and you are
    asked again next week. If it was decided by the command line meanwhile, the answer changes nothing and `record` says
    so.

    A run that stays "running" is a question that waits: that is no fault.

    **When it is red**
    - `find_question`, `ask`: the question could not be put, the log says why. Clear the task.
    - `record`: the warehouse was away (it is tried again for some minutes). Your answer is kept in the run: clear
      `record` alone, not `ask`, and it is recorded.
    - `find_stale`, `mark`: the ruling is recorded; the next run of `intake` marks what this one did not.
    - `send_mails`: the mails wait in the outbox and go out with the next run of `intake`.
    """

    @task.short_circuit(multiple_outputs=True)
    def find_question(key: str) -> dict[str, str]:
        """Find the question to put; where the report does not wait any more there is none, and the run ends."""
        from etl.approving import find_question as find

        return run(find, key)

    ask = HITLOperator(
        task_id="ask",
        subject="{{ ti.xcom_pull('find_question').subject }}",
        body="{{ ti.xcom_pull('find_question').body }}",
        options=list(RULINGS),
        defaults=LATER,
        params={"reason": REASON},
        response_timeout=ASKED_FOR,
    )

    @task
    def record(asked: dict[str, str], answer: dict[str, Any]) -> dict[str, str]:
        """Record the answer, unless the report was ruled on meanwhile."""
        from etl.approving import record_answer

        return run(record_answer, asked, answer, rulings=RULINGS)

    stale, question = find_stale(), find_question("{{ params.key }}")
    question >> ask
    record({name: question[name] for name in RULED_ON}, ask.output) >> [stale, send_mails()]
    mark.expand(period=stale)


approve()
