"""A password in a setting is repeated nowhere: in nothing that a command prints or logs, in no mail of the operator."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from etl import cli, pipeline
from etl.errors import ConfigError
from etl.letters.alerts import compose_alert
from etl.mail import ServerAwayError
from etl.reference import read_reference
from etl.settings import CHECKOUT, Settings

CANARY = "Canary-5ecret"
AWAY = f"//operator:{CANARY}@127.0.0.1:1"
URLS = (
    AWAY,
    f"//operator:{CANARY}@127.0.0.1:port",
    f"//operator:{CANARY}@[::1",
    f"//operator:{CANARY}/more@127.0.0.1:1",
    f"//operator:{CANARY}@127.0.0.1:1/warehouse?nosuch={CANARY}",
    f"//operator:{CANARY}@127.0.0.1:99999",
)
COMMANDS = ("status", "migrate", "run 2022-04", "remind", "publish 2022-04", "submit samples/statement-2022-04.csv")


def compose_environ(home: Path, url: str) -> dict[str, str]:
    return {
        "WARD_REPORTS_HOME": str(home),
        "WARD_REPORTS_DATABASE_URL": f"postgresql:{url}",
        "WARD_REPORTS_SMTP_URL": f"smtp:{url}",
        "WARD_REPORTS_IMAP_URL": f"imap:{url}",
    }


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_says_has_no_password(  # noqa: PLR0917  (fixtures)
    url: str,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name, value in compose_environ(tmp_path, url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(CHECKOUT)
    monkeypatch.setattr(sys, "argv", ["ward-reports", *command.split()])
    with caplog.at_level(logging.DEBUG), pytest.raises(SystemExit) as end:
        cli.main()
    said = "".join(capfd.readouterr()) + caplog.text
    assert end.value.code == 2 and "ward-reports: " in said
    assert CANARY not in said and "Traceback" not in said


@pytest.mark.parametrize("url", URLS[1:4] + URLS[5:])
def test_an_address_that_is_none_is_a_setting_that_is_wrong(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_env(compose_environ(tmp_path, url))
    assert [problem.split()[0] for problem in refused.value.problems] == [
        "WARD_REPORTS_DATABASE_URL", "WARD_REPORTS_SMTP_URL", "WARD_REPORTS_IMAP_URL",
    ]  # fmt: skip
    assert CANARY not in str(refused.value)


def test_the_alert_of_a_task_that_could_not_reach_its_servers_has_no_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings.from_env(compose_environ(tmp_path, AWAY))
    message = compose_alert(
        read_reference(settings.reference),
        dag_id="intake",
        task_id="receive",
        run_id="scheduled__2022-04-15",
        error=repr(ConfigError(f"cannot reach postgresql:{AWAY}", f"nor smtp:{AWAY}")),
    )
    assert CANARY not in message.text + message.html + message.subject
    with caplog.at_level(logging.DEBUG), pytest.raises(ServerAwayError) as refused:
        pipeline.alert_operator(settings, dag_id="intake", task_id="receive", run_id="r", error=repr(OSError("away")))
    assert CANARY not in caplog.text + str(refused.value)
