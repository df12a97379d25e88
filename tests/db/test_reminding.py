"""Reminders with a real PostgreSQL: who owes a report is read from what is in, and each stage is told once."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from etl import pipeline
from etl.reminding import remind
from etl.rulings import find_waiting
from etl.settings import CHECKOUT, Settings
from tests.db.towns import make_settings, send_samples, take_in

DUE_DAY = datetime(2022, 4, 17, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
UNITS = 16  # fifteen wards and the town's own desk


IN_USE = {"in_use_since: 2026-01-01": "in_use_since: 2022-04-01"}


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    return make_settings(engine, tmp_path, IN_USE)


def on_day(settings: Settings, days: int) -> dict[str, int]:
    """Remind on the morning so many days from the day the report of April is due."""
    return remind(settings, DUE_DAY + timedelta(days=days))


def read_reminders(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT * FROM mail WHERE kind = 'reminder' ORDER BY mail_no")).mappings()
        return [dict(row) for row in rows]


def read_files(engine: Engine, mail: dict[str, Any]) -> list[str]:
    """Read the names of the files that go with a mail; each is a workbook."""
    asked = text("SELECT name, content FROM mail_attachment WHERE mail_no = :mail_no ORDER BY ordinal")
    with engine.connect() as conn:
        files = conn.execute(asked, {"mail_no": mail["mail_no"]}).all()
    assert all(bytes(file.content).startswith(b"PK") for file in files)
    return [file.name for file in files]


def read_reminders_of(engine: Engine, code: str) -> list[dict[str, Any]]:
    return [mail for mail in read_reminders(engine) if mail["topic"].startswith(f"reminder:{code}:")]


def test_those_who_owe_a_report_are_reminded_once_at_each_stage(settings: Settings, engine: Engine) -> None:
    reminded = {days: on_day(settings, days)["reminded"] for days in (-3, -2, -1, 0, 1, 2, 3, 4, 5, 11, 12, 300)}
    assert reminded == dict.fromkeys(reminded, 0) | dict.fromkeys((-2, 0, 1, 4), UNITS)
    mails = read_reminders_of(engine, "09574")
    assert [mail["state"] for mail in mails] == ["-2", "0", "1", "4"]
    assert {tuple(mail["recipients"]) for mail in mails} == {("09574@phuong.sontay.example",)}
    assert [read_files(engine, mail) for mail in mails] == [["09574 Lê Lợi 2022-04.xlsx"], [], [], []]
    assert [mail["copies"] for mail in mails] == [[], [], ["vanhanh@sontay.example"], ["vanhanh@sontay.example"]]


def test_twice_is_once(settings: Settings, engine: Engine) -> None:
    first = on_day(settings, 0)
    assert first == {"periods": 1, "owed": UNITS, "reminded": UNITS, "without_address": 0}
    assert on_day(settings, 0) == first | {"reminded": 0}
    assert len(read_reminders(engine)) == UNITS


def test_after_missed_mornings_one_stage_is_told_and_none_that_is_older(settings: Settings, engine: Engine) -> None:
    on_day(settings, 3)
    on_day(settings, 0)  # a clock that was wrong
    assert [mail["state"] for mail in read_reminders_of(engine, "09574")] == ["1"]


def test_whoever_has_sent_is_not_reminded_and_it_stops_with_the_report(settings: Settings, engine: Engine) -> None:
    send_samples(settings, "2022-04/1-first/09577")
    assert on_day(settings, 0)["reminded"] == UNITS - 1
    assert read_reminders_of(engine, "09577") == []
    send_samples(settings, "2022-04/1-first/09580")
    assert on_day(settings, 1) == {"periods": 1, "owed": UNITS - 2, "reminded": UNITS - 2, "without_address": 0}
    assert [mail["state"] for mail in read_reminders_of(engine, "09580")] == ["0"]


def test_a_refused_report_is_told_as_one_and_reminding_stops_with_its_correction(
    settings: Settings, engine: Engine
) -> None:
    send_samples(settings, "2022-04/1-first/09574")
    on_day(settings, 1)
    (mail,) = read_reminders_of(engine, "09574")
    assert "còn phải sửa: 2 lỗi" in mail["body_text"] and "to be corrected: 2 errors." in mail["body_text"]
    send_samples(settings, "2022-04/2-later/09574")
    on_day(settings, 4)
    assert len(read_reminders_of(engine, "09574")) == 1


def test_an_unreadable_file_is_told_as_one_where_it_may_be_the_report(settings: Settings, engine: Engine) -> None:
    for folder, name in (("09577", "bao cao.xlsx"), ("09580", "BC T3.2022.xlsx"), ("Trung Hung", "T4.2022.xls")):
        (path := Path(settings.inbox) / folder / name).parent.mkdir(parents=True)
        path.write_bytes(f"no workbook of {folder}".encode())
    take_in(settings)
    on_day(settings, 0)
    said = {mail["topic"].split(":")[1] for mail in read_reminders(engine) if "không đọc được" in mail["body_text"]}
    with engine.connect() as conn:
        trung_hung = conn.execute(text("SELECT code FROM unit WHERE name = 'Trung Hưng'")).scalar_one()
    assert said == {"09577", trung_hung}


def test_whose_file_waits_to_be_read_is_not_reminded_yet(settings: Settings, engine: Engine) -> None:
    shutil.copytree(CHECKOUT / "samples" / "2022-04" / "1-first" / "09577", Path(settings.inbox) / "09577")
    batches = pipeline.receive_inbox(settings)
    on_day(settings, 0)
    assert read_reminders_of(engine, "09577") == []
    assert batches


def test_units_without_an_address_are_told_to_the_operator(engine: Engine, tmp_path: Path) -> None:
    without = {f'"{code}": ["{code}@phuong.sontay.example"]': f'"{code}": []' for code in ("09574", "09577")}
    settings = make_settings(engine, tmp_path, IN_USE | without)
    counts = {"periods": 1, "owed": UNITS, "reminded": UNITS - 2, "without_address": 2}
    assert on_day(settings, -2) == counts
    assert on_day(settings, -2) == counts | {"reminded": 0, "without_address": 0}
    (mail,) = [mail for mail in read_reminders(engine) if mail["topic"] == "reminder:without-address:2022-04"]
    assert mail["recipients"] == ["vanhanh@sontay.example"]
    assert "phường Lê Lợi (09574)" in mail["body_text"] and "(09577)" in mail["body_text"]


def test_nobody_is_reminded_of_history_or_against_the_towns_will(engine: Engine, tmp_path: Path) -> None:
    late = make_settings(engine, tmp_path / "late", {"in_use_since: 2026-01-01": "in_use_since: 2022-04-18"})
    never = make_settings(engine, tmp_path / "never", IN_USE | {"days_from_due: [-2, 0, 1, 4]": "days_from_due: []"})
    for settings in (late, never):
        for days in (-2, 0, 1, 4):
            assert on_day(settings, days) == {"periods": 0, "owed": 0, "reminded": 0, "without_address": 0}
    assert read_reminders(engine) == []


def test_the_clock_of_today_is_taken_where_none_is_given(settings: Settings) -> None:
    assert set(remind(settings)) == {"periods", "owed", "reminded", "without_address"}


def test_whose_changed_report_waits_for_the_operator_is_not_reminded(settings: Settings, engine: Engine) -> None:
    send_samples(settings, "2022-04/1-first/09577")
    (folder := Path(settings.inbox) / "09577").mkdir(exist_ok=True)
    head = "unit,period,received_in_period,carried_over,received_total,resolved_total,pending_total"
    (folder / "sua.csv").write_text(f"{head}\n09577,2022-04,900,0,900,900,0\n", "utf-8")
    take_in(settings)
    assert [report["unit"] for report in find_waiting(settings)] == ["09577"]
    on_day(settings, 4)
    assert read_reminders_of(engine, "09577") == []
