"""A held publication: what, why with the numbers, what stays, what to do; once for the same findings."""

from dataclasses import replace

from etl.letters.held import compose_held
from etl.mail import Message
from etl.model import Finding, Severity
from etl.rules import compose_finding
from tests.unit.town_example import REFERENCE, town


def finding(found: int = 1120, where: str = "Phường Một, quý I/2022: ", rule: str = "T.cumulative") -> Finding:
    words = {
        "where": (where, where),
        "found": (f"báo cáo cả kỳ {found}", f"reported {found}"),
        "expected": ("theo tháng 1118", "by months 1118"),
        "gap": ("2", "2"),
    }
    place = {"unit": "1", "period": "2022-Q1", "found": str(found), "expected": "1118"}
    return compose_finding(rule, words=words, severity=Severity.ERROR, **place)


def held(*findings: Finding, last_number: int = 0, language: str = "vi") -> Message:
    reference = replace(REFERENCE, town=replace(REFERENCE.town, language=language))
    return compose_held(town(), findings or (finding(),), reference, last_number=last_number)


def test_says_what_is_held_and_why_and_what_to_do() -> None:
    message = held()
    assert message.subject == "[Chưa công bố] – tháng 4/2022 – T.cumulative"
    assert message.recipients == REFERENCE.town.operator_recipients
    for body in (message.text, message.html):
        assert "báo cáo cả kỳ 1120" in body and "theo tháng 1118" in body and "by months 1118" in body
        assert "ward-reports correct" in body and "severities: {T.cumulative: warning}" in body
        assert "chưa có bản công bố nào" in body
    assert held(language="en").subject == "[Not published] – April 2022 – T.cumulative"


def test_says_which_publication_stays() -> None:
    message = held(last_number=3)
    assert "Bản công bố lần 3 vẫn giữ nguyên" in message.text and "Publication no. 3 stays as it is" in message.text


def test_is_the_same_state_for_the_same_findings_in_any_order() -> None:
    one, other = finding(), finding(5, rule="L.coverage")
    assert held(one, other).state_key == held(other, one).state_key
    states = {held(one).state_key, held(finding(1121)).state_key, held(one, other).state_key}
    assert len(states | {held(one, last_number=1).state_key}) == 4


def test_a_name_from_a_file_stays_a_name_and_a_long_list_is_cut_short() -> None:
    message = held(*(finding(number, where="<script>x</script>\u202e\r\nBcc: a@b: ") for number in range(25)))
    assert "<script>" not in message.html and "&lt;script&gt;" in message.html
    assert "\u202e" not in message.text and "\nBcc:" not in message.text
    assert "… và 5 điểm nữa" in message.text
    assert message.text.count("by months 1118") == 20
