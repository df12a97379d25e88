"""What is judged again, and what a judgement that others have overtaken must not do."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from etl import commands, decisions, pipeline
from etl.db import connect
from etl.errors import ConfigError, LoadError
from etl.installation import open_installation
from etl.judging import judge, judge_again
from etl.settings import Settings
from etl.warehouse.submissions import ask_again, find_submission
from tests.db.plain import HEAD, MONTH, WARD, figures, hashes, submit, write


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    url = engine.url.render_as_string(hide_password=False)
    return Settings.from_env({"WARD_REPORTS_HOME": str(tmp_path), "WARD_REPORTS_DATABASE_URL": url})


def findings_of(settings: Settings, name: str) -> list[str]:
    statement = """
        SELECT rule FROM finding JOIN submission ON sha256 = submission
        WHERE name = :name AND revision = (SELECT max(revision) FROM reading WHERE submission = sha256) ORDER BY ordinal
    """
    with connect(settings.database_url).begin() as conn:
        return list(conn.execute(text(statement), {"name": name}).scalars())


def open_wishes(settings: Settings) -> list[str]:
    statement = "SELECT DISTINCT name FROM rejudgement JOIN submission ON sha256 = submission WHERE done_at IS NULL"
    with connect(settings.database_url).begin() as conn:
        return list(conn.execute(text(statement)).scalars())


def overtaken(settings: Settings, name: str, meanwhile: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge a file as an intake would, and let something happen between its check and its load."""
    here = open_installation(settings)
    with here.engine.begin() as conn:
        submission = find_submission(conn, hashes(settings, name)[0])
    assert callable(meanwhile)
    from etl import judging

    marking = judging.is_news

    def and_then(*args: object) -> bool:
        monkeypatch.setattr(judging, "is_news", marking)
        meanwhile()
        return bool(marking(*args))

    monkeypatch.setattr(judging, "is_news", and_then)
    judge(here, [submission])


def test_a_judgement_begun_before_a_decision_does_not_undo_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert submit(settings, write(settings, "a.csv", total=8)) == ["rejected"]
    overtaken(
        settings, "a.csv",
        lambda: decisions.correct(settings, WARD, MONTH, {"J2": 9}, reason="gõ nhầm", author="lan"), monkeypatch,
    )  # fmt: skip
    assert figures(settings, "resolved_total") == 9 and findings_of(settings, "a.csv") == ["V.corrected"]
    judge_again(open_installation(settings))
    assert figures(settings, "resolved_total") == 9 and open_wishes(settings) == []


def test_a_wish_made_while_a_file_is_judged_is_not_lost(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(settings, write(settings, "a.csv"))
    here = open_installation(settings)
    (sha,) = hashes(settings, "a.csv")

    def ask() -> None:
        with here.engine.begin() as conn:
            ask_again(conn, sha, "decision")

    ask()
    overtaken(settings, "a.csv", ask, monkeypatch)
    assert open_wishes(settings) == ["a.csv"]
    judge_again(here)
    assert open_wishes(settings) == []


def test_a_file_that_breaks_the_program_holds_up_no_publication(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv"))
    here = open_installation(settings)
    (sha,) = hashes(settings, "a.csv")
    with here.engine.begin() as conn:
        ask_again(conn, sha, "decision")
        archived = find_submission(conn, sha).path
    archived.rename(archived.with_name("away"))
    with pytest.raises(LoadError, match="broke the program"):
        pipeline.judge_what_changed(settings)
    assert pipeline.find_stale_periods(settings) == [MONTH]
    archived.with_name("away").rename(archived)
    assert pipeline.judge_what_changed(settings)["submissions"] == 1


def test_a_report_is_held_against_the_report_that_counts_whatever_came_with_it(settings: Settings) -> None:
    newer = write(settings, "mới.csv", month="2022-03", opening=0, received=10, resolved=3, minutes=9)
    older = write(settings, "cũ.csv", month="2022-03", opening=0, received=10, resolved=7, minutes=1)
    april = write(settings, "t4.csv", month="2022-04", opening=7, received=1, resolved=1, minutes=10)
    submit(settings, newer, older, april)
    assert figures(settings, "pending_total", "2022-03") == 7
    assert findings_of(settings, "t4.csv") == [] and open_wishes(settings) == []


def test_an_empty_form_after_a_period_with_stocks_is_not_judged_for_ever(settings: Settings) -> None:
    submit(settings, write(settings, "t4.csv", month="2022-04"))
    form = settings.home / "biểu trống.xlsx"
    commands.write_form(settings, WARD, "2022-05", form)
    assert submit(settings, form) == ["rejected"]
    assert findings_of(settings, form.name)[:1] == ["S.empty"] and open_wishes(settings) == []
    assert pipeline.judge_what_changed(settings)["submissions"] == 0


def test_what_the_next_period_opened_with_speaks_for_a_proposal(settings: Settings) -> None:
    submit(settings, write(settings, "t5.csv", month="2022-05", opening=3, received=1, resolved=1))
    april = write(settings, "t4.csv", month="2022-04", opening=2, received=10, resolved=9)
    april.write_text(april.read_text().rstrip().removesuffix(",3") + ",13\n")
    (told,) = commands.submit(settings, [april])
    (finding,) = told["findings"]
    assert (finding["suggestion"]["cell"], finding["suggestion"]["value"]) == ("K2", 3)
    assert "khớp với kỳ sau" in finding["suggestion"]["reason"]


def test_the_next_period_loaded_first_is_judged_again_when_the_one_before_comes(settings: Settings) -> None:
    submit(settings, write(settings, "t4.csv", month="2022-04", opening=1, received=1, resolved=1))
    submit(settings, write(settings, "t3.csv", month="2022-03", opening=0, received=10, resolved=3))
    assert findings_of(settings, "t4.csv") == ["C.roll-forward"]


def test_a_decision_is_about_the_report_that_counts_and_another_one_can_be_named(settings: Settings) -> None:
    submit(settings, write(settings, "mới.csv", minutes=5))
    submit(settings, write(settings, "cũ.csv", resolved=4))
    told = decisions.correct(settings, WARD, MONTH, {"E2": 11, "G2": 13, "K2": 4}, reason="x", author="lan")
    assert (told["file"], told["stand"]) == ("mới.csv", "counts") and figures(settings, "received_in_period") == 11
    (code,) = hashes(settings, "cũ.csv")
    told = decisions.correct(settings, WARD, MONTH, {"E2": 12, "G2": 14, "K2": 10}, reason="x", author="lan", file=code)
    assert (told["file"], told["stand"]) == ("cũ.csv", "older")
    with pytest.raises(ConfigError, match=r"which report .*mới\.csv"):
        decisions.correct(settings, WARD, MONTH, {"E2": 12}, reason="x", author="lan", file="ffff")


def test_a_correction_beside_a_waiver_is_judged_with_it(settings: Settings) -> None:
    submit(settings, write(settings, "a.csv", total=8))
    for rule in ("B.resolved", "B.flow"):
        decisions.waive(settings, WARD, MONTH, rule, reason="tạm", author="lan")
    with pytest.raises(ConfigError, match="no finding proposes"):
        decisions.correct(settings, WARD, MONTH, {}, reason="x", author="lan")
    told = decisions.correct(settings, WARD, MONTH, {"E2": 10, "F2": 2}, reason="như cũ", author="lan")
    assert told["verdict"] == "accepted"


def test_a_waiver_covers_one_row_of_one_system_with_these_figures_on_both_sides(settings: Settings) -> None:
    rows = [[WARD, MONTH, "ho-tich", system, 10, 2, 12, 9, 0, 8, 3] for system in ("city", "ministries")]
    file = settings.home / "hai hệ thống.csv"
    file.write_text("\n".join([HEAD, *(",".join(map(str, row)) for row in rows)]) + "\n")
    submit(settings, file)
    told = decisions.waive(settings, WARD, MONTH, "B.resolved", reason="x", author="lan", cell="J2")
    assert [(e["rule"], e["cell"]) for e in told["errors"]] == [
        ("B.flow", "G2"), ("B.resolved", "J3"), ("B.flow", "G3"),
    ]  # fmt: skip
    submit(settings, write(settings, "khác.csv", resolved=7, total=8, minutes=9))
    assert "B.resolved" in findings_of(settings, "khác.csv")
    assert commands.status(settings, MONTH)[0][0]["status"] == "rejected"


def test_what_no_count_can_be_read_from_is_corrected_and_not_waived(settings: Settings) -> None:
    file = write(settings, "a.csv")
    file.write_text(file.read_text().replace(",10,", ",1297x,"))
    assert submit(settings, file) == ["rejected"]
    with pytest.raises(ConfigError, match="correct it"):
        decisions.waive(settings, WARD, MONTH, "V.not-a-count", reason="x", author="lan")
    assert decisions.correct(settings, WARD, MONTH, {"E2": 10}, reason="gọi điện", author="lan")["stand"] == "counts"
    assert figures(settings, "received_in_period") == 10


def test_a_waived_question_is_shown_as_such_and_ends_without_being_judged_for_ever(settings: Settings) -> None:
    text_io = io.StringIO()
    for month in range(1, 11):
        received = 900 if month == 10 else 100 + month
        key, opening = f"2021-{month:02}", 0
        text_io.write(f"{WARD},{key},ho-tich,,{received},{opening},{received},{received},0,{received},0\n")
    file = settings.home / "năm.csv"
    file.write_text(HEAD + "\n" + text_io.getvalue())
    submit(settings, file)
    assert findings_of(settings, "năm.csv").count("H.ratio") >= 1
    decisions.waive(settings, WARD, "2021-10", "H.ratio", reason="đợt cấp đổi", author="lan", every=True)
    assert all(one["acts"] for one in decisions.list_decisions(settings))
    statement = "UPDATE waiver SET until = '2022-01-01'"
    with connect(settings.database_url).begin() as conn:
        conn.execute(text("ALTER TABLE waiver DISABLE TRIGGER USER"))
        conn.execute(text(statement))
    assert pipeline.judge_what_changed(settings)["news"] == 1
    assert pipeline.judge_what_changed(settings)["submissions"] == 0
