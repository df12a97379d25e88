"""The paragraph for the leader: the sentence officials write, whatever is missing from it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from etl.model import Language
from etl.periods import Calendar, Period
from etl.publishing.adjustment_words import kind_words
from etl.publishing.changes import Changes, FigureChange, ReportChange
from etl.publishing.narrative import compose_narrative
from etl.publishing.release import Release
from etl.publishing.roles import find_roles
from etl.publishing.spoken_period import begin_with_period, say_period
from etl.reference import read_reference
from etl.town_dataset import AdjustmentKind, Decision
from tests.unit.release_example import FOUR_MONTHS, adjusted, of_another_form, over, release, with_figures, without
from tests.unit.town_example import REFERENCE, figures, town, with_status

VI, EN = Language.VI, Language.EN
FOIA = read_reference(Path(__file__).parent / "foia")
PUBLISHED = {
    "received_total": 6977, "received_in_period": 6940, "carried_over": 37, "resolved_total": 6975,
    "resolved_in_time": 6957, "resolved_overdue": 18, "pending_total": 2,
}  # fmt: skip


def told(of: Release, language: Language = VI) -> str:
    return compose_narrative(of, language).text


def first(of: Release, language: Language = VI) -> str:
    return compose_narrative(of, language).sentences[0]


def test_tells_the_wards_as_the_published_report_did() -> None:
    dataset = with_figures(over(town(), FOUR_MONTHS), "wards", PUBLISHED)
    assert first(release(dataset)) == (
        "Trong 4 tháng đầu năm 2022, Bộ phận Tiếp nhận và Trả kết quả các phường đã tiếp nhận 6.977 hồ sơ (trong đó "
        "37 hồ sơ từ kỳ trước chuyển sang), đã giải quyết 6.975 hồ sơ, trong đó trước và đúng hạn 6.957 hồ sơ (đạt "
        "99,74\u00a0%), quá hạn 18 hồ sơ; đang giải quyết 2 hồ sơ."
    )
    assert first(release(dataset), EN) == (
        "In the first four months of 2022, the wards together received 6,977 dossiers (37 of them carried over from "
        "the period before) and resolved 6,975, of which 6,957 in time (99.74\u00a0%) and 18 overdue; 2 dossiers are "
        "still pending."
    )


def test_tells_wards_then_desk_then_town() -> None:
    sentences = compose_narrative(release(), VI).sentences
    assert [sentence.split(" đã ")[0] for sentence in sentences] == [
        "Trong tháng 4 năm 2022, Bộ phận Tiếp nhận và Trả kết quả các phường",
        "Bộ phận một cửa",
        "Tính chung toàn thị xã Sơn Tây",
    ]
    assert "đã tiếp nhận 200 hồ sơ" in sentences[2]


@pytest.mark.parametrize(
    ("period", "vi", "en"),
    [
        ((2022, 4, 2022, 4), "Trong tháng 4 năm 2022", "In April 2022"),
        ((2022, 1, 2022, 3), "Trong quý I năm 2022", "In the first quarter of 2022"),
        ((2022, 10, 2022, 12), "Trong quý IV năm 2022", "In the fourth quarter of 2022"),
        ((2022, 1, 2022, 6), "Trong 6 tháng đầu năm 2022", "In the first half of 2022"),
        ((2022, 7, 2022, 12), "Trong 6 tháng cuối năm 2022", "In the second half of 2022"),
        ((2022, 1, 2022, 12), "Trong năm 2022", "In 2022"),
        ((2022, 1, 2022, 4), "Trong 4 tháng đầu năm 2022", "In the first four months of 2022"),
        ((2022, 1, 2022, 11), "Trong 11 tháng đầu năm 2022", "In the first eleven months of 2022"),
        ((2022, 3, 2022, 5), "Từ tháng 3 đến tháng 5 năm 2022", "From March to May 2022"),
        (
            (2021, 11, 2022, 2),
            "Từ tháng 11 năm 2021 đến tháng 2 năm 2022",
            "From November 2021 to February 2022",
        ),
    ],
)
def test_says_periods_as_officials_do(period: tuple[int, int, int, int], vi: str, en: str) -> None:
    spoken = Calendar(14).months((period[0], period[1]), (period[2], period[3]))
    assert (begin_with_period(spoken, VI), begin_with_period(spoken, EN)) == (vi, en)


def test_says_days_where_a_period_is_no_run_of_months() -> None:
    period = Period(date(2022, 1, 3), date(2022, 1, 9), "2022-01-03/2022-01-09")
    assert say_period(period, VI) == "từ ngày 3/1/2022 đến ngày 9/1/2022"
    assert begin_with_period(period, EN).startswith("From 3/1/2022 to")


def test_says_in_the_very_first_sentence_who_is_missing() -> None:
    dataset = with_status(town(received=(100, None, None)), "269", "rejected")
    assert first(release(dataset)) == (
        "Số liệu tháng 4 năm 2022 của thị xã Sơn Tây chưa đầy đủ: mới có 1/3 đơn vị báo cáo; chưa có báo cáo của "
        "phường Phú Thịnh; báo cáo bị trả lại để sửa: Bộ phận một cửa."
    )
    assert first(release(dataset), EN).startswith("The figures of Sơn Tây town for April 2022 are partial: 1/3 units")
    assert "chưa đầy đủ" not in told(release())


def test_names_the_months_that_are_missing() -> None:
    dataset = over(town(received=(100, None, 40)), FOUR_MONTHS)
    coverage = dataset.coverage.copy()
    coverage.loc[coverage["period_key"] != "2022-03", "status"] = "accepted"
    assert "chưa có báo cáo của phường Phú Thịnh (tháng 3/2022)." in first(release(replace(dataset, coverage=coverage)))


def test_leaves_out_what_is_not_reported() -> None:
    nothing: dict[str, int | None] = dict.fromkeys(REFERENCE.form.measure_names)
    known = with_figures(town(), "wards", nothing | {"received_total": 160, "resolved_total": 158})
    assert first(release(known)).endswith("đã tiếp nhận 160 hồ sơ, đã giải quyết 158 hồ sơ.")
    assert first(release(known), EN).endswith("received 160 dossiers and resolved 158.")
    late = with_figures(
        town(), "wards", nothing | {"resolved_overdue": 3, "received_in_period": 150, "carried_over": 2}
    )
    assert first(release(late)).endswith(
        "đã tiếp nhận trong kỳ 150 hồ sơ (chưa kể 2 hồ sơ từ kỳ trước chuyển sang), giải quyết quá hạn 3 hồ sơ."
    )
    assert first(release(with_figures(town(), "wards", nothing))).endswith("các phường chưa có số liệu.")


def test_says_nothing_arose_and_nothing_is_left_in_words() -> None:
    none = dict.fromkeys(REFERENCE.form.measure_names, 0)
    assert first(release(with_figures(town(), "wards", none))).endswith("các phường không phát sinh hồ sơ.")
    text = first(release(with_figures(town(), "wards", figures(160))))
    assert text.endswith("(đạt 100,00\u00a0%), không có hồ sơ quá hạn; không còn hồ sơ đang giải quyết.")
    held = figures(0) | {"received_total": 1, "carried_over": 1, "pending_total": 1}
    assert first(release(with_figures(town(), "wards", held)), EN).endswith(
        "received 1 dossier (1 of them carried over from the period before) and resolved none; "
        "1 dossier is still pending."
    )


@pytest.mark.parametrize("absent", [("desk",), ("wards",)])
def test_tells_a_sum_of_one_scope_only_once(absent: tuple[str, ...]) -> None:
    for language in Language:
        (only,) = compose_narrative(release(without(town(), *absent)), language).sentences
        assert "Tính chung" not in only and "as a whole" not in only
        assert only.startswith(("Trong tháng 4 năm 2022, ", "In April 2022, "))


def test_enumerates_the_figures_of_a_form_that_is_not_the_officials() -> None:
    assert find_roles(FOIA.form) is not None
    assert told(of_another_form(FOIA), EN) == (
        "In 2020, the wards together: requests to deal with 200, pending at the start 60, received 140, "
        "processed 160, pending at the end 40."
    )
    assert "hồ sơ" not in told(of_another_form(FOIA), VI)


def test_finds_the_part_of_each_measure() -> None:
    roles = find_roles(REFERENCE.form)
    assert roles is not None and roles.is_official
    assert (roles.total, roles.incoming, roles.opening) == ("received_total", "received_in_period", "carried_over")
    assert (roles.done, roles.closing) == ("resolved_total", "pending_total")
    assert (roles.in_time, roles.overdue) == ("resolved_in_time", "resolved_overdue")
    assert find_roles(replace(REFERENCE.form, roll_forwards=())) is None


def test_mentions_adjustments_only_where_there_are_any() -> None:
    assert "so với số tính từ" not in told(release())
    dataset = adjusted(town(), ("phường Lê Lợi", 5, "break"), ("phường Phú Thịnh", -2, "absent"))
    assert (
        "Cuối kỳ còn nhiều hơn 3 hồ sơ so với số tính từ đầu kỳ, tiếp nhận và giải quyết: số từ kỳ trước chuyển sang "
        "không khớp với số còn lại của tháng trước (phường Lê Lợi: +5); "
        "có tháng không có báo cáo trong số liệu (phường Phú Thịnh: \u22122)."
    ) in told(release(dataset))
    even = adjusted(town(), ("phường Lê Lợi", 2, "break"), ("phường Phú Thịnh", -2, "break"))
    assert "bù trừ nhau" in told(release(even)) and "cancel out" in told(release(even), EN)


@pytest.mark.parametrize("kind", AdjustmentKind)
def test_has_words_for_every_reason_of_an_adjustment(kind: AdjustmentKind) -> None:
    dataset = adjusted(town(), ("phường Lê Lợi", 5, str(kind)))
    for language in Language:
        assert kind_words(kind, language) in told(release(dataset), language)


def test_counts_who_was_late_once() -> None:
    dataset = over(with_status(town(), "09577", "accepted", is_late=True), FOUR_MONTHS)
    assert "Có 1 đơn vị gửi báo cáo muộn: phường Phú Thịnh." in told(release(dataset))
    assert "1 unit reported late: phường Phú Thịnh." in told(release(dataset), EN)


def test_says_that_decisions_are_in_the_figures() -> None:
    decision = Decision("correction", "09574", "phường Lê Lợi", "2022-04", None, "sửa", "corrected")
    assert "Trong số liệu có 1 chỗ đã sửa, có ghi lý do." in told(release(town(decisions=(decision,))))


def change(scope: str, measure: str, before: int | None, after: int | None) -> FigureChange:
    unit = ("09574", "phường Lê Lợi") if scope == "ward" else ("", "")
    return FigureChange(scope, *unit, "all", "all", measure, before, after)


def test_says_what_it_replaces_and_the_change_that_matters_most() -> None:
    came = ReportChange(
        "09616", "xã Cổ Đông", "2022-03", "came", "09616", None, "báo cáo của xã Cổ Đông đến", "it came"
    )
    figures_changed = (
        change("ward", "received_total", 1, 900),
        change("town", "resolved_total", 195, 198),
        change("town", "received_total", 193, 200),
    )
    changes = Changes(1, datetime(2022, 4, 20, tzinfo=UTC), figures_changed, (came, came))
    text = told(release(number=2, changes=changes))
    assert text.endswith(
        "Số liệu này thay cho công bố lần 1 ngày 20/04/2022; thay đổi lớn nhất: tổng số tiếp nhận của toàn thị xã "
        "từ 193 thành 200 (+7), sau khi có thay đổi về báo cáo của xã Cổ Đông (tháng 3/2022)."
    )
    unknown = replace(changes, figures=(change("town", "received_total", None, 200),), reports=())
    assert "nay là 200 (trước đây chưa có số liệu)." in told(release(number=2, changes=unknown))
    assert "các số liệu không đổi." in told(release(number=2, changes=replace(changes, figures=())))


def test_puts_a_hostile_name_on_one_line() -> None:
    frame = town().frame.replace({"unit_name": {"phường Phú Thịnh": "x\n\u202ey" * 99}})
    dataset = town(received=(100, None, 40))
    coverage = dataset.coverage.replace({"unit_name": {"phường Phú Thịnh": "x\n\u202ey" * 99}})
    text = told(release(replace(dataset, frame=frame, coverage=coverage)))
    assert "\n" not in text and "\u202e" not in text and len(text) < 1_500
