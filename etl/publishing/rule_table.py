"""Which rules the reports of a release were held against: their words, weight, on how many reports, what they found."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.forms import Form
from etl.model import Finding, Language, Severity
from etl.phrases import label_measure, number_words
from etl.publishing.published_tables import pick
from etl.publishing.release import Release
from etl.rules import RULES, TOWN_RULES, Rule, rule_of

FAMILIES = {
    "S": ("Cấu trúc của tệp và biểu", "Structure of the file and the form"),
    "V": ("Giá trị trong ô", "Values in cells"),
    "B": ("Cân đối trong dòng", "Balances within a row"),
    "C": ("Liên tục giữa các kỳ", "Continuity between periods"),
    "T": ("Dòng tổng, số toàn địa bàn", "Totals"),
    "H": ("So với các kỳ trước của đơn vị (chỉ hỏi lại)", "Against the unit's own past (questions only)"),
    "L": ("Thời hạn", "Late or missing"),
}
_OF_TOWN = ("C.group", *TOWN_RULES)  # looked at on the town's figures, not on a report
_SAID = {
    "S.town-unit": ("Mỗi đơn vị phải có mặt trong bộ số liệu", "Every unit stands in the dataset"),
    "V.corrected": ("Số liệu trong tệp đã được người vận hành sửa, có lý do", "A figure that the operator corrected"),
    "C.group": (
        "Đơn vị mới sau sắp xếp mở đầu bằng tổng số các đơn vị cũ để lại",
        "New units open with the sum of what the former units left",
    ),
    "C.adjustment": (
        "Số đầu kỳ, số phát sinh, điều chỉnh và số cuối kỳ khớp nhau",
        "Opening, flows, adjustment and closing give each other",
    ),
    "T.total-row": ("Dòng tổng của biểu bằng tổng các dòng", "The sheet's own total row is the sum of its rows"),
    "T.town": ("Số toàn địa bàn bằng tổng các đơn vị", "The town's figures are the sum of its units"),
    "T.whole": (
        "Số chung của đơn vị bằng tổng các lĩnh vực",
        "A unit's own whole is the sum of its fields",
    ),
    "T.part": ("Phần không lớn hơn tổng chứa nó", "No part is larger than the total it belongs to"),
    "T.cumulative": (
        "Báo cáo lũy kế bằng tổng các tháng",
        "A report of several months is the sum of the months",
    ),
    "H.town": (
        "Số toàn địa bàn không lệch xa so với các kỳ trước",
        "The town's figures are not far from those of the periods before",
    ),
    "L.late": ("Báo cáo đến trước hạn", "The report arrives before it is due"),
    "L.missing": ("Đơn vị nào cũng có báo cáo", "Every unit sends a report"),
    "H.ratio": (
        "Số liệu không lệch xa so với các kỳ trước của chính đơn vị; cần có ít nhất tám kỳ",
        "A figure is not far from the unit's own past; needs eight periods",
    ),
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule as the page shows it. `looked_at`: how many reports, or that it is the town's figures."""

    name: str
    family: str
    words: str
    severity: Severity
    looked_at: str
    found: int
    accepted: int


def build_rule_lines(release: Release, language: Language) -> list[RuleLine]:
    """List every rule, also those that found nothing, in the order of the families."""
    findings, form = release.findings, release.reference.form
    found = Counter(finding.rule for finding in findings)
    accepted = Counter(finding.rule for finding in findings if finding.waiver_no is not None)
    coverage = release.dataset.coverage
    expected = coverage[coverage["expected"]]
    found["L.missing"] = max(found["L.missing"], int(expected["status"].eq("missing").sum()))
    lines = [
        RuleLine(
            rule.name,
            pick(language, *FAMILIES.get(rule.code, (rule.code, rule.code))),
            rule_words(rule, form, language),
            _severity(rule, release),
            _looked_at(rule, release, language),
            found[rule.name],
            accepted[rule.name],
        )
        for rule in _rules(form, findings)
    ]
    order = list(FAMILIES)
    return sorted(lines, key=lambda line: order.index(line.name[0]) if line.name[0] in order else len(order))


def _rules(form: Form, findings: Sequence[Finding]) -> Iterator[Rule]:
    """Give the rules of the form: one a balance, and what else a finding came from."""
    names = [f"B.{balance.name}" for balance in form.balances] + [name for name in RULES if name != "B.balance"]
    others = sorted({finding.rule for finding in findings} - set(names))
    yield from (rule_of(name) for name in (*names, *others))


def _severity(rule: Rule, release: Release) -> Severity:
    """Give what the town makes of the rule: by its name, else by its family, else what it is by default."""
    severities = release.reference.town.severities
    return severities.get(rule.name) or severities.get(rule.code) or rule.severity


def _looked_at(rule: Rule, release: Release, language: Language) -> str:
    if rule.name in _OF_TOWN:
        return pick(language, "số liệu chung", "the town's figures")
    coverage = release.dataset.coverage
    chosen = coverage["status"].str.startswith("accepted") | coverage["status"].eq("rejected")
    if rule.name == "L.missing":
        chosen = coverage["expected"]
    elif rule.name == "L.late":
        chosen &= coverage["is_late"].notna()
    return number_words(int(chosen.sum()), language)


def rule_words(rule: Rule, form: Form, language: Language) -> str:
    """Say what a rule asks for, with nothing filled in: a balance as its equation, else the words of its finding."""
    if rule.code == "B":
        balance = next((b for b in form.balances if rule.name == f"B.{b.name}"), None)
        if balance:
            parts = " + ".join(label_measure(form, part, language) for part in balance.parts)
            return f"{label_measure(form, balance.total, language)} = {parts}"
    if rule.name == "C.roll-forward" and form.roll_forwards:
        roll = form.roll_forwards[0]
        opening, closing = (label_measure(form, name, language) for name in (roll.opening, roll.closing))
        return f"{opening} = {closing}" + pick(language, " của kỳ trước", " of the period before")
    if rule.name in _SAID:
        return pick(language, *_SAID[rule.name])
    template = rule.vi if language is Language.VI else rule.en
    blanks = {"where": "", "found": "…", "expected": "…", "todo": "…", "gap": "…"}
    said = re.sub(r"(?:[\s.:;,]*…)+[\s.]*$", "", template.format_map(blanks)).strip()
    said = said.replace("….", "…")
    said = said if said.endswith((".", "?", "…")) else said + "."
    return said[:1].upper() + said[1:]
