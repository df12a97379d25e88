"""What operators decide: waivers, corrections, and which report counts; and what is judged again because of it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from etl import commands, decisions, pipeline, rulings
from etl.db import connect
from etl.errors import ConfigError
from etl.figures import Wanted, build_release
from etl.model import Language
from etl.publishing.workbook import compose_workbook
from etl.settings import CHECKOUT, Settings
from etl.town_formats import compose_town
from tests.db.plain import CLOSED, LATE, MONTH, WARD, figures, hashes, mails, submit, write


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """An installation in a folder of its own, with the warehouse of the test."""
    url = engine.url.render_as_string(hide_password=False)
    return Settings.from_env({"WARD_REPORTS_HOME": str(tmp_path), "WARD_REPORTS_DATABASE_URL": url})


def with_closing(settings: Settings, tmp_path: Path, days: int) -> Settings:
    """Give the installation a reference folder whose periods close so many days after they are due."""
    folder = Path(shutil.copytree(CHECKOUT / "reference" / "son-tay", tmp_path / "reference"))
    town = yaml.safe_load((folder / "town.yaml").read_text("utf-8"))
    town["closing"] = {"days_after_due": days}
    (folder / "town.yaml").write_text(yaml.safe_dump(town, allow_unicode=True), "utf-8")
    return Settings.from_env({
        "WARD_REPORTS_HOME": str(settings.home),
        "WARD_REPORTS_DATABASE_URL": settings.database_url,
        "WARD_REPORTS_REFERENCE": str(folder),
    })  # fmt: skip


# ---------------------------------------------------------------------------------------------------------
# Waivers


def test_a_waiver_accepts_one_finding_until_the_value_changes(settings: Settings) -> None:
    assert submit(settings, write(settings, "a.csv", total=8)) == ["rejected"]
    with pytest.raises(ConfigError, match=r"has no finding B\.resolved at Z99; it has: .*B\.resolved"):
        decisions.waive(settings, WARD, MONTH, "B.resolved", reason="x", author="lan", cell="Z99")
    told = decisions.waive(settings, "Lê Lợi", MONTH, "B.resolved", reason="phần mềm lỗi", author="lan")
    assert told["verdict"] == "rejected" and [error["rule"] for error in told["errors"]] == ["B.flow"]
    told = decisions.waive(settings, WARD, MONTH, "B.flow", reason="phần mềm lỗi", author="lan")
    assert (told["verdict"], told["stand"], told["errors"]) == ("accepted", "counts", [])
    assert figures(settings, "resolved_total") == 8
    assert [(one["kind"], one["acts"]) for one in decisions.list_decisions(settings)] == [("waiver", True)] * 2
    subject, body, _ = mails(settings, "receipt:%")[-1]
    assert subject.startswith("[Đạt, có lưu ý]") and "Đã được chấp nhận: phần mềm lỗi (lan)." in body

    assert submit(settings, write(settings, "b.csv", total=7, minutes=5)) == ["rejected"]
    assert figures(settings, "resolved_total") == 8  # the waived report still counts; the new value is not covered
    assert submit(settings, write(settings, "c.csv", minutes=9)) == ["accepted"]
    assert figures(settings, "resolved_total") == 9
    assert pipeline.close_period(settings, MONTH)["news"] == 0


def test_a_waiver_ends_by_itself_and_by_another_word(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv", total=8))
    for rule in ("B.resolved", "B.flow"):
        decisions.waive(settings, WARD, MONTH, rule, reason="tạm", author="lan", until=date(2999, 1, 1))
    assert figures(settings, "resolved_total") == 8
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    told = decisions.waive(settings, WARD, MONTH, "B.flow", reason="hết hạn", author="lan", until=yesterday)
    assert told["verdict"] == "rejected"
    assert figures(settings, "resolved_total") is None
    assert pipeline.find_stale_periods(settings) == [MONTH]  # and nothing is judged again for ever


# ---------------------------------------------------------------------------------------------------------
# Corrections


def test_a_correction_stands_beside_the_original_until_a_new_file_comes(settings: Settings) -> None:
    assert submit(settings, write(settings, "a.csv", total=8)) == ["rejected"]
    with pytest.raises(ConfigError, match="would still be refused"):
        decisions.correct(settings, WARD, MONTH, {"J2": 7}, reason="x", author="lan")
    with pytest.raises(ConfigError, match="is no cell with a figure"):
        decisions.correct(settings, WARD, MONTH, {"A1": 7}, reason="x", author="lan")
    told = decisions.correct(settings, WARD, MONTH, {"J2": 9}, reason="gõ nhầm", author="lan")
    assert (told["verdict"], told["stand"]) == ("accepted", "counts")
    assert figures(settings, "resolved_total") == 9
    (made,) = decisions.list_decisions(settings, MONTH)
    assert (made["kind"], made["old"], made["new"], made["author"], made["acts"]) == (
        "correction", "8", "9", "lan", True,
    )  # fmt: skip
    assert "đã được sửa thành 9. Lý do: gõ nhầm (lan)" in mails(settings, "receipt:%")[-1].body_text
    assert pipeline.close_period(settings, MONTH)["news"] == 0

    assert submit(settings, write(settings, "b.csv", resolved=5, minutes=5)) == ["accepted"]
    assert figures(settings, "resolved_total") == 5
    assert "sửa thành" not in mails(settings, "receipt:%")[-1].body_text


def test_what_is_proposed_can_be_taken_and_computed_totals_follow(settings: Settings) -> None:
    samples = next((CHECKOUT / "samples" / "2022-04" / "1-first" / "09574").iterdir())
    commands.submit(settings, [samples])
    told = decisions.correct(settings, "Lê Lợi", "2022-04", {}, reason="theo đề xuất", author="lan")
    assert told["verdict"] == "accepted"
    (made,) = decisions.list_decisions(settings)
    assert (made["old"], made["new"]) == ("94", "49")
    with pytest.raises(ConfigError, match="no finding proposes"):
        decisions.correct(settings, "Lê Lợi", "2022-04", {}, reason="x", author="lan")
    told = decisions.correct(settings, "Lê Lợi", "2022-04", {"E9": 100, "I9": 96}, reason="gọi điện", author="lan")
    assert told["verdict"] == "accepted"
    made = [(one["about"].split(", ", 1)[1], one["old"], one["new"]) for one in decisions.list_decisions(settings)[1:]]
    assert set(made) == {
        ("row 9, received_direct", "53", "100"),
        ("row 9, resolved_on_time", "94", "96"),  # as the ward wrote it, whatever was corrected before
        ("row 9, received_total", "54", "101"),
        ("row 18, received_total", "92", "139"),
        ("row 18, received_direct", "76", "123"),
        ("row 9, resolved_total", "54", "101"),
        ("row 18, resolved_total", "92", "139"),
        ("row 18, resolved_on_time", "68", "115"),
    }


def test_every_figure_says_what_was_decided_about_the_reports_in_it(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv", total=8))
    decisions.correct(settings, WARD, MONTH, {"J2": 9}, reason="gõ nhầm", author="lan")
    release = build_release(settings, Wanted(MONTH, MONTH))
    dataset = release.dataset
    touched = dataset.frame[dataset.frame["corrected"] > 0]
    assert set(touched["scope"]) == {"ward", "wards", "town"} and set(touched["unit_code"]) == {WARD, ""}
    assert set(touched["field"]) == {"ho-tich", "all"} and dataset.frame["waived"].sum() == 0
    (decision,) = dataset.decisions
    assert (decision.kind, decision.unit_name, decision.field) == ("correction", "phường Lê Lợi", "ho-tich")

    table = compose_town(release, "table", Language.VI).decode()
    assert "phường Lê Lợi †" in table and "Lý do: gõ nhầm (lan)" in table
    records = json.loads(compose_town(release, "json", Language.VI))
    assert records["decisions"][0]["message_en"].startswith("Cell J2 (ho-tich): resolved, total is 8")
    rows = list(csv.DictReader(compose_town(release, "csv", Language.VI).decode("utf-8-sig").splitlines()))
    assert {row["scope"] for row in rows if row["corrected"] == "1"} == {"ward", "wards", "town"}
    book = load_workbook(io.BytesIO(compose_workbook(release)))
    said = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert "phường Lê Lợi †" in said and "gõ nhầm (lan)" in " ".join(said)

    pipeline.find_stale_periods(settings)
    pipeline.publish_period(settings, MONTH)
    (digest,) = mails(settings, "digest:%")
    assert "Lỗi được chấp nhận, số liệu do người vận hành sửa" in digest.body_text
    assert "gõ nhầm (lan)" in digest.body_text


# ---------------------------------------------------------------------------------------------------------
# Which report counts


def test_an_older_file_that_arrives_later_does_not_win(settings: Settings) -> None:
    assert submit(settings, write(settings, "new.csv", minutes=5)) == ["accepted"]
    assert submit(settings, write(settings, "old.csv", resolved=4)) == ["accepted"]
    assert figures(settings, "resolved_total") == 9
    subject, body, _ = mails(settings, "receipt:%")[-1]
    assert subject.startswith("[Không tính: tệp cũ hơn]") and "CŨ HƠN báo cáo đang được tính (tệp new.csv" in body
    (sha,) = hashes(settings, "old.csv")
    told = rulings.rule_on(settings, sha, WARD, MONTH, is_counted=True, author="lan", reason="x")
    assert told["outcome"] == "unchanged"
    told = rulings.rule_on(
        settings, sha[:9], WARD, MONTH, is_counted=True, author="lan", reason="x", only_waiting=False
    )
    assert told == {"outcome": "ruled", "stand": "counts", "file": "old.csv"}
    assert figures(settings, "resolved_total") == 4


def test_where_it_cannot_be_told_which_is_newer_the_operator_decides(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv"), write(settings, "b.csv", resolved=4))
    assert figures(settings, "resolved_total") == 9
    (waiting,) = rulings.find_waiting(settings)
    assert (waiting["cause"], waiting["file"], waiting["unit"]) == ("undated", "b.csv", WARD)
    assert "| Tổng số đã giải quyết | 9 | 4 |" in waiting["body"]
    (asked,) = mails(settings, "alert:%")
    assert asked.subject.startswith("[Chờ duyệt] phường Lê Lợi") and asked.recipients == ["vanhanh@sontay.example"]
    ruled = {"author": "lan", "reason": "bản đúng"}
    told = rulings.rule_on(settings, waiting["submission"], WARD, MONTH, is_counted=True, **ruled)
    assert told == {"outcome": "ruled", "stand": "counts", "file": "b.csv"}
    assert (
        rulings.rule_on(settings, waiting["submission"], WARD, MONTH, is_counted=True, **ruled)["outcome"]
        == "unchanged"
    )
    assert rulings.find_waiting(settings) == [] and figures(settings, "resolved_total") == 4
    assert len(mails(settings, "receipt:%:ruling")) == 1


def test_after_the_closing_a_change_waits_and_a_refusal_keeps_what_counted(settings: Settings, tmp_path: Path) -> None:
    closing = with_closing(settings, tmp_path, days=0)
    submit(closing, write(settings, "a.csv", month=CLOSED))
    with connect(settings.database_url).begin() as conn:  # it arrived in time
        conn.execute(text("ALTER TABLE submission DISABLE TRIGGER USER"))
        conn.execute(text("UPDATE submission SET received_at = '2026-10-15 03:00+00'"))
        conn.execute(text("ALTER TABLE submission ENABLE TRIGGER USER"))
    assert submit(closing, write(settings, "b.csv", month=CLOSED, resolved=4, minutes=5)) == [LATE]
    assert mails(settings, "receipt:%")[-1].subject.startswith("[Chờ duyệt]")
    (waiting,) = rulings.find_waiting(closing)
    assert waiting["cause"] == "closed"
    rows, _ = commands.status(closing, CLOSED)
    (row,) = (row for row in rows if row["unit_code"] == WARD)
    assert row["status"].startswith("accepted")
    assert row["newer"]["why"] == "waits" and row["newer"]["name"] == "b.csv"
    rulings.rule_on(
        closing, waiting["submission"], WARD, CLOSED, is_counted=False, author="lan", reason="không có căn cứ"
    )
    assert figures(closing, "resolved_total", CLOSED) == 9 and rulings.find_waiting(closing) == []
    assert mails(settings, "receipt:%:ruling")[0].subject.startswith("[Không duyệt]")


def test_a_report_that_counts_can_be_set_aside(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv"))
    (sha,) = hashes(settings, "a.csv")
    ruled = {"author": "lan", "reason": "gửi nhầm kỳ", "only_waiting": False}
    told = rulings.rule_on(settings, sha, WARD, MONTH, is_counted=False, **ruled)
    assert told["stand"] == "set aside" and figures(settings, "resolved_total") is None


# ---------------------------------------------------------------------------------------------------------
# What is judged again


def test_a_restated_period_has_exactly_the_next_one_judged_again(settings: Settings) -> None:
    months = ("2022-01", "2022-02", "2022-03", "2022-04")
    for stock, month in enumerate(months, 2):
        submit(settings, write(settings, f"{month}.csv", month=month, opening=stock, received=10, resolved=9))
    before = readings(settings)
    submit(settings, write(settings, "again.csv", month="2022-01", opening=2, received=11, resolved=9, minutes=5))
    again = {name: count - before.get(name, 0) for name, count in readings(settings).items()}
    assert {name for name, count in again.items() if count} == {"again.csv", "2022-02.csv"}
    assert judged_again(settings) == ["2022-02.csv"]
    findings = commands.status(settings, "2022-02")[0]
    assert any("C.roll-forward" in row["findings"] for row in findings)


def readings(settings: Settings) -> dict[str, int]:
    statement = "SELECT name, count(*) FROM reading JOIN submission ON sha256 = submission GROUP BY name"
    with connect(settings.database_url).begin() as conn:
        return {row[0]: row[1] for row in conn.execute(text(statement))}


def judged_again(settings: Settings) -> list[str]:
    """Name the files that were to be judged again because a period was restated, and were."""
    statement = "SELECT name FROM rejudgement JOIN submission ON sha256 = submission WHERE done_at IS NOT NULL"
    with connect(settings.database_url).begin() as conn:
        return list(conn.execute(text(statement)).scalars())
