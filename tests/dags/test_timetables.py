"""When the DAGs run, and for which period: an exception in a timetable is swallowed by Airflow, so it is tried here."""

from __future__ import annotations

import ast
import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pendulum
import pytest
from airflow.timetables.base import DagRunInfo, TimeRestriction
from airflow.timetables.trigger import CronTriggerTimetable
from task_rules import TIME_ZONE
from ward_reports_timetables import ClosePeriodTimetable, IntakeTimetable

from etl.periods import Calendar, parse_period
from etl.reference import read_reference

CHECKOUT = Path(__file__).resolve().parents[2]
NO_RESTRICTION = TimeRestriction(earliest=None, latest=None, catchup=False)
ZONE = ZoneInfo(TIME_ZONE)


@pytest.fixture
def closing() -> ClosePeriodTimetable:
    """Give the timetable as dags/close_period.py has it."""
    (call,) = find_calls("close_period.py", "ClosePeriodTimetable")
    names = {"ClosePeriodTimetable": ClosePeriodTimetable, "TIME_ZONE": TIME_ZONE, "timedelta": timedelta}
    made = eval(compile(ast.Expression(call), "close_period.py", "eval"), names)
    assert isinstance(made, ClosePeriodTimetable)
    return made


def find_calls(file: str, name: str) -> list[ast.Call]:
    """Find the calls of a name in a DAG file."""
    tree = ast.parse((CHECKOUT / "dags" / file).read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == name]


def find_next(timetable: ClosePeriodTimetable, last_run_after: datetime | None) -> DagRunInfo:
    """Find the run that follows one that was due at a moment."""
    last = last_run_after and DagRunInfo(
        run_after=pendulum.instance(last_run_after), data_interval=None, partition_date=None, partition_key="any"
    )
    found = timetable.next_dagrun_info_v2(last_dagrun_info=last or None, restriction=NO_RESTRICTION)
    assert found is not None
    return found


def test_a_backfill_of_four_months_is_four_periods(closing: ClosePeriodTimetable) -> None:
    window = {"earliest": pendulum.datetime(2022, 1, 1), "latest": pendulum.datetime(2022, 4, 30)}
    keys = [run.partition_key for run in closing.iter_partition_dagrun_infos(**window)]
    assert keys == ["2022-01", "2022-02", "2022-03", "2022-04"]


def test_a_period_is_closed_when_its_reports_were_due_and_before_the_next_ends(
    closing: ClosePeriodTimetable, checkout: Path
) -> None:
    town = read_reference(checkout / "reference" / "son-tay").town
    assert str(town.time_zone) == TIME_ZONE
    window = {"earliest": pendulum.datetime(2030, 1, 1), "latest": pendulum.datetime(2031, 12, 31)}
    runs = list(closing.iter_partition_dagrun_infos(**window))
    assert len(runs) == 24
    for run in runs:
        period = parse_period(run.partition_key, town.calendar)
        assert period is not None
        due_at = town.due_at(period)
        assert due_at is not None
        assert due_at < run.run_after < due_at + timedelta(days=1)


def test_calendar_months_need_the_offset_that_the_dag_file_names() -> None:
    timetable = ClosePeriodTimetable("0 6 18 * *", timezone=TIME_ZONE, key_format="%Y-%m", run_offset=-1)
    run = find_next(timetable, None)
    period = parse_period(run.partition_key, Calendar(cutoff_day=None))
    assert period is not None
    assert timedelta(0) < run.run_after - datetime.combine(period.end, datetime.min.time(), ZONE) < timedelta(26)


@pytest.mark.parametrize("day", [17, 18, 19, 28])
def test_a_first_run_waits_for_the_next_tick(
    closing: ClosePeriodTimetable, monkeypatch: pytest.MonkeyPatch, day: int
) -> None:
    now = pendulum.datetime(2030, 4, day, 12, tz=TIME_ZONE).in_timezone("UTC")
    monkeypatch.setattr("airflow.timetables.trigger.utcnow", lambda: now)
    assert find_next(closing, None).run_after > now


def test_a_backfill_of_old_periods_does_not_close_the_period_of_today(closing: ClosePeriodTimetable) -> None:
    assert find_next(closing, datetime(2022, 4, 18, 6, tzinfo=ZONE)).run_after > pendulum.now()


def test_a_tick_missed_in_a_stop_is_made_up_for(closing: ClosePeriodTimetable) -> None:
    missed = closing._align_to_prev(pendulum.now("UTC"))
    assert find_next(closing, closing._get_prev(missed)).run_after == missed


def test_no_tick_is_used_twice(closing: ClosePeriodTimetable) -> None:
    done = closing._align_to_prev(pendulum.now("UTC"))
    assert find_next(closing, done).run_after == closing._get_next(done)


def test_intake_runs_every_quarter_of_an_hour_and_names_its_partitions_later() -> None:
    timetable = IntakeTimetable("*/15 * * * *", timezone=TIME_ZONE)
    assert timetable.partitioned_at_runtime
    assert timetable.can_be_scheduled
    assert not timetable.partitioned
    run = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=NO_RESTRICTION)
    assert run is not None
    now = pendulum.now()
    assert now.subtract(minutes=5) <= run.run_after <= now.add(minutes=15)


@pytest.mark.parametrize("timetable", [IntakeTimetable, ClosePeriodTimetable])
def test_a_timetable_survives_the_database(timetable: type[IntakeTimetable | ClosePeriodTimetable]) -> None:
    written = timetable("0 6 18 * *", timezone=TIME_ZONE).serialize()
    again = timetable.deserialize(json.loads(json.dumps(written)))
    assert type(again) is timetable
    assert again.serialize() == written


def test_reminding_is_a_matter_of_the_morning_and_a_new_installation_waits_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (call,) = find_calls("remind.py", "CronTriggerTimetable")
    names = {"CronTriggerTimetable": CronTriggerTimetable, "TIME_ZONE": TIME_ZONE, "timedelta": timedelta}
    timetable = eval(compile(ast.Expression(call), "remind.py", "eval"), names)
    for hour in (0, 1, 2, 12):  # 07:00, 08:00, 09:00 and 19:00 in Sơn Tây, and some minutes
        now = pendulum.datetime(2030, 4, 15, hour, 20)
        monkeypatch.setattr("airflow.timetables.trigger.utcnow", lambda now=now: now)
        run = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=NO_RESTRICTION)
        assert run is not None
        assert run.run_after > now
        assert run.run_after.in_timezone(TIME_ZONE).format("HH:mm") == "08:00"
