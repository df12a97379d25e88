"""The report of the checks: every rule, every report, every finding, the worst first."""

from dataclasses import replace

import pytest

from etl.model import Finding, Language, Severity
from etl.publishing.checks_page import build_judged, compose_checks_page, kind_of
from etl.publishing.release import Release
from etl.publishing.rule_table import build_rule_lines
from etl.rules import RULES, rule_of
from etl.town_dataset import Decision
from tests.unit.release_example import release
from tests.unit.test_page import HOSTILE, Outline
from tests.unit.town_example import REFERENCE, town, with_status

VI, EN = Language.VI, Language.EN


def finding(rule: str, severity: Severity = Severity.WARNING, **facts: object) -> Finding:
    where = {"unit": "09574", "period": "2022-04", "cell": "C9", "found": "1297", "expected": "1197"} | facts
    return Finding(rule[0], rule, severity, f"câu {rule}", f"words {rule}", **where)  # type: ignore[arg-type]


ERROR = finding("B.resolved", Severity.ERROR, unit="09577", suggestion={"measure": None, "cell": "C9", "value": 7})
WARNING, QUESTION = finding("V.blank"), finding("H.ratio")
WAIVED, CORRECTED = finding("C.roll-forward", waiver_no=4), finding("V.corrected")


def judged(*findings: Finding) -> Release:
    dataset = with_status(town(), "09577", "rejected")
    decision = Decision("waiver", "09574", "phường Lê Lợi", "2022-04", None, "vì lý do (người duyệt)", "why (who)")
    return release(replace(dataset, decisions=(decision,)), findings=findings)


def test_lists_every_rule_of_the_form_once() -> None:
    names = [line.name for line in build_rule_lines(release(), VI)]
    balances = [f"B.{balance.name}" for balance in REFERENCE.form.balances]
    assert sorted(names) == sorted([*balances, *(name for name in RULES if name != "B.balance")])
    assert [line.name for line in build_rule_lines(release(findings=(finding("X.new"),)), VI)][-1] == "X.new"


@pytest.mark.parametrize("language", Language)
def test_words_every_rule_without_anything_to_fill_in(language: Language) -> None:
    lines = {line.name: line.words for line in build_rule_lines(release(), language)}
    assert all(len(words) > 12 and "{" not in words and not words.startswith("…") for words in lines.values())
    expected = {VI: "Từ kỳ trước chuyển qua = Tổng số đang giải quyết của kỳ trước"}
    assert lines["C.roll-forward"] == expected.get(language, lines["C.roll-forward"])


def test_counts_on_how_many_reports_a_rule_was_looked_at_and_what_it_found() -> None:
    dataset = with_status(town(received=(100, None, 40)), "269", "rejected")
    lines = {line.name: line for line in build_rule_lines(release(dataset, findings=(WARNING, WAIVED)), VI)}
    assert (lines["V.blank"].looked_at, lines["V.blank"].found, lines["V.blank"].accepted) == ("2", 1, 0)
    assert (lines["C.roll-forward"].found, lines["C.roll-forward"].accepted) == (1, 1)
    assert (lines["L.missing"].looked_at, lines["L.missing"].found) == ("3", 1)
    assert lines["T.town"].looked_at == "số liệu chung"


def test_weighs_rules_as_the_town_does() -> None:
    severities = {"V.blank": Severity.ERROR, "C": Severity.ERROR}
    reference = replace(REFERENCE, town=replace(REFERENCE.town, severities=severities))
    lines = {line.name: line.severity for line in build_rule_lines(release(reference=reference), VI)}
    assert lines["V.blank"] == lines["C.group"] == Severity.ERROR
    assert lines["V.corrected"] == rule_of("V.corrected").severity


def test_puts_the_worst_report_first_and_in_it_the_worst_finding() -> None:
    reports = list(build_judged(judged(WAIVED, CORRECTED, QUESTION, WARNING, ERROR), VI))
    assert [report.name for report in reports] == [
        "phường Phú Thịnh, tháng 4/2022", "phường Lê Lợi, tháng 4/2022", "Bộ phận một cửa, tháng 4/2022",
    ]  # fmt: skip
    assert [line.kind for line in reports[1].lines] == ["warning", "question", "corrected", "accepted"]
    line = reports[0].lines[0]
    assert (line.found, line.expected, line.suggestion) == ("1.297", "1.197", "ô C9 = 7")


def test_tells_what_a_finding_still_asks_for() -> None:
    kinds = [kind_of(one) for one in (ERROR, WARNING, QUESTION, WAIVED, CORRECTED)]
    assert kinds == ["error", "warning", "question", "accepted", "corrected"]


@pytest.mark.parametrize("language", Language)
def test_shows_verdicts_findings_and_decisions(language: Language) -> None:
    text = Outline(compose_checks_page(judged(ERROR, WAIVED), language)).text
    said = {
        VI: ("bị trả lại, cần sửa – 1 lỗi", "câu B.resolved", "Được chấp nhận", "vì lý do (người duyệt)"),
        EN: ("sent back to be corrected – 1 error", "words B.resolved", "Accepted", "why (who)"),
    }
    assert all(words in text for words in said[language])


def test_keeps_a_finding_of_a_unit_that_nobody_expected() -> None:
    text = Outline(compose_checks_page(judged(finding("S.unit-unknown", Severity.ERROR, unit="Lạ")), VI)).text
    assert "ngoài danh sách phải nộp" in text and "câu S.unit-unknown" in text


def test_says_that_nothing_was_found() -> None:
    text = Outline(compose_checks_page(release(), VI)).text
    assert "Không có phát hiện nào" in text and "Báo cáo đạt, không có phát hiện nào (3)" in text


def test_folds_long_lists_and_leaves_nothing_out() -> None:
    many = tuple(finding("V.blank", cell=f"C{i}") for i in range(5_000))
    outline = Outline(compose_checks_page(judged(*many, ERROR), VI))
    assert all(f"Ô C{i}" in outline.text for i in (0, 2_500, 4_999))
    folds = [attributes for tag, attributes in outline.tags if tag == "details"]
    assert ["open" in attributes for attributes in folds] == [True, False, False]


def test_runs_and_fetches_nothing_and_escapes() -> None:
    content = compose_checks_page(judged(finding("S.unit-unknown", unit=HOSTILE, found=HOSTILE, sheet=HOSTILE)), VI)
    outline = Outline(content)
    assert b"<script" not in content and "script" not in {tag for tag, _ in outline.tags}
    assert not [1 for _, attributes in outline.tags if {"src", "href", "style"} & attributes.keys()]
    assert "#read(" in outline.text
    assert compose_checks_page(judged(ERROR), VI) == compose_checks_page(judged(ERROR), VI)
