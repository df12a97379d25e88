"""The sheets of figures: the wards as rows, and each field over the town, the wards and the desk."""

from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from etl.forms import Measure
from etl.phrases import clean
from etl.publishing.published_tables import field_rows, name_status, unit_rows
from etl.publishing.release_words import ReleaseWords
from etl.publishing.sheet_titles import write_titles
from etl.publishing.workbook_cells import HEAD, SUM, Value, prepare_page, put_line, put_rows


def write_units(page: Worksheet, words: ReleaseWords) -> None:
    """Write the wards as rows, their sum, the town's desk, and the town; groups of wards where they are recast."""
    page.title = words.say("Toàn thị xã", "Town")
    measures = words.measures()
    head, numbers = words.heading(measures, words.say("Đơn vị", "Unit"))
    notes = words.say("Ghi chú", "Note")
    top = write_titles(page, words)
    put_rows(page, top, [[*head, notes], [*numbers, ""]], fill=HEAD, is_bold=True)
    row = top + 2
    for lines, is_sum in _blocks(words, measures):
        put_rows(page, row, lines, fill=SUM if is_sum else None, is_bold=is_sum)
        row += len(lines)
    for below, line in enumerate(_legend(words), row + 1):
        put_line(page, below, line)
    prepare_page(page, heading=(top, top + 1), widths=[6, 34, *[12] * (len(head) - 2), 30])


def write_fields(page: Worksheet, words: ReleaseWords) -> None:
    """Write each field over the town, the wards, and the desk."""
    page.title = words.say("Theo lĩnh vực", "By field")
    measures = words.measures()
    heading = words.heading(measures, words.say("Lĩnh vực", "Field"))
    top = write_titles(page, words)
    put_rows(page, top, heading, fill=HEAD, is_bold=True)
    row = top + 2
    for scope, name in words.scopes():
        total = words.whole(scope)
        if total is None:
            continue
        lines = list(_field_lines(words, scope, measures))
        put_rows(page, row, [["", words.counted(name, total), *words.figures(total, measures)]], fill=SUM, is_bold=True)
        put_rows(page, row + 1, lines)
        row += 1 + len(lines)
    prepare_page(page, heading=(top, top + 1), widths=[6, 38, *[12] * (len(heading[0]) - 2)])


def _blocks(words: ReleaseWords, measures: Sequence[Measure]) -> Iterator[tuple[list[list[Value]], bool]]:
    """Give the lines of the wards, their sum, the desk's units, and the town; and whether a block is a sum."""
    coverage = words.dataset.coverage
    desks = set(coverage.loc[coverage["is_desk"], "unit_code"])
    lines: dict[bool, list[list[Value]]] = {False: [], True: []}
    for row in unit_rows(words.dataset, words.unit_scope):
        some = lines[row["unit_code"] in desks]
        name = clean(row["unit_name"], 80) + words.mark(row)
        some.append([len(some) + 1, name, *words.figures(row, measures), _note(words, row)])
    names = dict(words.scopes())
    sums: dict[str, list[list[Value]]] = {"wards": [], "town": []}
    for scope, block in sums.items():
        if (total := words.whole(scope)) is not None:
            note = words.partial_mark if total["is_partial"] else ""
            block.append(["", words.counted(names[scope], total), *words.figures(total, measures), note])
    yield from ((lines[False], False), (sums["wards"], True), (lines[True], False), (sums["town"], True))


def _note(words: ReleaseWords, row: Any) -> str:
    """Say of a unit what is not simply in, in the months where it is so; of a group whether anybody is missing."""
    coverage = words.dataset.coverage
    is_own = coverage["unit_code"].eq(row["unit_code"]) & coverage["unit_name"].eq(row["unit_name"])
    own = coverage[is_own & coverage["expected"]]
    if own.empty or words.unit_scope == "group":
        return words.partial_mark if row["is_partial"] else ""
    months: dict[str, list[str]] = {}
    for month in own.itertuples(index=False):
        if month.status != "accepted" or month.is_late:
            months.setdefault(_status(words, month), []).append(words.period(str(month.period_key)))
    several = len(words.dataset.periods) > 1
    return "; ".join(said + (f" ({', '.join(when)})" if several else "") for said, when in months.items())


def _status(words: ReleaseWords, row: Any) -> str:
    status = name_status(row.status, words.language)
    is_late = bool(row.is_late) and str(row.status).startswith("accepted")
    return status + (words.say(", nộp muộn", ", late") if is_late else "")


def _legend(words: ReleaseWords) -> Iterator[str]:
    yield words.say("Ô trống: chưa báo cáo, không phải 0.", "A blank cell: not reported, which is not 0.")
    if words.is_adjusted:
        yield words.say(
            "Điều chỉnh: kỳ trước + tiếp nhận − đã giải quyết + điều chỉnh = đang giải quyết; xem trang “Điều chỉnh”.",
            "Adjustment: opening + received − resolved + adjustment = pending; see the sheet “Adjustments”.",
        )
    if words.dataset.decisions:
        yield words.say(
            "† Có lỗi được chấp nhận hoặc số liệu đã sửa: xem trang “Đơn vị báo cáo”.",
            "† Holds an accepted finding or a corrected figure: see the sheet “Coverage”.",
        )


def _field_lines(words: ReleaseWords, scope: str, measures: Sequence[Measure]) -> Iterator[list[Value]]:
    for number, (_, row) in enumerate(field_rows(words.dataset, scope).iterrows(), 1):
        yield [number, words.field(row["field"]) + words.mark(row), *words.figures(row, measures)]
