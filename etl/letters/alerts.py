"""Compose an alert: what the operator is told when a task fails for a reason of ours."""

import hashlib
import re
from enum import StrEnum
from typing import Any

from etl.letters.rendering import render_letter, subject_line
from etl.mail import MailKind, Message
from etl.model import Language
from etl.phrases import clean
from etl.reference import Reference

_CLASS = re.compile(r"\s*(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w{0,79})\b")
_PERIOD = re.compile(r"\d{4}-(?:\d{2}-\d{2}|\d{2}|Q\d|H\d)")
_PASSWORD = re.compile(r"(?<=://)[^/\s@]*@")


class Cause(StrEnum):
    """Whose move it is; each has its own words in the templates."""

    SETTINGS = "settings"
    DATABASE = "database"
    DISK = "disk"
    TIME = "time"
    PROGRAM = "program"


_CAUSES = {
    "ConfigError": Cause.SETTINGS,
    "OperationalError": Cause.DATABASE,
    "InterfaceError": Cause.DATABASE,
    "ConnectionError": Cause.DATABASE,
    "ConnectionRefusedError": Cause.DATABASE,
    "OSError": Cause.DISK,
    "PermissionError": Cause.DISK,
    "FileNotFoundError": Cause.DISK,
    "AirflowTaskTimeout": Cause.TIME,
    "TimeoutError": Cause.TIME,
}


def compose_alert(
    reference: Reference, *, dag_id: str, task_id: str, run_id: str, error: str, period: str | None = None
) -> Message:
    """Tell the operator which task failed and what to do; once a day for the same task, period and kind of error.

    `error` is the exception as `repr` writes it. Only its class is told, for its text may hold cells of a report or a
    password; a ConfigError alone is quoted, without passwords: it speaks of settings.
    """
    name = _class_name(error)
    cause = _CAUSES.get(name, Cause.PROGRAM)
    facts: dict[str, Any] = {
        "dag_id": clean(dag_id, 80),
        "task_id": clean(task_id, 80),
        "run_id": clean(run_id, 160),
        "period": clean(period or "", 40),
        "error": name,
        "cause": cause,
        "details": _setting_problems(error) if cause is Cause.SETTINGS else [],
    }
    text, html = render_letter("alert", reference.town.language, dict.fromkeys(Language, facts))
    failed = "Lỗi hệ thống" if reference.town.language == Language.VI else "System fault"
    return Message(
        kind=MailKind.ALERT,
        topic=f"{facts['dag_id']}/{facts['task_id']}/{period or _occasion(run_id)}",
        state=name,
        recipients=reference.town.operator_recipients,
        subject=subject_line(f"[{failed}] {facts['dag_id']}.{facts['task_id']}", facts["period"], name),
        text=text,
        html=html,
    )


def _class_name(error: str) -> str:
    match = _CLASS.match(error)
    return match[1] if match else "Error"


def _occasion(run_id: str) -> str:
    """Give the day or period that a run's id names: a task that fails every quarter of an hour mails once a day."""
    match = _PERIOD.search(run_id)
    return match[0] if match else hashlib.sha256(run_id.encode("utf-8", "replace")).hexdigest()[:16]


def _setting_problems(error: str) -> list[str]:
    """Give the problems that a ConfigError lists, without user names and passwords."""
    inside = error.partition("(")[2].rpartition(")")[0].strip("'\"")
    problems = [clean(_PASSWORD.sub("***@", part), 300) for part in re.split(r"\\n|\n|['\"], ['\"]", inside)]
    return [problem for problem in problems if problem][:20]
