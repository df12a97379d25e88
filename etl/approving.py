"""Put a report that waits to the operator, in Airflow, and record the answer."""

import logging
from collections.abc import Mapping
from typing import Any

from etl.phrases import clean
from etl.rulings import find_waiting, rule_on
from etl.settings import Settings

log = logging.getLogger(__name__)

_QUESTION = ("subject", "body", "submission", "unit", "period")
NO_REASON = "không nêu lý do / no reason given"


def find_question(settings: Settings, key: str) -> dict[str, str]:
    """Find the question about a report. *Missing*: {} where it does not wait.

    *Shape*: subject, body (Markdown; holds what the ward wrote); submission, unit, period (these do not): what the
    answer is about.
    """
    asked = [report for report in find_waiting(settings) if report["key"] == key]
    return {name: asked[0][name] for name in _QUESTION} if asked else {}


def record_answer(
    settings: Settings, asked: Mapping[str, str], answer: Mapping[str, Any], *, rulings: Mapping[str, bool | None]
) -> dict[str, str]:
    """Record the answer about a report, unless it has been ruled on meanwhile or does not wait any more.

    `asked`: submission, unit, period of the question that was put. `answer`: as Airflow gives it.
    `rulings`: option → whether the report counts.
    *Missing*: an answer that is no ruling (later, or nobody answered in time) leaves the report waiting.
    """
    (option,) = answer["chosen_options"]
    is_counted, user = rulings[option], answer.get("responded_by_user")
    if is_counted is None or not user:
        log.info("approve: no ruling on %s, it keeps waiting", asked["submission"][:12])
        return {"outcome": "waits"}
    reason = clean(str((answer.get("params_input") or {}).get("reason") or ""), 600)
    about = asked["submission"], asked["unit"], asked["period"]
    ruled = rule_on(settings, *about, is_counted=is_counted, author=user["name"], reason=reason or NO_REASON)
    log.info("approve: %s %s: %s", asked["submission"][:12], asked["period"], ruled["outcome"])
    return ruled
