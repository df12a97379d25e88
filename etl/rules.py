"""The rules a finding can come from: their stable names, default severities and words.

A message says where, what was found, what was expected and what to do, in Vietnamese and in English.
The severities here are defaults: the suites in `expectations` carry them, and a town changes them in town.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from etl.model import Finding, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong. `vi` and `en` are templates filled by `compose_finding`."""

    name: str
    severity: Severity
    vi: str
    en: str

    @property
    def code(self) -> str:
        return self.name.split(".", 1)[0]


_ALL = (
    # S: structure
    Rule(
        "S.unreadable",
        ERROR,
        "Không đọc được tệp: {found}. Hãy lưu lại bằng Excel (.xlsx) theo đúng biểu mẫu và gửi lại.",
        "The file cannot be read: {found}. Save it again as .xlsx in the official form and send it once more.",
    ),
    Rule(
        "S.no-edition",
        ERROR,
        "Không nhận ra biểu mẫu nào trong tệp: {found}. Cần {expected}. Hãy dùng đúng biểu mẫu và gửi lại.",
        "No known form was recognised in the file: {found}. Needed: {expected}. Send the official form.",
    ),
    Rule(
        "S.unit-unknown",
        ERROR,
        "{where}tên đơn vị “{found}” không có trong danh mục của kỳ này. {expected}",
        "{where}the unit “{found}” is not in the list of units for this period. {expected}",
    ),
    Rule(
        "S.unit-missing",
        ERROR,
        "{where}tệp không ghi tên đơn vị. Hãy ghi tên xã, phường ở phần đầu biểu.",
        "{where}the file does not name its unit. Write the ward's name above the table.",
    ),
    Rule(
        "S.unit-contradicted",
        ERROR,
        "{where}biểu ghi đơn vị “{found}” nhưng {expected}. Hãy sửa cho khớp rồi gửi lại.",
        "{where}the sheet says the unit is “{found}”, but {expected}. Make them agree and send it again.",
    ),
    Rule(
        "S.period-unknown",
        ERROR,
        "{where}không hiểu kỳ báo cáo “{found}”. Hãy ghi như “Tháng 4 năm 2022”. {expected}",
        "{where}the period “{found}” is not understood. Write it like “Tháng 4 năm 2022”. {expected}",
    ),
    Rule(
        "S.period-missing",
        ERROR,
        "{where}tệp không ghi kỳ báo cáo. Hãy ghi ở phần đầu biểu, như “Tháng 4 năm 2022”.",
        "{where}the file does not say its period. Write it above the table, like “Tháng 4 năm 2022”.",
    ),
    Rule(
        "S.period-contradicted",
        ERROR,
        "{where}biểu ghi kỳ “{found}” nhưng {expected}. Hãy sửa cho khớp rồi gửi lại.",
        "{where}the sheet says the period is “{found}”, but {expected}. Make them agree and send it again.",
    ),
    Rule(
        "S.code-damaged",
        WARNING,
        "{where}mã biểu “{found}” không dùng được: {expected}. Báo cáo được đọc theo các tiêu đề, hãy kiểm tra lại.",
        "{where}the form's code “{found}” cannot be used: {expected}. The report is read by its titles; look again.",
    ),
    Rule(
        "S.period-future",
        ERROR,
        "{where}kỳ {found} chưa bắt đầu ({expected}). Hãy kiểm tra lại năm và tháng.",
        "{where}the period {found} has not begun ({expected}). Look at the year and the month again.",
    ),
    Rule(
        "S.column-missing",
        ERROR,
        "{where}thiếu cột {expected}. Hãy dùng đúng biểu mẫu.",
        "{where}the column {expected} is missing. Use the official form.",
    ),
    Rule(
        "S.column-doubled",
        ERROR,
        "{where}cột “{found}” xuất hiện hai lần. Hãy giữ lại một cột.",
        "{where}the column “{found}” stands there twice. Keep one of them.",
    ),
    Rule(
        "S.column-unknown",
        WARNING,
        "{where}cột “{found}” không thuộc biểu mẫu nên không được đọc.",
        "{where}the column “{found}” is not part of the form and was not read.",
    ),
    Rule(
        "S.field-unknown",
        WARNING,
        "{where}lĩnh vực “{found}” không có trong danh mục. {expected}",
        "{where}the field “{found}” is not in the list of fields. {expected}",
    ),
    Rule(
        "S.field-missing",
        ERROR,
        "{where}dòng có số liệu nhưng không ghi tên lĩnh vực. Hãy ghi tên lĩnh vực hoặc xóa dòng.",
        "{where}the row has figures but names no field. Name the field or remove the row.",
    ),
    Rule(
        "S.row-doubled",
        ERROR,
        "{where}lĩnh vực “{found}” đã có ở dòng {expected}. Hãy gộp hai dòng làm một.",
        "{where}the field “{found}” stands already in row {expected}. Make one row of the two.",
    ),
    Rule(
        "S.source-system-unknown",
        WARNING,
        "{where}mục “{found}” không phải hệ thống nào đã biết. {expected}",
        "{where}the section “{found}” is no known source system. {expected}",
    ),
    Rule(
        "S.cell-unused",
        WARNING,
        "{where}nội dung “{found}” nằm trong vùng bảng nhưng không thuộc dòng, cột nào nên không được đọc.",
        "{where}“{found}” lies inside the table but belongs to no row or column, and was not read.",
    ),
    Rule(
        "S.row-unused",
        ERROR,
        "{where}dòng “{found}” có số liệu nhưng không được đọc đúng. {expected}",
        "{where}the row “{found}” has figures that were not read as they should be. {expected}",
    ),
    Rule(
        "S.column-contradicted",
        ERROR,
        "{where}cột ghi “{found}” nhưng {expected}. Hãy sửa tiêu đề hoặc số thứ tự cột theo đúng biểu mẫu.",
        "{where}the column is headed “{found}”, but {expected}. Correct the heading or the number as on the form.",
    ),
    Rule(
        "S.sheet-hidden",
        WARNING,
        "{where}số liệu nằm trong trang tính bị ẩn. Hãy bỏ ẩn và kiểm tra lại.",
        "{where}the figures lie on a hidden sheet. Show it and look again.",
    ),
    Rule(
        "S.row-hidden",
        WARNING,
        "{where}dòng hoặc cột bị ẩn có số liệu: {found}. Hãy bỏ ẩn và kiểm tra lại.",
        "{where}hidden rows or columns hold figures: {found}. Show them and look again.",
    ),
    Rule(
        "S.unit-outside",
        WARNING,
        "{where}đơn vị “{found}” không có trong danh mục: số liệu được kiểm tra, nhưng không nạp được. {expected}",
        "{where}the unit “{found}” is not in the list: its figures are checked, but cannot be loaded. {expected}",
    ),
    Rule(
        "S.period-outside",
        WARNING,
        "{where}không hiểu kỳ “{found}”: số liệu được kiểm tra, nhưng không nạp được. {expected}",
        "{where}the period “{found}” is not understood: its figures are checked, but cannot be loaded. {expected}",
    ),
    Rule(
        "S.edition-not-valid",
        WARNING,
        "{where}biểu “{found}” không áp dụng cho kỳ này. {expected}",
        "{where}the edition “{found}” is not in force for this period. {expected}",
    ),
    Rule(
        "S.sheets-several",
        WARNING,
        "{where}tệp có nhiều trang tính cùng biểu mẫu: {found}. {expected}",
        "{where}several sheets hold the form: {found}. {expected}",
    ),
    Rule(
        "S.empty",
        ERROR,
        "{where}biểu không có dòng số liệu nào. Nếu kỳ này không phát sinh, hãy ghi 0 hoặc “không phát sinh”.",
        "{where}the form holds no row of figures. If nothing arose in this period, write 0 or “không phát sinh”.",
    ),
    Rule(
        "S.town-line",
        ERROR,
        "{where}dòng này có hơn một lần trong bộ số liệu.",
        "{where}this line stands more than once in the dataset.",
    ),
    Rule("S.town-unit", ERROR, "{where}{found}, nhưng {expected}.", "{where}{found}, but {expected}."),
    # V: a value
    Rule(
        "V.not-a-count",
        ERROR,
        "{where}ghi “{found}”, không phải là số hồ sơ. Hãy ghi một số nguyên, ví dụ 12.",
        "{where}holds “{found}”, which is no count. Write a whole number, such as 12.",
    ),
    Rule(
        "V.decimals",
        ERROR,
        "{where}ghi {found}, nhưng số hồ sơ phải là số nguyên. {expected}",
        "{where}holds {found}, but a number of dossiers is a whole number. {expected}",
    ),
    Rule(
        "V.negative",
        ERROR,
        "{where}ghi {found}, nhưng số hồ sơ không thể âm. Hãy kiểm tra lại.",
        "{where}holds {found}, but a number of dossiers cannot be negative. Look again.",
    ),
    Rule(
        "V.too-large",
        ERROR,
        "{where}ghi {found}, lớn hơn mức có thể có ({expected}). Hãy kiểm tra lại.",
        "{where}holds {found}, which is more than can be ({expected}). Look again.",
    ),
    Rule(
        "V.blank",
        WARNING,
        "{where}để trống: coi là chưa báo cáo, không phải 0. Nếu không có hồ sơ, hãy ghi 0.",
        "{where}is blank: taken as not reported, not as 0. If there were none, write 0.",
    ),
    Rule(
        "V.formula-without-value",
        ERROR,
        "{where}có công thức chưa được tính. Hãy mở tệp bằng Excel, lưu lại rồi gửi.",
        "{where}holds a formula that was never calculated. Open the file in Excel, save it, and send it again.",
    ),
    Rule(
        "V.corrected",
        WARNING,
        "{where}{found}, đã được sửa thành {expected}. Lý do: {todo}. Hãy sửa trong tệp và gửi lại.",
        "{where}{found}, and was corrected to {expected}. Why: {todo}. Correct the file too and send it again.",
    ),
    # B: a balance within a row
    Rule("B.balance", ERROR, "{where}{found}, nhưng {expected}. {todo}", "{where}{found}, but {expected}. {todo}"),
    # C: continuity with the neighbouring periods
    Rule(
        "C.roll-forward",
        WARNING,
        "{where}{found}, nhưng {expected}. Chênh {gap}. Hãy xem lại kỳ nào ghi đúng.",
        "{where}{found}, but {expected}. The difference is {gap}. See which period is right.",
    ),
    Rule(
        "C.field-vanished",
        WARNING,
        "{where}kỳ trước còn {found} hồ sơ đang giải quyết, nhưng kỳ này không có dòng cho lĩnh vực này. {expected}",
        "{where}the previous period still held {found} dossiers, but this one has no row for the field. {expected}",
    ),
    Rule(
        "C.group",
        WARNING,
        "{where}{found}, nhưng {expected}. Chênh {gap}. {todo}",
        "{where}{found}, but {expected}. The difference is {gap}. {todo}",
    ),
    Rule(
        "C.adjustment",
        ERROR,
        "{where}điều chỉnh là {found}, nhưng phải là {expected} thì số đầu kỳ, số phát sinh và số cuối kỳ mới khớp.",
        "{where}the adjustment is {found}, but opening, flows and closing need {expected}.",
    ),
    # T: totals
    Rule(
        "T.total-row",
        ERROR,
        "{where}{found}, nhưng {expected}. Chênh {gap}. Hãy cộng lại, hoặc tìm dòng ghi sai.",
        "{where}{found}, but {expected}. The difference is {gap}. Add up again, or find the row that is wrong.",
    ),
    Rule("T.town", ERROR, "{where}{found}, nhưng {expected}.", "{where}{found}, but {expected}."),
    Rule(
        "T.whole",
        WARNING,
        "{where}{found}, nhưng {expected}. Chênh {gap}. Đơn vị ghi cả số chung và số theo lĩnh vực: hãy xem lại.",
        "{where}{found}, but {expected}. The difference is {gap}. The unit states both the whole and its fields: see "
        "which is right.",
    ),
    Rule(
        "T.part",
        WARNING,
        "{where}{found}, lớn hơn {expected}. Hãy xem lại báo cáo của đơn vị.",
        "{where}{found}, which is more than {expected}. Look at the unit's report again.",
    ),
    Rule(
        "T.cumulative",
        WARNING,
        "{where}{found}, nhưng {expected}. Chênh {gap}. Hãy hỏi đơn vị xem báo cáo nào đúng.",
        "{where}{found}, but {expected}. The difference is {gap}. Ask the unit which report is right.",
    ),
    # H: history
    Rule(
        "H.ratio",
        WARNING,
        "{where}{found}; {expected}. Nếu đúng thì không phải làm gì; nếu gõ nhầm, xin sửa và gửi lại.",
        "{where}{found}; {expected}. If it is right, nothing need be done; if mistyped, correct it and send it again.",
    ),
    Rule(
        "H.town",
        WARNING,
        "{where}{found}, trong khi {expected}. Nếu đúng thì không phải làm gì; nếu không, hãy tìm báo cáo bị ghi sai.",
        "{where}{found}, while {expected}. If it is right, nothing need be done; if not, find the wrong report.",
    ),
    # L: late or missing
    Rule(
        "L.late",
        WARNING,
        "{where}báo cáo đến lúc {found}, sau hạn {expected}.",
        "{where}the report arrived at {found}, after it was due ({expected}).",
    ),
    Rule(
        "L.missing",
        ERROR,
        "{where}chưa nhận được báo cáo của {found}; hạn là {expected}.",
        "{where}no report has arrived from {found}; it was due {expected}.",
    ),
    Rule(
        "L.coverage",
        WARNING,
        "{where}mới có số liệu của {found} đơn vị, ít hơn kỳ trước ({expected}). Hãy đôn đốc các đơn vị còn thiếu.",
        "{where}the figures of {found} units are in, fewer than in the period before ({expected}). Chase the others.",
    ),
)

RULES: Mapping[str, Rule] = {rule.name: rule for rule in _ALL}

OWN_FAULTS = ("S.town-line", "S.town-unit", "T.town", "C.adjustment")
"""Rules of the town's dataset that only this program can break: a red task, whatever a town says that they weigh."""

TOWN_RULES = (*OWN_FAULTS, "T.whole", "T.part", "T.cumulative", "H.town", "L.coverage")
"""Rules that the town's dataset is judged by before it is published."""


def rule_of(name: str) -> Rule:
    """Give the rule behind a finding; each balance of a form has one of its own, worded by "B.balance"."""
    if name in RULES:
        return RULES[name]
    base = RULES["B.balance"]
    return Rule(name, base.severity, base.vi, base.en)


def compose_finding(rule: str, *, words: Mapping[str, tuple[str, str]] | None = None, **facts: Any) -> Finding:
    """Put a finding into words.

    `words` gives what a template needs, as (Vietnamese, English): where, found, expected, todo, gap.
    `facts` are fields of the Finding; `found` and `expected` fill the templates where `words` does not.
    """
    chosen = rule_of(rule)
    filled = {key: (facts.get(key) or "", facts.get(key) or "") for key in ("found", "expected")}
    filled |= dict.fromkeys(("where", "todo", "gap"), ("", "")) | dict(words or {})
    message_vi, message_en = (
        _sentence(template.format_map({key: str(value[i]) for key, value in filled.items()}))
        for i, template in enumerate((chosen.vi, chosen.en))
    )
    severity = facts.pop("severity", chosen.severity)
    return Finding(chosen.code, chosen.name, severity, message_vi, message_en, **facts)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]
