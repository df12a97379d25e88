"""Comparing a statement with a real installation: the published figure that started all this, and its memory."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from etl import pipeline
from etl.commandline.comparison import app
from etl.compare import compare
from etl.comparing.comparison import CauseKind, Comparison, Reason
from etl.comparing.rendering import render_comparison
from etl.errors import ConfigError
from etl.model import Language
from etl.reference import read_reference
from etl.settings import CHECKOUT, Settings
from tests.db import plain
from tests.db.towns import make_settings, send_samples

MONTHS = ("2022-01", "2022-02", "2022-03", "2022-04")
STATEMENT = CHECKOUT / "samples" / "statement-2022-04.csv"
runner = CliRunner()


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    return make_settings(engine, tmp_path / "town", {})


@pytest.fixture
def samples(settings: Settings) -> Settings:
    """Take in all samples of January to April, in the order they came."""
    for month in MONTHS:
        for round_ in sorted((CHECKOUT / "samples" / month).iterdir()):
            send_samples(settings, *(f"{month}/{round_.name}/{unit.name}" for unit in round_.iterdir()))
            shutil.rmtree(settings.home / "inbox", ignore_errors=True)
    return settings


@pytest.fixture
def at_home(settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the command line the installation of the test."""
    monkeypatch.setenv("WARD_REPORTS_HOME", str(settings.home))
    monkeypatch.setenv("WARD_REPORTS_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WARD_REPORTS_REFERENCE", str(settings.reference))
    yield


def write(folder: Path, *rows: str, head: str = "unit,period,received_total,resolved_total,pending_total") -> Path:
    file = folder / "statement.csv"
    file.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return file


def kinds(comparison: Comparison) -> set[CauseKind]:
    return {cause.kind for difference in comparison.differences for cause in difference.causes}


def test_the_published_figure_of_2022_is_explained(samples: Settings, tmp_path: Path, at_home: None) -> None:
    found, _ = compare(samples, STATEMENT, "2022-01", "2022-04")
    (difference,) = found.differences
    assert (difference.measure, difference.cell, difference.printed, difference.dataset) == (
        "resolved_in_time", "F3", 6975, 6957,
    )  # fmt: skip
    (cause,) = difference.causes
    assert cause.kind is CauseKind.SLIP and cause.is_sure and "đổi chỗ" in cause.words_vi
    assert [finding.rule for finding in found.contradictions] == ["B.resolved"]
    shown = render_comparison(found, read_reference(samples.reference), Language.EN)
    assert shown in (CHECKOUT / "README.md").read_text("utf-8")
    assert found.compared == 9 and not found.not_compared and len(found.findings) == 1

    told = runner.invoke(app, [str(STATEMENT), "2022-01", "2022-04", "--lang", "en"])
    assert told.exit_code == 1 and "two neighbouring digits were swapped" in told.stdout
    rows = [
        json.loads(one)
        for one in runner.invoke(app, [str(STATEMENT), "2022-01", "2022-04", "--json"]).stdout.splitlines()
    ]
    assert [row["kind"] for row in rows] == ["contradiction", "difference", "summary"]

    right = tmp_path / "right.csv"
    right.write_text(STATEMENT.read_text("utf-8").replace("6.975;6.975;18", "6.975;6.957;18"), "utf-8")
    told = runner.invoke(app, [str(right), "2022-01", "2022-04"])
    assert told.exit_code == 0, told.stdout

    lines = ["Tổng cộng,2022-01/2022-04,8274,8172,102", "Lê Lợi,2022-01/2022-04,340,340,0"]
    lines += ["cấp xã,2022-01/2022-04,6637,6635,2", "cấp xã,2022,6637,6635,2"]
    found, _ = compare(samples, write(tmp_path, *lines), "2022-01", "2022-04")
    assert {one.place.row for one in found.differences} == {4} and found.not_compared[0].reason is Reason.PERIOD
    assert all("phường Lê Lợi" in cause.words_vi for one in found.differences for cause in one.causes)


def test_a_statement_of_what_was_published_before_a_correction(settings: Settings, tmp_path: Path) -> None:
    plain.submit(settings, plain.write(settings, "first.csv", received=400, resolved=390))
    pipeline.publish_period(settings, plain.MONTH)
    plain.submit(settings, plain.write(settings, "second.csv", received=431, resolved=405, minutes=5))
    found, _ = compare(settings, write(tmp_path, "09574,2022-04,402,390,12"), plain.MONTH, plain.MONTH)
    assert len(found.differences) == 3 and kinds(found) == {CauseKind.EARLIER_PUBLICATION}
    assert all("công bố số 1" in cause.words_vi for one in found.differences for cause in one.causes)
    sum_of_all, _ = compare(settings, write(tmp_path, "cấp xã,2022-04,402,390,12"), plain.MONTH, plain.MONTH)
    assert kinds(sum_of_all) == {CauseKind.EARLIER_PUBLICATION}


def test_a_report_that_was_sent_back_explains_what_is_more(settings: Settings, tmp_path: Path) -> None:
    plain.submit(settings, plain.write(settings, "good.csv", received=400, resolved=390))
    bad = plain.write(settings, "bad.csv", received=57, resolved=50, total=51)
    bad.write_text(bad.read_text().replace("09574", "09577"))
    assert plain.submit(settings, bad) == ["rejected"]
    found, _ = compare(settings, write(tmp_path, "cấp xã,2022-04,461,441,21"), plain.MONTH, plain.MONTH)
    assert kinds(found) == {CauseKind.SENT_BACK}
    assert "phường Phú Thịnh" in found.differences[0].causes[0].words_vi
    found, _ = compare(settings, write(tmp_path, "cấp xã,2022-04,462,442,25"), plain.MONTH, plain.MONTH)
    assert not found.differences and {one.reason for one in found.not_compared} == {Reason.PARTIAL}


def test_what_cannot_be_read_or_compared_ends_with_2(settings: Settings, tmp_path: Path, at_home: None) -> None:
    plain.submit(settings, plain.write(settings, "first.csv"))
    (tmp_path / "noise.xlsx").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 9)
    (tmp_path / "empty.csv").write_bytes(b"")
    for name in ("noise.xlsx", "empty.csv", "nowhere.csv", "."):
        for lang, word in (("vi", "ệp"), ("en", "file")):
            told = runner.invoke(app, [str(tmp_path / name), plain.MONTH, "--lang", lang])
            assert told.exit_code == 2 and told.exception.__class__ is SystemExit and word in told.stderr, told
    fine = write(tmp_path, "Nơi khác,2022-04,12,9,3")
    assert runner.invoke(app, [str(fine), plain.MONTH]).exit_code == 2
    for wrong in (["2022-13"], ["2022-04", "2022-01"], ["2030-01", "2030-02"], ["bữa nọ"]):
        assert isinstance(runner.invoke(app, [str(fine), *wrong]).exception, ConfigError), wrong
