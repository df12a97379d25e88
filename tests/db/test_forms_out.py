"""Forms handed out: what they open with, one file each, one mail each, the same only once."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from etl import commands, pipeline
from etl.cli import app
from etl.errors import ConfigError
from etl.forms_out import name_template
from etl.model import Submission
from etl.parsing.sender_hints import find_period_hints, find_unit_hints
from etl.reference import Reference
from etl.settings import CHECKOUT, Settings

SAMPLES = CHECKOUT / "samples"


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Give an installation of its own, which knows the reports of April of one ward and of the desk."""
    settings = Settings.from_env({
        "WARD_REPORTS_HOME": str(tmp_path),
        "WARD_REPORTS_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "WARD_REPORTS_SETTLE_SECONDS": "0",
        "WARD_REPORTS_INBOX": str(tmp_path / "inbox"),
    })  # fmt: skip
    for source in (path for unit in ("269", "09586") for path in SAMPLES.glob(f"2022-04/1-first/{unit}/*")):
        target = Path(settings.inbox) / source.parent.name / source.name
        target.parent.mkdir(parents=True)
        shutil.copyfile(source, target)
    for batch in pipeline.receive_inbox(settings):
        pipeline.take_in(settings, batch)
    return settings


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    page = load_workbook(io.BytesIO(content)).active
    assert page is not None
    return list(page.iter_rows(values_only=True))


def mails(engine: Engine) -> list[Any]:
    with engine.connect() as conn:
        return list(conn.execute(text("SELECT * FROM mail WHERE kind = 'template' ORDER BY mail_no")))


def test_a_form_opens_with_what_the_period_before_left(settings: Settings, tmp_path: Path) -> None:
    commands.write_form(settings, "269", "2022-05", tmp_path / "form.xlsx")
    rows = rows_of((tmp_path / "form.xlsx").read_bytes())
    assert sum(row[5] for row in rows if isinstance(row[0], int) and isinstance(row[5], int)) == 100
    commands.write_form(settings, "09577", "2022-05", tmp_path / "other.xlsx")
    assert not [row for row in rows_of((tmp_path / "other.xlsx").read_bytes()) if isinstance(row[5], int)]


def test_the_forms_of_all_are_written_once_and_never_over_others(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "forms"
    lines = list(commands.write_forms(settings, "2022-05", folder))
    files = sorted(path.name for path in folder.iterdir())
    assert len(lines) == len(files) == 16
    assert "09577 Phú Thịnh 2022-05.xlsx" in files
    assert all(line.endswith("written") for line in lines)
    assert all(line.endswith("unchanged") for line in commands.write_forms(settings, "2022-05", folder))
    mine = folder / "09577 Phú Thịnh 2022-05.xlsx"
    mine.write_bytes(b"filled in")
    (folder / "09574 Lê Lợi 2022-05.xlsx").unlink()
    with pytest.raises(ConfigError, match="09577 Phú Thịnh"):
        list(commands.write_forms(settings, "2022-05", folder))
    assert mine.read_bytes() == b"filled in"
    assert len(list(folder.iterdir())) == 15
    assert sum(line.endswith("written") for line in commands.write_forms(settings, "2022-05", folder, is_forced=True))
    assert mine.read_bytes() != b"filled in"


def test_each_unit_is_mailed_its_form_once(settings: Settings, engine: Engine) -> None:
    assert len(list(commands.mail_forms(settings, "2022-05"))) == 16
    queued = mails(engine)
    assert len(queued) == 16
    (desk,) = [mail for mail in queued if mail.recipients == ["motcua@sontay.example"]]
    assert desk.subject == "[Biểu mẫu] Bộ phận một cửa thị xã Sơn Tây – tháng 5/2022"
    assert "Mã biểu" in desk.body_text
    with engine.connect() as conn:
        found = conn.execute(text("SELECT * FROM mail_attachment WHERE mail_no = :no"), {"no": desk.mail_no}).one()
    assert found.name == "269 Bộ phận một cửa thị xã Sơn Tây 2022-05.xlsx"
    assert any("Mã biểu: 269.0.2022-05." in str(row[0]) for row in rows_of(bytes(found.content)))
    assert all(line.endswith("mailed already") for line in commands.mail_forms(settings, "2022-05"))
    (line,) = commands.mail_forms(settings, "2022-06", "269")
    assert line.endswith("to be mailed to motcua@sontay.example")
    assert len(mails(engine)) == 17


def test_a_unit_without_an_address_gets_its_form_by_the_operator(
    settings: Settings, engine: Engine, reference: Reference, tmp_path: Path
) -> None:
    folder = shutil.copytree(reference.folder, tmp_path / "reference")
    town = (folder / "town.yaml").read_text("utf-8").replace('"269": ["motcua@sontay.example"]', "")
    (folder / "town.yaml").write_text(town, "utf-8")
    list(commands.mail_forms(replace(settings, reference=folder), "2022-05", "269"))
    (mail,) = mails(engine)
    assert mail.recipients == ["vanhanh@sontay.example"]
    assert "chuyển tiếp" in mail.body_text


def test_the_name_of_a_form_agrees_with_what_is_in_it(reference: Reference) -> None:
    calendar = reference.town.calendar
    april = calendar.month(2022, 4)
    spans = [calendar.months((2022, 1), (2022, 4)), calendar.days(april.start, april.end.replace(day=3))]
    for period in (april, calendar.quarter(2022, 1), calendar.year(2022), *spans):
        for unit in reference.expected_units(period):
            name = name_template(unit, period)
            assert period in list(find_period_hints(name, calendar)) or len(period.key) < 8
            submission = Submission("", name, 0, datetime.now(UTC), Path(name))
            hints = find_unit_hints(submission, reference, reference.expected_units(period))
            assert {hint for _, hint in hints} <= {unit}, name


def test_the_command_says_how_it_is_used(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    for arguments in (["2022-05", "-o", "x"], ["09577", "2022-05"], ["--all", "09577", "2022-05", "-o", "x"]):
        assert isinstance(CliRunner().invoke(app, ["template", *arguments]).exception, ConfigError)
    monkeypatch.setenv("WARD_REPORTS_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("WARD_REPORTS_HOME", str(tmp_path))
    target = tmp_path / "form.xlsx"
    told = CliRunner().invoke(app, ["template", "09577", "2022-05", "-o", str(target), "--mail"])
    assert told.exception is None
    assert told.output.splitlines()[1].startswith("1/1 09577 Phú Thịnh 2022-05.xlsx: to be mailed to")
    again = CliRunner().invoke(app, ["template", "09577", "2022-05", "-o", str(target)])
    assert "--force" in str(again.exception)
    assert CliRunner().invoke(app, ["template", "09577", "2022-05", "-o", str(target), "--force"]).exception is None
