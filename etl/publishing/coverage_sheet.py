"""The sheet that says which units are in the figures, which are not, and what was decided about them."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from etl.phrases import clean
from etl.publishing.published_tables import decision_lines, name_status
from etl.publishing.release_words import ReleaseWords
from etl.publishing.sheet_titles import LINE, write_titles
from etl.publishing.workbook_cells import HEAD, Value, prepare_page, put_line, put_rows


def write_coverage(page: Worksheet, words: ReleaseWords) -> None:
    """Write the counts, who was sent back, late or closed, a row per unit and month, and the decisions."""
    page.title = words.say("Đơn vị báo cáo", "Coverage")
    top = write_titles(page, words, subject=words.say("các đơn vị báo cáo", "who reported")) - 1
    for line in _summary(words):
        for part in wrap(line, LINE):
            put_line(page, top, part)
            top += 1
    top += 1
    head = words.say(
        "STT|Mã|Đơn vị|Kỳ|Báo cáo|Nộp|Trong số liệu|Ghi chú", "No.|Code|Unit|Period|Report|Arrived|In the figures|Note"
    )
    put_rows(page, top, [head.split("|")], fill=HEAD, is_bold=True)
    lines = list(_lines(words))
    put_rows(page, top + 1, lines)
    for row, part in enumerate(_decisions(words), top + len(lines) + 2):
        put_line(page, row, part)
    prepare_page(page, heading=(top, top), widths=[6, 12, 36, 18, 28, 12, 15, 40], frozen=3)


def _summary(words: ReleaseWords) -> Iterator[str]:
    """Say how many units should be in, are in, and why others are not; then name those."""
    total, coverage = words.whole("town"), words.dataset.coverage
    if total is not None:
        counts = [f"{words.say(vi, en)} {int(total[name])}" for name, vi, en in _COUNTS]
        yield words.say("Số đơn vị: ", "Units: ") + " · ".join(counts)
    is_in = coverage["status"].str.startswith("accepted")
    for chosen, vi, en in (
        (coverage["status"].eq("rejected"), "Bị trả lại", "Sent back"),
        (is_in & coverage["is_late"].eq(True), "Nộp muộn", "Late"),
    ):
        if names := words.units_with(chosen):
            yield f"{words.say(vi, en)}: {', '.join(names)}."
    if names := words.units_with(coverage["is_closed"].eq(True), expected=False):
        yield words.say("Kết thúc hoạt động trong kỳ: ", "Closed within the period: ") + f"{', '.join(names)}."


_COUNTS = (
    ("units_expected", "phải báo cáo", "expected"),
    ("units_in", "đủ báo cáo", "in"),
    ("units_rejected", "bị trả lại", "sent back"),
    ("units_missing", "chưa có báo cáo", "without a report"),
    ("units_late", "nộp muộn", "late"),
    ("units_waived", "có lỗi được chấp nhận", "with an accepted finding"),
    ("units_closed", "kết thúc hoạt động", "closed"),
)


def _lines(words: ReleaseWords) -> Iterator[list[Value]]:
    for number, row in enumerate(words.dataset.coverage.itertuples(index=False), 1):
        is_accepted = str(row.status).startswith("accepted")
        arrived = words.say("muộn", "late") if row.is_late else words.say("đúng hạn", "in time")
        arrived = "–" if row.is_late is None else arrived
        is_in = words.say("có", "yes") if is_accepted and row.expected else words.say("không", "no")
        place = [str(row.unit_code), clean(str(row.unit_name), 80), words.period(str(row.period_key))]
        status = name_status(str(row.status), words.language)
        yield [number, *place, status, arrived if is_accepted else "", is_in, _note(words, row)]


def _note(words: ReleaseWords, row: Any) -> str:
    """Say what came after the report that counts, and that a unit has ended."""
    parts = []
    if isinstance(row.newer, dict):
        why = {
            "rejected": ("bản sửa bị trả lại", "a correction was sent back"),
            "waits": ("bản sửa chờ duyệt", "a correction waits for the operator"),
        }
        said = why.get(str(row.newer["why"]), ("có bản mới hơn", "a newer report came"))
        parts.append(f"{words.say(*said)}: {clean(str(row.newer['name']), 80)}")
    if row.is_closed:
        parts.append(words.say("kết thúc hoạt động trong kỳ", "closed within the period"))
    return "; ".join(parts)


def _decisions(words: ReleaseWords) -> list[str]:
    decided = decision_lines(words.dataset, words.language)
    head = words.say("† Lỗi được chấp nhận, số liệu đã sửa:", "† Findings accepted, figures corrected:")
    return [part for one in (head, *decided) for part in wrap(one, LINE)] if decided else []
