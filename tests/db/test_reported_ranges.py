"""Periods that are no months: reported as a whole, beside their months, or in a row; nothing reported gets lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from etl import pipeline, releasing
from etl.db import connect
from etl.decisions import waive
from etl.figures import Wanted, build_release
from etl.publications import find_changes, find_publications, publish_range
from etl.rulings import rule_on
from etl.settings import Settings
from tests.db.plain import WARD, hashes, mails, submit, write
from tests.db.towns import make_settings

QUARTER = "2022-Q1"


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    return make_settings(engine, tmp_path, {})


def publish_stale(settings: Settings) -> list[str]:
    stale = pipeline.find_stale_periods(settings)
    for period in stale:
        pipeline.publish_period(settings, period)
    return stale


def send(settings: Settings, month: str, received: int = 10, **changes: Any) -> list[str]:
    return submit(settings, write(settings, f"{month} {received}.csv", month=month, received=received, **changes))


def received(settings: Settings, first: str, last: str | None = None) -> int | None:
    frame = build_release(settings, Wanted(first, last or first)).dataset.frame
    is_whole = frame["scope"].eq("town") & frame["field"].eq("all") & frame["source_system"].eq("all")
    (value,) = frame.loc[is_whole, "received_in_period"]
    return None if pd.isna(value) else int(value)


def published(settings: Settings) -> list[tuple[str, int, int]]:
    return sorted((row["period_key"], row["number"], row["units_in"]) for row in find_publications(settings, None))


@pytest.mark.parametrize("total", [None, 77])
def test_a_stray_month_does_not_wipe_out_a_quarter_that_was_reported(settings: Settings, total: int | None) -> None:
    send(settings, QUARTER, 100, resolved=90)
    assert publish_stale(settings) == [QUARTER] and received(settings, QUARTER) == 100
    (outcome,) = send(settings, "2022-01", 5, resolved=5, total=total)
    assert (outcome == "rejected") is (total is not None)
    publish_stale(settings)
    assert received(settings, QUARTER) == 100
    assert [row for row in published(settings) if row[0] == QUARTER] == [(QUARTER, 1, 1)]
    assert pipeline.find_stale_periods(settings) == []


def test_a_quarter_follows_its_months_once_they_are_all_in(settings: Settings) -> None:
    send(settings, QUARTER, 31, resolved=27)
    publish_stale(settings)
    for number, month in enumerate(("2022-01", "2022-02", "2022-03")):
        send(settings, month, 10, opening=2 + number)
    publish_stale(settings)
    assert received(settings, QUARTER) == 30
    findings = build_release(settings, Wanted(QUARTER, QUARTER)).dataset.periods
    assert [period.key for period in findings] == ["2022-01", "2022-02", "2022-03"]


def test_a_quarter_whose_report_is_set_aside_invents_no_month(settings: Settings) -> None:
    send(settings, QUARTER, 100, resolved=90)
    publish_stale(settings)
    (sha256,) = hashes(settings, f"{QUARTER} 100.csv")
    rule_on(settings, sha256, WARD, QUARTER, is_counted=False, reason="nhầm", author="lan", only_waiting=False)
    assert publish_stale(settings) == [QUARTER]
    assert published(settings) == [(QUARTER, 1, 1), (QUARTER, 2, 0)]
    assert pipeline.find_stale_periods(settings) == []


def test_a_quarter_whose_digest_was_never_queued_is_taken_up_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(settings, QUARTER, 100, resolved=90)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr(pipeline, "compose_digest", stop)
        pipeline.publish_period(settings, QUARTER)
    assert not mails(settings, "digest:%") and published(settings) == [(QUARTER, 1, 1)]
    assert publish_stale(settings) == [QUARTER]
    assert len(mails(settings, "digest:%")) == 1 and published(settings) == [(QUARTER, 1, 1)]
    assert pipeline.find_stale_periods(settings) == []


def test_years_in_a_row_are_a_range(settings: Settings) -> None:
    send(settings, "2021", 100)
    send(settings, "2022", 200, opening=93)
    publish_stale(settings)
    assert received(settings, "2021", "2022") == 300
    assert publish_range(settings, "2021", "2022")["is_new"]
    assert pipeline.find_stale_periods(settings) == []
    send(settings, "2022", 210, opening=93, minutes=5)
    assert publish_stale(settings) == ["2022"]
    assert published(settings)[-2:] == [("2022", 2, 1), ("2021-01/2022-12", 2, 1)] or (
        ("2021-01/2022-12", 2, 1) in published(settings)
    )


def test_a_decision_taken_while_a_publication_is_made_is_told_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(settings, "2022-01")
    send(settings, "2022-02", opening=9)
    publish_stale(settings)
    send(settings, "2022-02", 13, opening=9, minutes=5)
    find_holding = releasing.find_holding

    def decide(found: Any) -> Any:
        waive(settings, WARD, "2022-02", "C.roll-forward", reason="đã đối chiếu", author="Lan", every=True)
        return find_holding(found)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(releasing, "find_holding", decide)
        pipeline.publish_period(settings, "2022-02")
    assert publish_stale(settings) == ["2022-02"]
    changes, _, number = find_changes(settings, "2022-02", None)
    assert changes and number == 3
    assert [(report.kind, report.who) for report in changes.reports] == [("waived", "Lan")]


def test_the_desk_that_was_abolished_holds_nothing(settings: Settings) -> None:
    for month, unit in (("2025-06", "269"), ("2025-06", WARD), ("2025-07", WARD)):
        file = write(settings, f"{unit} {month}.csv", month=month)
        file.write_text(file.read_text().replace(f"\n{WARD},", f"\n{unit},"))
        submit(settings, file)
    with connect(settings.database_url).connect() as conn:
        rows = conn.execute(text("SELECT scope, carried_over, pending_total FROM town_range('2025-06', '2025-07')"))
        found = {row.scope: (row.carried_over, row.pending_total) for row in rows}
    frame = build_release(settings, Wanted("2025-06", "2025-07")).dataset.frame
    desk = frame[frame["scope"].eq("desk") & frame["field"].eq("all")].iloc[0]
    assert found["desk"] == (desk["carried_over"], desk["pending_total"]) == (2, 0)


def test_chosen_lines_carry_their_own_adjustments(settings: Settings) -> None:
    send(settings, "2022-01")
    send(settings, "2022-02", opening=9)
    whole = build_release(settings, Wanted("2022-01", "2022-02")).dataset.adjustments
    own = build_release(settings, Wanted("2022-01", "2022-02", unit="Lê Lợi")).dataset.adjustments
    other = build_release(settings, Wanted("2022-01", "2022-02", unit="Phú Thịnh")).dataset.adjustments
    assert len(whole) == len(own) > 0 == len(other)
