"""The memory of what was published: what changed and who did it, ranges that follow their months, the ledger."""

from __future__ import annotations

import json
import logging
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from etl import decisions, pipeline
from etl.commandline.publications import app
from etl.db import connect
from etl.errors import ConfigError
from etl.figures import Wanted, build_release
from etl.model import Language
from etl.publications import find_changes, find_publications, publish_range
from etl.publishing.changes import Changes, ReportChange
from etl.publishing.entry import LINE
from etl.publishing.ledger_words import render_changes, render_ledger
from etl.reference import read_reference
from etl.rulings import rule_on
from etl.settings import Settings
from tests.db.plain import MONTH, WARD, mails, submit, write
from tests.db.towns import make_settings

MONTHS = ["2022-01", "2022-02", "2022-03"]


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Give a town that publishes each quarter."""
    return make_settings(engine, tmp_path, {"publishes: []": "publishes: [quarter, to_date]"})


def publish_stale(settings: Settings) -> dict[str, dict[str, int]]:
    """Publish what is stale, as the schedule does; give by month which ranges were touched."""
    stale = pipeline.find_stale_periods(settings)
    return {month: pipeline.publish_period(settings, month)["ranges"] for month in stale}


def send_quarter(settings: Settings) -> None:
    for number, month in enumerate(MONTHS):
        assert submit(settings, write(settings, f"{month}.csv", month=month, opening=2 + number, received=10))


def ledger(settings: Settings) -> dict[str, list[int]]:
    """Give the numbers that were published, by period."""
    found: dict[str, list[int]] = {}
    for row in find_publications(settings, None):
        found.setdefault(row["period_key"], []).append(row["number"])
    return found


def last_changes(settings: Settings, period: str = MONTH, number: int | None = None) -> Changes:
    found, _, _ = find_changes(settings, period, number)
    assert found is not None
    return found


def only_report(settings: Settings, period: str = MONTH) -> ReportChange:
    (one,) = last_changes(settings, period).reports
    return one


def read_view(settings: Settings, view: str) -> list[dict[str, Any]]:
    """Read a view as an analyst does."""
    with connect(settings.database_url).begin() as conn:
        conn.execute(text("SET LOCAL ROLE reader"))
        return [dict(row) for row in conn.execute(text(f"SELECT * FROM {view}")).mappings()]


def files(settings: Settings) -> dict[str, tuple[bytes, int]]:
    """Give each published file, and when it was written."""
    paths = [path for path in settings.published.rglob("*") if path.is_file()]
    return {str(path.relative_to(settings.published)): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


# ---------------------------------------------------------------------------------------------------------
# What changed, by whom, and by how much


def test_a_report_that_replaces_another_is_named_with_its_difference(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv", received=10))
    publish_stale(settings)
    submit(settings, write(settings, "b.csv", received=7, resolved=9, minutes=5))
    publish_stale(settings)
    changes, report = last_changes(settings), only_report(settings)
    assert (changes.number_before, report.kind, report.unit_name) == (1, "replaced", "phường Lê Lợi")
    code = re.search(r"tệp ([0-9a-f]{12}) nhận lúc", report.what_vi)
    assert report.at is not None and code and "b.csv" not in report.what_vi
    assert "Tổng số tiếp nhận 12 → 9 (−3)" in report.what_vi and "Received, total 12 → 9 (−3)" in report.what_en
    first = changes.figures[0]
    assert (first.scope, first.field, first.measure, first.before, first.after, first.by) == (
        "town", "all", "received_total", 12, 9, -3,
    )  # fmt: skip
    ranked = [(figure.field, figure.source_system) != ("all", "all") for figure in changes.figures]
    assert ranked == sorted(ranked) and {f.scope for f in changes.figures} == {"town", "wards", "ward"}
    (_, second) = mails(settings, f"digest:{MONTH}")
    assert report.what_vi in second.body_text and "Toàn thị xã: tổng số tiếp nhận 12 → 9 (−3)" in second.body_text


def test_who_corrected_a_figure_and_why(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv", total=8))
    publish_stale(settings)
    decisions.correct(settings, WARD, MONTH, {"J2": 9}, reason="gõ nhầm", author="lan")
    publish_stale(settings)
    report = only_report(settings)
    assert (report.kind, report.who) == ("corrected", "lan")
    assert "tổng số đã giải quyết: 8 → 9, quyết định của lan" in report.what_vi
    assert "lý do: gõ nhầm" in report.what_vi and "reason: gõ nhầm" in report.what_en
    (row,) = read_view(settings, "publication_cause")
    assert (row["kind"], row["who"], row["reason"], row["status_before"]) == ("corrected", "lan", "gõ nhầm", "rejected")
    assert row["submission_before"] == row["submission_after"] and row["status_after"].startswith("accepted")


def test_who_accepted_a_finding_and_that_a_report_was_sent_back(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv"))
    publish_stale(settings)
    for rule in ("B.resolved", "B.flow"):
        if rule == "B.resolved":
            submit(settings, write(settings, "b.csv", total=8, minutes=5))
            assert pipeline.find_stale_periods(settings) == [], "the report before it still counts"
        decisions.waive(settings, WARD, MONTH, rule, reason="phần mềm lỗi", author="lan")
    publish_stale(settings)
    kinds = [(one.kind, one.who) for one in last_changes(settings).reports]
    assert kinds[0][0] == "replaced" and kinds[1:] == [("waived", "lan")] * 2
    assert "B.flow" in last_changes(settings).reports[2].what_en


def test_a_report_set_aside_names_the_operator(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv"))
    publish_stale(settings)
    set_aside(settings)
    publish_stale(settings)
    report = only_report(settings)
    assert (report.kind, report.who) == ("withdrawn", "lan") and "gửi nhầm" in report.what_vi
    assert "Tổng số tiếp nhận 12 → –" in report.what_vi


def set_aside(settings: Settings) -> None:
    with connect(settings.database_url).begin() as conn:
        sha256 = conn.execute(text("SELECT sha256 FROM submission ORDER BY received_at DESC LIMIT 1")).scalar_one()
    said = {"is_counted": False, "author": "lan", "reason": "gửi nhầm"}
    rule_on(settings, sha256, WARD, MONTH, only_waiting=False, **said)


def test_a_first_report_came_and_one_that_is_wrong_was_sent_back(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv", total=8))
    publish_stale(settings)
    submit(settings, write(settings, "b.csv", minutes=5))
    publish_stale(settings)
    assert only_report(settings).kind == "came" and "Tổng số tiếp nhận – → 12" in only_report(settings).what_vi
    assert last_changes(settings).figures[0].by is None


def test_the_view_and_the_program_find_the_same_differences(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv", received=10))
    publish_stale(settings)
    submit(settings, write(settings, "b.csv", received=7, resolved=9, minutes=5))
    publish_stale(settings)
    names = (*LINE, "measure", "before", "after")
    seen = {tuple(row[name] for name in names) for row in read_view(settings, "publication_change")}
    assert (
        seen == {tuple(getattr(figure, name) for name in names) for figure in last_changes(settings).figures} != set()
    )
    log = read_view(settings, "publication_log")
    assert [(row["number"], row["units_in"], row["is_partial"]) for row in log] == [(1, 1, True), (2, 1, True)]
    assert len({row["rules"] for row in log}) == 1 and log[0]["program"]


def test_the_inputs_say_which_file_and_reading_each_figure_comes_from(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv"))
    publish_stale(settings)
    with connect(settings.database_url).begin() as conn:
        (entry,) = conn.execute(text("SELECT inputs FROM publication")).scalar_one()
        sha256 = conn.execute(text("SELECT sha256 FROM submission")).scalar_one()
    assert (entry["submission"], entry["name"], entry["unit_code"]) == (sha256, "a.csv", WARD)
    assert {"received_at", "sent_by", "content_sha256", "verdict", "edition", "revision", "waived", "corrected"} <= set(
        entry
    )


def test_what_was_known_when_it_was_published_can_be_built_again(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv", received=10))
    publish_stale(settings)
    between = datetime.now(UTC).isoformat()
    submit(settings, write(settings, "b.csv", received=7, resolved=9, minutes=5))
    publish_stale(settings)
    frame = build_release(settings, Wanted(MONTH, MONTH, as_of=between)).dataset.frame
    with connect(settings.database_url).begin() as conn:
        content = conn.execute(text("SELECT content FROM publication WHERE number = 1")).scalar_one()
    assert content["columns"] == list(frame.columns) and len(content["rows"]) == len(frame)
    assert content["rows"] == json.loads(frame.astype(object).to_json(orient="values"))


# ---------------------------------------------------------------------------------------------------------
# Nothing for nothing; after a crash


def test_an_unchanged_rebuild_writes_nothing_and_mails_nothing(settings: Settings) -> None:
    send_quarter(settings)
    publish_stale(settings)
    before, told, known = files(settings), mails(settings, "digest:%"), ledger(settings)
    assert pipeline.find_stale_periods(settings) == []
    for month in MONTHS:
        done = pipeline.publish_period(settings, month)
        assert (done["is_new"], done["ranges"]) == (False, {})
    assert (files(settings), mails(settings, "digest:%"), ledger(settings)) == (before, told, known)


def test_a_publication_whose_folder_or_digest_was_never_written_is_taken_up_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(settings, write(settings, "a.csv"))

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("etl.releasing.put_files", killed)
        pipeline.publish_period(settings, MONTH)
    assert ledger(settings) == {MONTH: [1]} and not files(settings) and not mails(settings, "digest:%")
    assert pipeline.find_stale_periods(settings) == [MONTH]
    assert publish_stale(settings) == {MONTH: {}}
    assert ledger(settings) == {MONTH: [1]} and files(settings) and len(mails(settings, "digest:%")) == 1
    with connect(settings.database_url).begin() as conn:
        kept = {
            row.name: bytes(row.content) for row in conn.execute(text("SELECT name, content FROM publication_file"))
        }
    assert {name: content for name, (content, _) in files(settings).items() if "/no1/" not in name} == {
        f"{MONTH}/{name}": content for name, content in kept.items()
    }
    assert pipeline.find_stale_periods(settings) == []


# ---------------------------------------------------------------------------------------------------------
# Ranges


def test_ranges_that_the_town_wants_come_with_their_last_month(settings: Settings) -> None:
    send_quarter(settings)
    touched = publish_stale(settings)
    assert touched == {"2022-01": {}, "2022-02": {"2022-01/2022-02": 1}, "2022-03": {"2022-Q1": 1}}
    assert set(ledger(settings)) == {*MONTHS, "2022-01/2022-02", "2022-Q1"}
    (digest,) = mails(settings, "digest:2022-03")
    assert "quý I/2022: công bố lần 1" in digest.body_text
    assert len(mails(settings, "digest:%")) == 3, "a range gets no mail of its own"
    assert (settings.published / "2022-01_2022-02" / "no1" / "town-2022-01_2022-02.xlsx").exists()


def test_ranges_come_whatever_the_order_of_their_months(settings: Settings) -> None:
    send_quarter(settings)
    for month in ("2022-03", "2022-01"):
        assert pipeline.publish_period(settings, month)["ranges"] == {}
    assert pipeline.publish_period(settings, "2022-02")["ranges"] == {"2022-01/2022-02": 1, "2022-Q1": 1}
    assert pipeline.find_stale_periods(settings) == []


def test_a_change_touches_the_ranges_it_is_in_and_nothing_else(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    send_quarter(settings)
    publish_range(settings, "2022-02", "2022-03")
    publish_stale(settings)
    before = files(settings)
    submit(settings, write(settings, "x.csv", month="2022-03", opening=4, received=20, minutes=9))
    with caplog.at_level(logging.INFO, "etl.pipeline"):
        assert publish_stale(settings) == {"2022-03": {"2022-02/2022-03": 2, "2022-Q1": 2}}
    assert "publish 2022-03: no. 2 new; ranges published: 2022-02/2022-03 no. 2, 2022-Q1 no. 2" in caplog.text
    now = files(settings)
    changed = {name.split("/")[0] for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    assert changed == {"2022-03", "2022-02_2022-03", "2022-Q1"}
    assert ledger(settings)["2022-01"] == ledger(settings)["2022-02"] == ledger(settings)["2022-01/2022-02"] == [1]
    assert "quý I/2022: công bố lần 2" in mails(settings, "digest:2022-03")[-1].body_text
    assert only_report(settings, "2022-Q1").period_key == "2022-03"


def test_a_range_that_was_left_behind_makes_a_month_of_it_stale(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_quarter(settings)
    publish_stale(settings)
    submit(settings, write(settings, "x.csv", month="2022-02", opening=3, received=20, minutes=9))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("etl.pipeline.release_ranges", interrupted)
        pipeline.publish_period(settings, "2022-02")
    with connect(settings.database_url).begin() as conn:  # even where the month had been told
        conn.execute(text("INSERT INTO mail (state_key, topic, state, kind, recipients, subject, body_text) "
                          "VALUES ('x', 'digest:2022-02', '2-x', 'digest', '{}', '', '')"))  # fmt: skip
    assert ledger(settings)["2022-Q1"] == [1]
    assert pipeline.find_stale_periods(settings) == ["2022-02", "2022-03"]
    publish_stale(settings)
    assert ledger(settings)["2022-Q1"] == ledger(settings)["2022-01/2022-02"] == [1, 2]
    assert pipeline.find_stale_periods(settings) == []


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def test_the_files_of_a_range_come_back_with_its_month(settings: Settings) -> None:
    send_quarter(settings)
    publish_stale(settings)
    before = {name: content for name, (content, _) in files(settings).items()}
    shutil.rmtree(settings.published / "2022-Q1")
    pipeline.publish_period(settings, "2022-02")
    assert {name: content for name, (content, _) in files(settings).items()} == before


def test_a_range_is_published_by_hand_and_refused_where_it_says_nothing(settings: Settings) -> None:
    send_quarter(settings)
    assert publish_range(settings, "2022-01", "2022-03") == {
        "period": "2022-Q1", "number": 1, "is_new": True, "ranges": {},
    }  # fmt: skip
    assert publish_range(settings, "2022-Q1", "2022-Q1")["is_new"] is False
    assert mails(settings, "digest:%") == []
    assert publish_range(settings, "2022-03", "2022-03")["period"] == "2022-03"
    for first, last in (("2021-01", "2021-03"), ("2022-03", "2022-01")):
        with pytest.raises(ConfigError, match=r"no report speaks of|ends before it begins"):
            publish_range(settings, first, last)
    with pytest.raises(ConfigError, match="has not begun"):
        publish_range(settings, "2022-01", "2099-12")


# ---------------------------------------------------------------------------------------------------------
# The command line


def test_the_ledger_and_the_changes_are_printed_for_people_and_programs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(settings, write(settings, "a.csv", received=10))
    publish_stale(settings)
    assert find_changes(settings, MONTH, None)[0] is None
    submit(settings, write(settings, "b.csv", received=7, resolved=9, minutes=5))
    publish_stale(settings)
    for name in ("HOME", "DATABASE_URL", "REFERENCE"):
        monkeypatch.setenv(f"WARD_REPORTS_{name}", str(getattr(settings, name.lower())))
    rows = find_publications(settings, MONTH)
    reference = read_reference(settings.reference)
    listed = render_ledger(rows, reference, Language.VI).splitlines()
    assert listed[0].startswith("tháng 4/2022: lần 1, ") and listed[0].endswith(
        "1/16 đơn vị, chưa đầy đủ; công bố lần đầu"
    )
    assert listed[1].endswith("; 1 báo cáo được thay")
    assert run("publications", MONTH) == "\n".join(listed) + "\n"
    assert [json.loads(line)["number"] for line in run("publications", "--json").splitlines()] == [1, 2]
    said = run("changes", MONTH, "--lang", "en")
    assert said == render_changes(last_changes(settings), 2, reference, Language.EN) + "\n"
    assert said.startswith("Publication no. 2 beside no. 1 (") and "Town: received, total 12 → 9 (−3)" in said
    told = [json.loads(line) for line in run("changes", MONTH, "2", "--json").splitlines()]
    assert [one["kind"] for one in told if "kind" in one] == ["replaced"] and told[1]["by"] == -3
    assert run("changes", MONTH, "1") == "Đây là lần công bố đầu tiên.\n"
    assert json.loads(run("publish", MONTH, "--json"))["is_new"] is False
    with pytest.raises(ConfigError, match="has no publication no"):
        find_changes(settings, MONTH, 9)


def run(*words: str) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.stdout
