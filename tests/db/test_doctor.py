"""The doctor: an installation is broken in each way, and the line of that part says so; the others go on."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from etl import pipeline
from etl.commandline.operating import app
from etl.errors import ConfigError
from etl.health import doctor
from etl.health.checks import CHECKS
from etl.health.doctor import Line, exit_code, look_at, render
from etl.health.found import Case, State
from etl.keeping.backup import MADE, back_up
from etl.keeping.restore import put_published
from etl.model import Language
from etl.receive import LAST_ROUND
from etl.settings import Settings
from local.layout import find_free_port
from local.mail_server import mail_server
from local.mailbox_server import mailbox_server
from tests.db.made import Maker, whole
from tests.db.towns import make_settings, send_samples

Environ = dict[str, str]
HEALTHY = {part: {"status": "healthy"} for part in ("metadatabase", "scheduler", "dag_processor", "triggerer")}


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    settings = make_settings(engine, tmp_path, {})
    Path(settings.inbox).mkdir()
    return settings


@pytest.fixture
def environ(settings: Settings) -> Environ:
    return {
        "WARD_REPORTS_HOME": str(settings.home),
        "WARD_REPORTS_DATABASE_URL": settings.database_url,
        "WARD_REPORTS_REFERENCE": str(settings.reference),
        "WARD_REPORTS_SETTLE_SECONDS": "0",
    }


def see(environ: Environ, *, is_deep: bool = False) -> dict[str, Line]:
    return {line.check: line for line in look_at(environ, is_deep=is_deep)}


def find_ill(lines: dict[str, Line]) -> dict[str, str]:
    return {name: str(line.found.state) for name, line in lines.items() if not line.is_well}


def age(path: Path, hours: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    then = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(path, (then, then))


@contextmanager
def pages(answer: object, seconds: float = 0) -> Iterator[str]:
    """Answer like Airflow's page of health."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(seconds)
            assert self.path == "/api/v2/monitor/health"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_installation_where_all_is_well(settings: Settings, environ: Environ, tmp_path: Path) -> None:
    send_samples(settings, "2022-04/1-first/09577")
    pipeline.publish_period(settings, "2022-04")
    back_up(settings, tmp_path / "backups", lambda line: None)
    port = find_free_port()
    (tmp_path / "mails").mkdir()
    with mail_server(tmp_path / "mails", port), pages(HEALTHY) as address:
        environ |= {"WARD_REPORTS_SMTP_URL": f"smtp://127.0.0.1:{port}", "WARD_REPORTS_PAGES_URL": address}
        lines = see(environ)
    ill = find_ill(lines)
    assert ill.pop("rights") == "look"  # the tests' role is the superuser
    assert ill == {} and exit_code(list(lines.values())) == 1
    assert list(lines) == ["settings", "reference", *(check.name for check in CHECKS)]
    assert not list((tmp_path / "mails").iterdir())
    assert lines["archive-files"].found.figures["archive_looked_at"] == 1
    assert lines["mails"].found.figures["mails_waiting"] == 2  # a receipt and a digest, some seconds old


def test_what_is_behind_is_said(settings: Settings, environ: Environ, engine: Engine, maker: Maker) -> None:
    send_samples(settings, "2022-04/1-first/09577")
    age(settings.archive / LAST_ROUND, 30)
    age(settings.archive / MADE, 24 * 9)
    maker.load(engine, "x", maker.report("09574", "2022-04", [whole(10, 9)]))
    with engine.begin() as conn:
        driver = conn.connection.driver_connection
        driver.execute("""
            ALTER TABLE standing DISABLE TRIGGER USER; ALTER TABLE submission DISABLE TRIGGER USER;
            UPDATE standing SET stands_at = stands_at - interval '2 hours';
            INSERT INTO submission (sha256, name, size_bytes, received_at, archived_as, recorded_at)
                VALUES (repeat('a', 64), 'a', 1, now(), 'x', now() - interval '5 hours');
            INSERT INTO standing (unit_no, period_key, submission, stand, cause, stands_at)
                SELECT unit_no, period_key, submission, 'waits', 'undated', stands_at FROM standing LIMIT 1;
            INSERT INTO rejudgement (submission, cause, asked_at)
                VALUES (repeat('a', 64), 'decision', now() - interval '3 hours');
            INSERT INTO mail (state_key, kind, recipients, subject, body_text, refused_at, last_error)
                VALUES ('r', 'receipt', '{}', '', '', now(), 'nobody to send it to');
            UPDATE mail SET queued_at = now() - interval '3 days', last_error = 'away' WHERE refused_at IS NULL;
            INSERT INTO mailbox_state (mailbox, is_away, found_at)
                VALUES ('town@host/INBOX', true, now() - interval '4 hours');
        """)
    lines = see(environ)
    ill = find_ill(lines)
    behind = {"intake": "broken", "unread": "look", "judge-again": "look", "stale": "look", "questions": "look"}
    behind |= {"mails": "look", "refused-mails": "look", "mailbox": "broken", "backup": "look"}
    assert behind.items() <= ill.items()
    assert "2022-04" in lines["stale"].found.en and "3 days" in lines["mails"].found.en
    assert "away" in lines["mails"].found.en and "town@host/INBOX" in lines["mailbox"].found.en
    assert ill["archive-files"] == "broken"  # neither x nor aaaa has bytes


def test_a_file_that_stays_in_the_inbox_is_told_by_how_long_it_lies_there(settings: Settings, environ: Environ) -> None:
    old = Path(settings.inbox) / "09574" / "a.xlsx"
    age(old, 24 * 900)  # its own date is that of where it came from
    found = see(environ)["waiting-files"].found
    assert found.state is State.WELL and found.figures == {"inbox_files": 1, "inbox_minutes": 0}
    lines = list(look_at_later(environ, hours=2))
    (line,) = [line for line in lines if line.check == "waiting-files"]
    assert line.found.state is State.LOOK and line.found.figures["inbox_minutes"] in (119, 120)


def look_at_later(environ: Environ, *, hours: float) -> Iterator[Line]:
    """Look at an installation as if it were later."""
    settings = Settings.from_env(environ)
    case = Case(settings, None, None, datetime.now(UTC) + timedelta(hours=hours))
    (check,) = [check for check in CHECKS if check.name == "waiting-files"]
    yield Line(check.name, check.label_vi, check.find(case), check.do_vi, check.do_en)


def test_a_held_publication_is_no_stale_period(settings: Settings, environ: Environ, engine: Engine) -> None:
    send_samples(settings, "2022-04/1-first/09577")
    with engine.begin() as conn:
        held = "INSERT INTO mail (topic, state, state_key, kind, recipients, subject, body_text)"
        conn.execute(text(f"{held} VALUES ('alert:held:2022-04', 'after 0\\:x', 'h', 'alert', '{{}}', '', '')"))
    lines = see(environ)
    assert lines["held"].found.en == "held back: 2022-04" and lines["held"].found.figures == {"periods_held": 1}
    assert lines["stale"].found.figures["periods_stale"] == 0
    pipeline.publish_period(settings, "2022-04")
    assert see(environ)["held"].is_well


def test_lost_and_damaged_files_are_found_and_mended(settings: Settings, environ: Environ, tmp_path: Path) -> None:
    send_samples(settings, "2022-04/1-first/09577", "2022-04/1-first/09574")
    pipeline.publish_period(settings, "2022-04")
    folder = back_up(settings, tmp_path / "backups", lambda line: None).parent
    first, second = sorted(path for path in settings.archive.rglob("*") if len(path.name) == 64)
    first.unlink()
    second.chmod(0o644)
    second.write_bytes(b"other")
    shutil.rmtree(settings.published / "2022-04" / "no1")
    lines = see(environ, is_deep=True)
    assert lines["archive-files"].found.figures["archive_damaged"] == 2
    assert first.name[:12] + " (missing)" in lines["archive-files"].found.en
    assert second.name[:12] + " (other bytes)" in lines["archive-files"].found.en
    assert lines["published-files"].found.figures["published_differing"] > 5
    for path in (first, second):
        shutil.copyfile(folder / "archive" / path.name[:2] / path.name, path)
    assert put_published(settings) == lines["published-files"].found.figures["published_differing"]
    lines = see(environ, is_deep=True)
    assert lines["archive-files"].is_well and lines["published-files"].is_well


def test_without_the_database_the_rest_is_looked_at(environ: Environ) -> None:
    environ["WARD_REPORTS_DATABASE_URL"] = "postgresql://loader:geheim@127.0.0.1:1/warehouse"
    lines = see(environ)
    assert lines["database"].found.state is State.BROKEN and "refused" in lines["database"].found.en
    assert lines["stale"].found.en.startswith("not known")
    assert lines["inbox"].is_well and lines["space"].is_well and lines["reference"].is_well
    assert not any("geheim" in str(line.as_dict()) for line in lines.values())


def test_a_warehouse_that_lacks_a_migration(environ: Environ, empty: Engine) -> None:
    environ["WARD_REPORTS_DATABASE_URL"] = empty.url.render_as_string(hide_password=False)
    lines = see(environ)
    assert lines["schema"].found.state is State.BROKEN and lines["schema"].found.figures["migrations_pending"] > 15
    assert lines["database"].is_well and lines["stale"].found.state is State.LOOK


def test_a_role_that_may_not_write(environ: Environ, engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text("CREATE ROLE looker LOGIN IN ROLE reader"))
    try:
        environ["WARD_REPORTS_DATABASE_URL"] = engine.url.set(username="looker").render_as_string(hide_password=False)
        lines = see(environ)
    finally:
        with engine.begin() as conn:
            conn.execute(text("DROP ROLE looker"))
    assert lines["rights"].found.state is State.BROKEN and "report_row" in lines["rights"].found.en


def test_servers_that_are_away_or_refuse(environ: Environ) -> None:
    closed = find_free_port()
    with mailbox_server() as server, pages(HEALTHY | {"scheduler": {"status": "unhealthy"}}) as address:
        wrong = f"imap://reports%40sontay.example:falsch@127.0.0.1:{server.port}/INBOX"
        environ |= {"WARD_REPORTS_SMTP_URL": f"smtp://127.0.0.1:{closed}", "WARD_REPORTS_IMAP_URL": wrong}
        environ |= {"WARD_REPORTS_PAGES_URL": address}
        lines = see(environ)
        environ["WARD_REPORTS_IMAP_URL"] = server.url()
        assert see(environ)["imap"].is_well
    assert lines["smtp"].found.en == f"127.0.0.1:{closed}: Connection refused"
    assert "refuses the login" in lines["imap"].found.en and "falsch" not in lines["imap"].found.en
    assert lines["airflow"].found.en == "not running: scheduler"


def test_what_never_answers_is_left_after_some_seconds(environ: Environ, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SECONDS", 1.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        port = silent.getsockname()[1]
        environ |= {"WARD_REPORTS_SMTP_URL": f"smtp://127.0.0.1:{port}"}
        lines = see(environ)
    assert lines["smtp"].found.en == "no answer within 1.5 s"
    assert lines["inbox"].is_well and lines["database"].is_well


def remove_inbox(settings: Settings) -> None:
    shutil.rmtree(settings.inbox)


def put_a_file_for_the_archive(settings: Settings) -> None:
    settings.archive.write_bytes(b"")


def spoil_town(settings: Settings) -> None:
    (settings.reference / "town.yaml").write_text("name: [")


@pytest.mark.parametrize(
    ("spoil", "check"),
    [(remove_inbox, "inbox"), (put_a_file_for_the_archive, "archive"), (spoil_town, "reference")],
)
def test_folders_that_are_not_there(
    settings: Settings, environ: Environ, spoil: Callable[[Settings], None], check: str
) -> None:
    spoil(settings)
    lines = see(environ)
    assert lines[check].found.state is State.BROKEN
    assert lines["database"].is_well


def test_a_monitor_gets_the_figures(environ: Environ, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as monitor:
        monitor.bind(("127.0.0.1", 0))
        monitor.settimeout(5)
        said = CliRunner().invoke(app, ["doctor", "--statsd", f"127.0.0.1:{monitor.getsockname()[1]}"])
        gauges = dict(monitor.recv(500).decode().split(":") for _ in range(2 + len(CHECKS)))
    assert said.exit_code == 1
    assert gauges["ward_reports.check.database"] == "0|g" and gauges["ward_reports.migrations_pending"] == "0|g"
    assert all(value.endswith("|g") for value in gauges.values())
    assert isinstance(CliRunner().invoke(app, ["doctor", "--statsd", "nowhere"]).exception, ConfigError)


def test_wrong_settings_are_all_named(environ: Environ) -> None:
    environ |= {"WARD_REPORTS_SMTP_URL": "http://x", "WARD_REPORTS_MAX_ROWS": "many"}
    (line,) = look_at(environ)
    assert line.found.state is State.BROKEN and "SMTP_URL" in line.found.en and "MAX_ROWS" in line.found.en


def test_the_command_prints_both_ways(environ: Environ, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    said = CliRunner().invoke(app, ["doctor", "--json"])
    rows = [json.loads(line) for line in said.output.splitlines()]
    assert [row for row in rows if row["state"] == "broken"] == []
    assert said.exit_code == 1 and [row["check"] for row in rows][:3] == ["settings", "reference", "database"]
    assert {row["state"] for row in rows} == {"well", "look"}
    assert next(row for row in rows if row["check"] == "backup")["do"].startswith("run `ward-reports backup")
    said = CliRunner().invoke(app, ["doctor"])
    assert "! backup (sao lưu): chưa có bản sao lưu nào" in said.output
    (ill,) = [line for line in look_at(environ) if line.check == "backup"]
    assert render(ill, Language.EN).startswith("! backup: no backup was ever made\n    → run")
