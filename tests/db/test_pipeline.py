"""The whole way on the samples, with a real PostgreSQL and a real mail server, but without a scheduler."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from etl import commands, pipeline
from etl.db import connect
from etl.errors import ConfigError, LoadError
from etl.figures import Wanted, build_document, build_release
from etl.model import Language
from etl.settings import CHECKOUT, Settings
from etl.status_table import render_status
from etl.town_formats import compose_town, write_town
from local.mail_server import mail_server

SAMPLES = CHECKOUT / "samples"
PUBLISHED = {
    "wards": {"received_total": 6977, "resolved_total": 6975, "resolved_in_time": 6957, "resolved_overdue": 18}
    | {"pending_total": 2},
    "desk": {"received_total": 1297, "carried_over": 15, "resolved_total": 1197, "resolved_in_time": 1197},
}
MONTHS = ["2022-01", "2022-02", "2022-03", "2022-04"]


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Give an installation of its own, on a fresh warehouse."""
    return Settings.from_env({
        "WARD_REPORTS_HOME": str(tmp_path),
        "WARD_REPORTS_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "WARD_REPORTS_SETTLE_SECONDS": "0",
        "WARD_REPORTS_INBOX": str(tmp_path / "inbox"),
    })  # fmt: skip


def drop(settings: Settings, *patterns: str) -> list[Path]:
    """Put samples into the inbox, each in its sender's folder."""
    dropped = []
    for source in sorted(path for pattern in patterns for path in SAMPLES.glob(pattern)):
        target = Path(settings.inbox) / source.parent.name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        dropped.append(Path(shutil.copyfile(source, target)))
    return dropped


def intake(settings: Settings) -> list[str]:
    """Do what the DAG `intake` does, and have what became stale published."""
    for batch in pipeline.receive_inbox(settings):
        pipeline.take_in(settings, batch)
    stale = pipeline.find_stale_periods(settings)
    for period in stale:
        pipeline.publish_period(settings, period)
    return stale


def figures(settings: Settings, first: str = MONTHS[0], last: str = MONTHS[-1]) -> pd.DataFrame:
    return build_release(settings, Wanted(first, last)).dataset.frame


def count_mails(engine: Engine) -> int:
    with engine.connect() as conn:
        return int(conn.execute(text("SELECT count(*) FROM mail")).scalar_one())


def whole(frame: pd.DataFrame, scope: str) -> dict[str, int]:
    is_whole = frame["field"].eq("all") & frame["source_system"].eq("all")
    (row,) = frame[frame["scope"].eq(scope) & is_whole].to_dict("records")
    return {name: row[name] for name in row if name.startswith(("received", "resolved", "pending", "carried"))}


def test_the_samples_give_the_published_figures_and_a_second_time_changes_nothing(
    settings: Settings, engine: Engine
) -> None:
    drop(settings, "2022-0*/1-first/*/*")
    assert intake(settings) == MONTHS
    partial = figures(settings)
    assert partial.loc[partial["scope"] == "town", "is_partial"].all()
    drop(settings, "2022-0*/2-later/*/*")
    assert intake(settings) == ["2022-02", "2022-03", "2022-04"]
    assert not [path for path in Path(settings.inbox).rglob("*") if path.is_file()]

    town = figures(settings)
    wards, desk = whole(town, "wards"), whole(town, "desk")
    assert not town["is_partial"].any()
    wanted = {
        "received_total": 6977,
        "resolved_total": 6975,
        "resolved_in_time": 6957,
        "resolved_overdue": 18,
        "pending_total": 2,
    }
    assert wanted.items() <= wards.items()
    assert {
        "received_total": 1297,
        "carried_over": 15,
        "resolved_total": 1197,
        "resolved_in_time": 1197,
    }.items() <= desk.items()

    mails = count_mails(engine)
    assert mails == 66 + 7  # a receipt for each file, a digest for each publication
    files = sorted(path.name for path in settings.published.rglob("*"))
    drop(settings, "2022-0*/*/*/*")
    assert intake(settings) == []
    for month in MONTHS:
        assert pipeline.close_period(settings, month)["news"] == 0
    assert pipeline.find_stale_periods(settings) == []
    assert count_mails(engine) == mails
    assert sorted(path.name for path in settings.published.rglob("*")) == files
    pd.testing.assert_frame_equal(figures(settings), town)


def test_the_order_of_taking_in_makes_no_difference(settings: Settings) -> None:
    drop(settings, "2022-0[34]/*/*/*")
    (waiting,) = pipeline.receive_inbox(settings)
    shuffled = random.Random(4).sample(waiting, len(waiting))
    for start in range(0, len(shuffled), 9):
        pipeline.take_in(settings, shuffled[start : start + 9])
    in_disorder = figures(settings, "2022-03", "2022-04")
    for month in ("2022-03", "2022-04"):
        pipeline.close_period(settings, month)  # reads every report again, the earlier period first
    pd.testing.assert_frame_equal(figures(settings, "2022-03", "2022-04"), in_disorder)
    assert (whole(in_disorder, "desk")["pending_total"], whole(in_disorder, "wards")["pending_total"]) == (100, 2)


def test_a_corrected_file_changes_exactly_its_period_and_one_receipt_goes_out(
    settings: Settings, engine: Engine
) -> None:
    drop(settings, "2022-0[34]/1-first/*/*")
    intake(settings)
    before, mails = {m: figures(settings, m, m) for m in ("2022-03", "2022-04")}, count_mails(engine)
    drop(settings, "2022-04/2-later/09574/*")
    assert intake(settings) == ["2022-04"]
    pd.testing.assert_frame_equal(figures(settings, "2022-03", "2022-03"), before["2022-03"])
    assert not figures(settings, "2022-04", "2022-04").equals(before["2022-04"])
    assert count_mails(engine) == mails + 2  # the receipt, and the digest of the restated month
    assert (settings.published / "2022-04" / "no2" / "town-2022-04.xlsx").exists()


def test_an_unreadable_file_is_answered_and_named_until_a_good_one_comes(settings: Settings) -> None:
    drop(settings, "2022-02/1-first/*/*", "2022-03/1-first/09595/*")
    intake(settings)
    _, unreadable = commands.status(settings, "2022-02")
    assert [file["sent_by"] for file in unreadable] == ["09595"]
    drop(settings, "2022-02/2-later/09595/*")
    intake(settings)
    assert commands.status(settings, "2022-02")[1] == []


def write_table(settings: Settings, name: str, **received: int) -> Path:
    """Write a plain table of phường Phú Thịnh: all that came in a field was resolved on time."""
    names = {"chung_thuc": "Chứng thực", "ho_tich": "Hộ tịch", "dat_dai": "Đất đai"}
    head = "Đơn vị;Kỳ báo cáo;Lĩnh vực;Tổng số tiếp nhận;Từ kỳ trước chuyển qua;Tổng số đã giải quyết;"
    lines = [head + "Giải quyết trước hạn và đúng hạn;Giải quyết quá hạn"]
    lines += [f"phường Phú Thịnh;2022-04;{names[field]};{n};0;{n};{n};0" for field, n in received.items()]
    settings.home.joinpath(name).write_text("\n".join(lines) + "\n", "utf-8-sig")
    return settings.home / name


def receipt_of(settings: Settings, told: list[dict[str, Any]], suffix: str = "") -> str:
    return last_mail(settings, f"receipt:{told[-1]['sha256']}{suffix}")


def test_a_receipt_says_which_report_it_replaces(settings: Settings) -> None:
    first = commands.submit(settings, [write_table(settings, "a.csv", chung_thuc=1200, ho_tich=7)])
    assert first[0]["outcome"].startswith("accepted"), first
    assert "thay cho báo cáo đã nhận" not in receipt_of(settings, first)
    said = receipt_of(settings, commands.submit(settings, [write_table(settings, "b.csv", chung_thuc=1200)]))
    assert "thay cho báo cáo đã nhận lúc" in said and "(tệp a.csv)" in said
    assert "Báo cáo trước có lĩnh vực Hộ tịch, báo cáo này không có" in said and "1.207 → 1.200" in said
    same = write_table(settings, "c.csv", chung_thuc=1200)
    same.write_bytes(same.read_bytes() + b"\n")
    assert "thay cho báo cáo đã nhận" not in receipt_of(settings, commands.submit(settings, [same]))


def test_an_earlier_file_sent_again_does_not_count_and_the_ward_is_told_once(
    settings: Settings, engine: Engine
) -> None:
    first = write_table(settings, "a.csv", chung_thuc=1200, ho_tich=7)
    second = write_table(settings, "b.csv", chung_thuc=1200, ho_tich=9)
    commands.submit(settings, [first])
    mails = count_mails(engine)
    (told,) = commands.submit(settings, [first])
    assert (told["outcome"], told["note"]) == ("already received", "it is the file that counts")
    assert count_mails(engine) == mails
    commands.submit(settings, [second])
    intake(settings)
    mails, before = count_mails(engine), figures(settings, "2022-04", "2022-04")
    for _ in range(2):
        told = send_again(settings, first)
        assert "Phú Thịnh 2022-04: the file that counts is b.csv, received " in told["note"]
        assert count_mails(engine) == mails + 1
    pd.testing.assert_frame_equal(figures(settings, "2022-04", "2022-04"), before)
    said = receipt_of(settings, [told], ":again")
    assert "giống hệt tệp đã nhận lúc" in said and "báo cáo đang được tính là tệp b.csv nhận lúc" in said
    assert "hãy lưu tệp lại (đổi ngày ký chẳng hạn) rồi gửi" in said
    commands.submit(settings, [write_table(settings, "c.csv", chung_thuc=1200, ho_tich=8)])
    send_again(settings, first)
    assert "báo cáo đang được tính là tệp c.csv" in receipt_of(settings, [told], ":again")
    assert count_mails(engine) == mails + 1 + 3  # the receipt of c, the digest, and that c counts now


def send_again(settings: Settings, file: Path) -> dict[str, Any]:
    """Send a file through the inbox, and by the command after it."""
    (folder := Path(settings.inbox) / "09577").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, sent := folder / file.name)
    intake(settings)
    assert not sent.exists()
    (told,) = commands.submit(settings, [file])
    return told


def test_a_file_sent_again_waits_for_what_came_between(settings: Settings) -> None:
    first = write_table(settings, "a.csv", chung_thuc=1200, ho_tich=7)
    (folder := Path(settings.inbox) / "09577").mkdir(parents=True)
    shutil.copyfile(first, folder / "a.csv")
    os.utime(folder / "a.csv", (1_500_000_000, 1_500_000_000))
    intake(settings)
    shutil.copyfile(write_table(settings, "b.csv", chung_thuc=1200, ho_tich=9), folder / "b.csv")
    os.utime(folder / "b.csv", (1_600_000_000, 1_600_000_000))
    shutil.copyfile(first, again := folder / "a.csv")
    intake(settings)
    assert again.exists() and not (folder / "b.csv").exists()
    intake(settings)
    assert not again.exists()
    assert "báo cáo đang được tính là tệp b.csv" in last_mail(settings, "receipt:%:again")


def test_a_rejected_correction_is_seen_by_the_town_and_changes_no_figure(settings: Settings) -> None:
    wrong, good = sorted(SAMPLES.glob("2022-04/*/09574/*"))
    commands.submit(settings, [good])
    assert pipeline.find_stale_periods(settings) == ["2022-04"]
    pipeline.publish_period(settings, "2022-04")
    before = figures(settings, "2022-04", "2022-04")
    assert newer_of(settings) is None
    commands.submit(settings, [wrong])
    newer = newer_of(settings)
    assert newer and newer["name"] == wrong.name
    assert pipeline.find_stale_periods(settings) == []
    assert pipeline.publish_period(settings, "2022-04")["is_new"] is False
    pd.testing.assert_frame_equal(figures(settings, "2022-04", "2022-04"), before)
    text = render_status(*commands.status(settings, None), Language.VI)
    assert "bản sửa gửi lúc " in text and f"chưa đạt ({wrong.name})" in text
    drop(settings, "2022-04/1-first/09577/*")
    intake(settings)
    assert f"chưa đạt ({wrong.name})" in last_mail(settings, "digest:2022-04")


def newer_of(settings: Settings, code: str = "09574") -> dict[str, str] | None:
    rows, _ = commands.status(settings, "2022-04")
    (newer,) = [row["newer"] for row in rows if row["unit_code"] == code]
    return newer


def last_mail(settings: Settings, topic: str) -> str:
    """Give the text of the last mail about a topic."""
    found = text("SELECT body_text FROM mail WHERE topic LIKE :topic ORDER BY mail_no DESC LIMIT 1")
    with connect(settings.database_url).connect() as conn:
        return str(conn.execute(found, {"topic": topic}).scalar())


def test_submit_says_what_became_of_each_file(settings: Settings, tmp_path: Path) -> None:
    wrong, good = sorted(SAMPLES.glob("2022-04/*/09574/*"))
    gone = tmp_path / "gone.xlsx"
    told = commands.submit(settings, [wrong, good, gone])
    assert [one["outcome"] for one in told] == ["rejected", "accepted", "unreadable"]
    assert [one["outcome"] for one in commands.submit(settings, [wrong])] == ["already received"]
    assert {finding["rule"] for finding in told[0]["findings"]} == {"B.resolved", "T.total-row"}


def test_a_file_missing_from_the_archive_is_our_fault_and_holds_up_no_other(settings: Settings) -> None:
    drop(settings, "2022-01/1-first/0957*/*")
    (waiting,) = pipeline.receive_inbox(settings)
    lost = next(path for path in settings.archive.rglob(waiting[0]))
    lost.rename(tmp := lost.with_suffix(".away"))
    with pytest.raises(LoadError, match=waiting[0][:12]):
        pipeline.take_in(settings, waiting)
    assert pipeline.receive_inbox(settings) == [[waiting[0]]]
    tmp.rename(lost)
    assert pipeline.take_in(settings, [waiting[0]])["accepted"] == 1


def test_an_archive_that_cannot_be_written_makes_the_step_fail_and_the_file_stays(settings: Settings) -> None:
    (file,) = drop(settings, "2022-01/1-first/09574/*")
    settings.archive.parent.mkdir(parents=True, exist_ok=True)
    settings.archive.write_text("not a folder")
    with pytest.raises(ConfigError, match="the archive"):
        pipeline.receive_inbox(settings)
    assert file.exists()
    settings.archive.unlink()
    assert intake(settings) == ["2022-01"]
    assert not file.exists()


def test_a_file_that_vanishes_from_the_inbox_holds_up_no_other(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone, _ = drop(settings, "2022-01/1-first/09574/*", "2022-01/1-first/09577/*")
    arrivals = list(pipeline.find_arrivals(settings.inbox, settle_seconds=0))
    gone.unlink()
    monkeypatch.setattr(pipeline, "find_arrivals", lambda *_, **__: iter(arrivals))
    (waiting,) = pipeline.receive_inbox(settings)
    assert len(waiting) == 1
    assert "a file of the inbox stays there: No such file" in caplog.text
    assert not list(settings.archive.glob(".arriving-*"))


def test_a_mail_server_that_is_away_delays_mail_and_loses_nothing(settings: Settings, tmp_path: Path) -> None:
    drop(settings, "2022-04/1-first/0957*/*")  # the wrong file among them: its receipt has long lines
    intake(settings)
    away = Settings.from_env(environ_of(settings, smtp="smtp://127.0.0.1:1"))
    assert pipeline.send_mails(away)["sent"] == 0
    (mails := tmp_path / "mails").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with mail_server(mails, port):
        back = Settings.from_env(environ_of(settings, smtp=f"smtp://127.0.0.1:{port}"))
        assert pipeline.send_mails(back) == {"sent": 3, "waiting": 0, "refused": 0, "undeliverable": 0}
        assert pipeline.send_mails(back)["sent"] == 0
    assert len(list(mails.glob("*.eml"))) == 3


def environ_of(settings: Settings, *, smtp: str) -> dict[str, str]:
    return {
        "WARD_REPORTS_HOME": str(settings.home),
        "WARD_REPORTS_DATABASE_URL": settings.database_url,
        "WARD_REPORTS_SMTP_URL": smtp,
    }


def test_the_dataset_is_written_in_every_format(settings: Settings, tmp_path: Path) -> None:
    drop(settings, "2022-01/1-first/*/*")
    intake(settings)
    release = build_document(settings, Wanted("2022-01", "2022-01"))
    for form in ("csv", "json", "xlsx", "parquet", "html", "pdf", "checks", "package"):
        write_town(release, form, Language.VI, tmp_path / f"a.{form}")
    received = whole(release.dataset.frame, "town")["received_total"]
    parquet, table = pd.read_parquet(tmp_path / "a.parquet"), pd.read_csv(tmp_path / "a.csv")
    assert whole(parquet, "town")["received_total"] == whole(table, "town")["received_total"] == received
    told = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert (told["is_partial"], told["publication"]) == (False, 0)
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF") and (
        tmp_path / "a.package" / "datapackage.json"
    ).exists()
    assert "Chưa công bố" in (tmp_path / "a.html").read_text("utf-8")
    (tmp_path / "a.package" / "mine.txt").touch()
    with pytest.raises(ConfigError, match=r"mine\.txt"):
        write_town(release, "package", Language.VI, tmp_path / "a.package")


def test_lines_are_chosen_by_unit_field_and_system(settings: Settings) -> None:
    drop(settings, "2022-01/1-first/*/*")
    intake(settings)
    one = Wanted("2022-01", "2022-01", unit="Sơn Lộc", field="ho tich", source_system="Hệ thống thành phố")
    (line,) = build_release(settings, one).dataset.frame.to_dict("records")
    assert (line["unit_code"], line["field"], line["source_system"]) == ("09586", "ho-tich", "city")
    table = compose_town(build_release(settings, one), "table", Language.EN).decode()
    assert "phường Sơn Lộc, Hộ tịch, the city's system" in table
    for wrong in (replace(one, unit="Nowhere"), replace(one, field="nothing"), replace(one, units_of="2020-01-01")):
        with pytest.raises(ConfigError):
            build_release(settings, wrong)


def test_a_range_whose_stocks_do_not_continue_says_so(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    head = "unit,period,carried_over,received_in_period,received_total,resolved_total,pending_total\n"
    path.write_text(f"{head}Đường Lâm,2021-05,0,20,20,14,6\nĐường Lâm,2021-06,0,5,5,5,0\n", "utf-8")
    (told,) = commands.submit(settings, [path])
    assert [finding["rule"] for finding in told["findings"]] == ["C.roll-forward"]
    release = build_release(settings, Wanted("2021-05", "2021-06"))
    told = compose_town(release, "table", Language.VI).decode()
    assert "xã Đường Lâm, tháng 6/2021: −6, số từ kỳ trước" in told
    ward = release.dataset.frame.set_index(["scope", "unit_code", "field"]).loc["ward", "09592", "all"]
    assert (ward["carried_over"], ward["adjustment"], ward["pending_total"]) == (0, -6, 0)


def test_a_quarter_is_built_from_its_months_whatever_else_was_sent(settings: Settings, tmp_path: Path) -> None:
    drop(settings, "2022-0[123]/1-first/269/*")
    intake(settings)
    path = tmp_path / "quarter.csv"
    path.write_text("unit,period,received_total,resolved_total\nLê Lợi,2022-Q1,5,50\n", "utf-8")
    assert [one["outcome"] for one in commands.submit(settings, [path])] == ["rejected"]
    assert len(build_release(settings, Wanted("2022-Q1", "2022-Q1")).dataset.periods) == 3
