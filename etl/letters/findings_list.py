"""Put all findings of a file on one list in plain Vietnamese: the first sheet of a marked workbook."""

from collections.abc import Iterator, Sequence

from etl.letters.finding_marks import MARK_OF, is_placed, message_words, without_told_reason
from etl.letters.finding_words import count_words, field_name, finding_rows
from etl.marking.job import Line, Listing, Mark
from etl.model import CheckedReport, Finding, Language, Report, Severity, Submission, Verdict
from etl.phrases import clean, name_period
from etl.reference import Reference

MOST_LINES = 500
_MARKS = {Severity.ERROR: "Lỗi", Severity.WARNING: "Lưu ý"}
_LEGEND = (
    (Mark.ERROR, "Màu đỏ: lỗi"),
    (Mark.PROPOSAL, "Màu cam: có lẽ ô này ghi sai"),
    (Mark.WARNING, "Màu vàng: lưu ý, cần xem lại"),
)
_VERDICTS = {
    Verdict.REJECTED: "CẦN SỬA VÀ GỬI LẠI",
    Verdict.WARNINGS: "KHÔNG CÓ LỖI, CÓ LƯU Ý",
    Verdict.ACCEPTED: "KHÔNG CÓ LỖI",
}
# Whether an accepted report counts is known only after this list is composed: the letter it is sent with says it.
_LOOK_AGAIN = (
    "Việc cần làm: đọc thư kèm tệp này để biết báo cáo đã được tính hay chưa; xem lại các ô màu vàng. Nếu có ô sai thì "
    "sửa ngay trong tệp này, lưu lại rồi gửi lại cả tệp. Không cần xóa trang này, màu và ghi chú."
)
_NEXT = {
    Verdict.REJECTED: "Việc cần làm: xem các ô màu đỏ; ô màu cam, nếu có, có lẽ chính là ô ghi sai. Sửa ngay trong tệp "
    "này, lưu lại rồi gửi lại cả tệp. Không cần xóa trang này, màu và ghi chú.",
    Verdict.WARNINGS: _LOOK_AGAIN,
    Verdict.ACCEPTED: _LOOK_AGAIN,
}


def compose_listing(submission: Submission, outcome: Sequence[CheckedReport], reference: Reference) -> Listing:
    """Say whose report it is, what became of it and what to do, and list what was found: errors first."""
    placed = [(checked.report, finding) for checked in outcome for finding in checked.findings]
    placed.sort(key=lambda pair: pair[1].severity is not Severity.ERROR)
    worst = min((checked.verdict for checked in outcome), key=list(_VERDICTS).index)
    counts = count_words((finding for _, finding in placed), Language.VI)
    more = len(placed) - MOST_LINES
    return Listing(
        title="KẾT QUẢ KIỂM TRA BÁO CÁO",
        sentences=(
            f"{_about(outcome)}. Tệp: {clean(submission.name, 120)}",
            f"Kết quả: {_VERDICTS[worst]} – {counts}",
            _NEXT[worst],
        ),
        legend=_LEGEND,
        lines=tuple(_lines(placed[:MOST_LINES], reference, is_alone=len(outcome) == 1)),
        more=f"… và {more} mục nữa cùng loại, xem màu và ghi chú trong bảng." if more > 0 else "",
    )


def _about(outcome: Sequence[CheckedReport]) -> str:
    """Name the reports of a file: the one by its unit and period, several by their number."""
    if len(outcome) > 1:
        return f"Tệp có {len(outcome)} báo cáo"
    report = outcome[0].report
    unit = _unit(report)
    return f"Đơn vị: {unit[:1].upper() + unit[1:]}. Kỳ báo cáo: {_period(report)}"


def _unit(report: Report) -> str:
    return clean(report.unit.full_name if report.unit else report.unit_text, 80) or "chưa rõ"


def _period(report: Report) -> str:
    return name_period(report.period_label, Language.VI) or "chưa rõ"


def _lines(placed: Sequence[tuple[Report, Finding]], reference: Reference, *, is_alone: bool) -> Iterator[Line]:
    sheets = {finding.sheet for _, finding in placed if finding.sheet}
    rows = finding_rows((without_told_reason(finding) for _, finding in placed), reference, Language.VI)
    for number, ((report, finding), (_, found, expected, _, suggested)) in enumerate(zip(placed, rows, strict=True), 1):
        field = field_name(finding.field, reference)
        about = "" if is_alone else f"{_unit(report)}, {_period(report)}"
        texts = (
            str(number),
            _MARKS[finding.severity],
            _place(finding, is_alone=len(sheets) < 2),
            "\n".join(text for text in (about, field) if text),
            found,
            expected,
            suggested[:1].upper() + suggested[1:],
            message_words(finding),
        )
        cell = finding.cell if is_placed(finding) else None
        yield Line(MARK_OF[finding.severity], finding.sheet, cell, texts)


def _place(finding: Finding, *, is_alone: bool) -> str:
    """Name the cell, with its sheet where there are several; a finding without one is about the sheet or the file."""
    sheet = f"trang “{clean(finding.sheet, 40)}”" if finding.sheet else ""
    if is_placed(finding):
        return f"{finding.cell}" if is_alone else f"{finding.cell}, {sheet}"
    return sheet[:1].upper() + sheet[1:] or "Cả tệp"
