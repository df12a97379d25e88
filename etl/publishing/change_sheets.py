"""The sheets that explain: what the adjustments consist of, and what changed since the publication before."""

from collections.abc import Iterator

import pandas as pd
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from etl.phrases import clean
from etl.publishing.adjustment_words import kind_words, whole_adjustments
from etl.publishing.changes import Changes, FigureChange, ReportChange
from etl.publishing.published_tables import ALL
from etl.publishing.release_words import ReleaseWords
from etl.publishing.sheet_titles import write_titles
from etl.publishing.workbook_cells import FONT, HEAD, SUM, Signed, Value, prepare_page, put_line, put_rows
from etl.town_dataset import TownDataset

_SECTION = Font(name=FONT, size=12, bold=True)


def write_adjustments(page: Worksheet, words: ReleaseWords) -> None:
    """Write what the town's adjustment consists of: whose stock, at the start of which month, how much and why."""
    page.title = words.say("Điều chỉnh", "Adjustments")
    top = write_titles(page, words, subject=words.say("các khoản điều chỉnh", "adjustments"))
    head = words.say(
        "STT|Mã|Đơn vị|Đầu tháng|Lĩnh vực|Số hồ sơ|Lý do", "No.|Code|Unit|Month opening|Field|Dossiers|Reason"
    ).split("|")
    put_rows(page, top, [head], fill=HEAD, is_bold=True)
    whole = list(_adjustment_lines(words, whole_adjustments(words.dataset)))
    fields = list(_adjustment_lines(words, _by_field(words.dataset)))
    put_rows(page, top + 1, whole)
    amount = Signed(int(whole_adjustments(words.dataset)["amount"].sum()))
    name = words.say("Cộng, toàn thị xã", "Sum, the whole town")
    put_rows(page, top + 1 + len(whole), [["", "", name, "", "", amount, ""]], fill=SUM, is_bold=True)
    row = top + 3 + len(whole)
    if fields:
        put_line(page, row, words.say("Trong đó theo lĩnh vực", "Of these, by field"), _SECTION)
        put_rows(page, row + 1, [head], fill=HEAD, is_bold=True)
        put_rows(page, row + 2, fields)
    prepare_page(page, heading=(top, top), widths=[6, 16, 36, 16, 34, 12, 60], frozen=3)


def _by_field(dataset: TownDataset) -> pd.DataFrame:
    rows = dataset.adjustments
    return rows[rows["source_system"].eq(ALL) & rows["field"].ne(ALL)]


def _adjustment_lines(words: ReleaseWords, rows: pd.DataFrame) -> Iterator[list[Value]]:
    for number, row in enumerate(rows.itertuples(index=False), 1):
        unit = [clean(str(row.unit_code), 60), clean(str(row.unit_name), 200), words.period(str(row.period_key))]
        yield [
            number,
            *unit,
            words.field(str(row.field)),
            Signed(int(str(row.amount))),
            kind_words(str(row.kind), words.language),
        ]


# ---------------------------------------------------------------------------------------------------------
# Since the publication before


def write_changes(page: Worksheet, words: ReleaseWords, changes: Changes) -> None:
    """Write who did what since the publication before, and which figures are others than they were."""
    page.title = words.say("Thay đổi", "Changes")
    moment = words.moment(changes.published_before)
    since = words.say(
        f"thay đổi so với lần công bố {changes.number_before} ({moment})",
        f"changes since publication no. {changes.number_before} ({moment})",
    )
    top = write_titles(page, words, subject=since)
    row = _put_table(
        page, top, words.say("Ai làm gì", "Who did what"), _report_head(words), list(_report_lines(words, changes))
    )
    _put_table(
        page,
        row,
        words.say("Số liệu nào đổi", "Which figures"),
        _figure_head(words),
        list(_figure_lines(words, changes)),
    )
    prepare_page(page, heading=(1, 3), widths=[6, 34, 24, 20, 44, 32, 18, 14], frozen=None)


def _put_table(page: Worksheet, row: int, title: str, head: list[str], lines: list[list[Value]]) -> int:
    """Put a titled table, and give the row after it."""
    put_line(page, row, title, _SECTION)
    put_rows(page, row + 1, [head], fill=HEAD, is_bold=True)
    put_rows(page, row + 2, lines)
    return row + 3 + len(lines)


def _report_head(words: ReleaseWords) -> list[str]:
    return words.say("STT|Đơn vị|Kỳ|Việc|Nội dung|Ai|Lúc", "No.|Unit|Period|Event|What|Who|When").split("|")


def _report_lines(words: ReleaseWords, changes: Changes) -> Iterator[list[Value]]:
    for number, one in enumerate(changes.reports, 1):
        at = words.moment(one.at) if one.at else "–"
        yield [number, clean(one.unit_name, 80), words.period(one.period_key), *_event(words, one), clean(one.who), at]


def _event(words: ReleaseWords, one: ReportChange) -> tuple[str, str]:
    return words.say(*_EVENTS.get(one.kind, (clean(one.kind, 40),) * 2)), words.say(one.what_vi, one.what_en)


_EVENTS = {
    "came": ("báo cáo mới", "came"),
    "replaced": ("thay báo cáo", "replaced"),
    "sent back": ("bị trả lại", "sent back"),
    "withdrawn": ("rút báo cáo", "withdrawn"),
    "waived": ("chấp nhận lỗi", "finding accepted"),
    "corrected": ("sửa số liệu", "figure corrected"),
    "judged again": ("kiểm tra lại", "judged again"),
}


def _figure_head(words: ReleaseWords) -> list[str]:
    head = "STT|Số liệu của|Lĩnh vực|Nguồn|Chỉ tiêu|Trước|Nay|Chênh lệch"
    return words.say(head, "No.|Figure of|Field|Source|Measure|Before|Now|Difference").split("|")


def _figure_lines(words: ReleaseWords, changes: Changes) -> Iterator[list[Value]]:
    scopes = dict(words.scopes())
    for number, one in enumerate(changes.figures, 1):
        whose = clean(one.unit_name, 80) or scopes.get(one.scope, clean(one.scope, 40))
        place = [whose, words.field(one.field), words.system(one.source_system), words.measure(one.measure)]
        yield [number, *place, one.before, one.after, _difference(one)]


def _difference(change: FigureChange) -> Value:
    return None if change.by is None else Signed(change.by)
