"""An alert: which task, whose move, no secret and nothing of a report; once a day for the same fault."""

import pytest

from etl.errors import ConfigError
from etl.letters.alerts import compose_alert
from etl.mail import Message
from tests.unit.town_example import REFERENCE

RUN = "scheduled__2022-04-18T06:00:00+00:00"


def alert(error: str, run_id: str = RUN, period: str | None = None) -> Message:
    return compose_alert(
        REFERENCE, dag_id="intake", task_id="check_and_load", run_id=run_id, error=error, period=period
    )


def test_says_what_failed_and_goes_to_the_operator() -> None:
    message = alert("KeyError('x')", period="2022-04")
    assert message.subject == "[Lỗi hệ thống] intake.check_and_load – 2022-04 – KeyError"
    assert message.recipients == REFERENCE.town.operator_recipients
    for body in (message.text, message.html):
        assert "check_and_load" in body and "2022-04-18T06:00" in body and "log" in body


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("OperationalError('(psycopg.OperationalError) connection failed')", "PostgreSQL"),
        ("sqlalchemy.exc.OperationalError('x')", "PostgreSQL"),
        ("PermissionError(13, 'Permission denied')", "chỗ trống"),
        ("AirflowTaskTimeout('Timeout')", "quá thời gian"),
        ("ZeroDivisionError('division by zero')", "nhật ký"),
        (repr(ConfigError("a", "b")), "Sửa các điểm dưới đây"),
        ("", "nhật ký"),
    ],
)
def test_says_what_to_do(error: str, words: str) -> None:
    assert words in alert(error).text


def test_tells_no_secret_and_nothing_of_a_report() -> None:
    failed = alert(
        "IntegrityError(\"(psycopg) Key (unit)=(Nguyễn Văn A, 6975)\\n[SQL: INSERT …]\", 'postgresql://u:pw@h')"
    )
    for secret in ("Nguyễn", "6975", "INSERT", "pw", "postgresql://"):
        assert secret not in failed.text + failed.html + failed.subject + failed.state_key


def test_quotes_the_problems_of_the_settings_without_passwords() -> None:
    problems = ("WARD_REPORTS_DATABASE_URL: postgresql://user:s3cret@db/x is wrong", "town.yaml: 'due' <missing>")
    message = alert(repr(ConfigError(*problems)))
    assert "town.yaml" in message.text and "***@db/x" in message.text
    assert "s3cret" not in message.text + message.html
    assert "&lt;missing&gt;" in message.html


def test_tells_the_same_fault_once_a_day() -> None:
    later = "scheduled__2022-04-18T06:15:00+00:00"
    assert alert("KeyError('x')").state_key == alert("KeyError('y')", later).state_key
    tomorrow = "scheduled__2022-04-19T06:00:00+00:00"
    keys = {alert(e, r, p).state_key for e, r, p in [
        ("KeyError('x')", RUN, None), ("KeyError('x')", tomorrow, None), ("OSError()", RUN, None),
        ("KeyError('x')", RUN, "2022-03"), ("KeyError('x')", "manual", None),
    ]}  # fmt: skip
    assert len(keys) == 5
