"""The town's figures on the official form, as an official would send it up: ready to be printed and signed."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

import pandas as pd
from openpyxl import Workbook, load_workbook

from etl.form_layout import compose_form, compose_period
from etl.form_sheet import FormSheet, Numbers, Part, Row, Totals, Wording, sums_of
from etl.model import Unit
from etl.publishing.form_foot import foot_lines
from etl.publishing.form_page import dress_page
from etl.publishing.published_tables import ALL
from etl.publishing.release import Release
from etl.publishing.release_words import ReleaseWords
from etl.template import build_workbook

_DOTS = "…" * 12
_LINE, _LOUD_LINE = 180, 130  # letters that fit across the form


def open_form_book(release: Release) -> Workbook:
    """Open a workbook whose first and only sheet is the form; it has none where no official sheet was in force."""
    if not ReleaseWords(release).has_official_form:
        book = Workbook()
        del book[book.sheetnames[0]]
        return book
    sheet = compose_official_sheet(release)
    book = load_workbook(io.BytesIO(build_workbook(sheet, largest_count=release.reference.town.largest_count)))
    dress_page(book.worksheets[0], sheet, alert=ReleaseWords(release).partial_mark)
    return book


def compose_official_sheet(release: Release) -> FormSheet:
    """Lay the town's figures out on the edition in force at the end of the period.

    The sums are typed, not calculated: of several months the stocks need not follow from the flows.
    """
    words = ReleaseWords(release)
    rows = list(_rows(words))
    heads = list(_heading_block(words))
    wording = Wording(
        titles=tuple(left for left, _ in heads),
        numbers=Numbers.SUMS,
        totals=Totals.TYPED,
        total_label=words.say("TỔNG CỘNG", "TOTAL"),
        total=_counts(words, words.whole("town")),
        sheet_name=words.say("Biểu tổng hợp", "Consolidated form"),
        field_names={str(row["field"]): words.field(str(row["field"])) for row in rows},
        signature=(),
    )
    town = Unit("", words.say(release.reference.town.name_vi, release.reference.town.name_en), "")
    sheet = compose_form(
        release.reference, words.edition, unit=town, period=release.dataset.period, rows=rows, wording=wording
    )
    return _with_foot(_with_right_side(sheet, [right for _, right in heads]), words)


# ---------------------------------------------------------------------------------------------------------
# Figures


def _rows(words: ReleaseWords) -> Iterator[Row]:
    """Give a row for each field; in sections, as the town lists them, where every figure names its source system."""
    frame = words.dataset.frame
    fields = frame[frame["scope"].eq("town") & frame["field"].ne(ALL)]
    systems = set(fields["source_system"]) - {ALL}
    is_divided = len(systems) > 1 and "" not in systems
    chosen = fields[fields["source_system"].ne(ALL) if is_divided else fields["source_system"].eq(ALL)]
    order = [system.code for system in words.reference.source_systems]
    places = chosen["source_system"].map(lambda code: order.index(code) if code in order else len(order))
    for _, row in chosen.loc[places.sort_values(kind="stable").index].iterrows():
        system = row["source_system"] if is_divided else ""
        yield {"field": row["field"], "source_system": system, **_counts(words, row)}


def _counts(words: ReleaseWords, row: "pd.Series[Any] | None") -> dict[str, int | None]:
    names = words.reference.form.measure_names
    return {name: None if row is None or pd.isna(row[name]) else int(row[name]) for name in names}


# ---------------------------------------------------------------------------------------------------------
# Above the table


def _heading_block(words: ReleaseWords) -> Iterator[tuple[str, str]]:
    """Give what stands above the table: left and right; a line with nothing on the right goes across."""
    town, period = words.reference.town, words.dataset.period
    number, ground = _number_and_ground(words.edition.title)
    authority = f"UBND {town.name_vi}"
    if words.language == "vi":
        yield "ỦY BAN NHÂN DÂN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
        yield town.name_vi.upper(), "Độc lập - Tự do - Hạnh phúc"
    yield number, words.say(f"Đơn vị báo cáo: {authority}", f"Reporting unit: {town.name_en}")
    yield ground or " ", words.say("Đơn vị nhận báo cáo: ", "Receiving unit: ") + _DOTS
    yield "", ""
    yield words.say(words.reference.form.title_vi, words.reference.form.title_en).upper(), ""
    english = f"{words.period(period.key)} ({period.start:%d/%m/%Y} – {period.end:%d/%m/%Y})"
    yield words.say(compose_period(period), english), ""
    for line in wrap(
        words.partial(has_months=False), _LOUD_LINE
    ):  # months up here would be read as the report's period
        yield line, ""
    yield words.say("Đơn vị tính: hồ sơ", "Unit: dossiers"), ""


def _number_and_ground(title: str) -> tuple[str, str]:
    """Part "Biểu số II.06a/VPCP/KSTT (Thông tư 01/2020/TT-VPCP)" into the form's number and its legal ground."""
    match = re.fullmatch(r"(.+?)\s*(\(.+\))", title)
    return (match[1], match[2]) if match else (title, "")


def _with_right_side(sheet: FormSheet, rights: Sequence[str]) -> FormSheet:
    """Put the right side of the heading block beside the left one, in the same rows."""
    width, rows, merges = len(sheet.columns), list(sheet.rows), []
    left_end, right_start = max(2, width // 3), width // 2 + 1
    for number, right in enumerate(rights, 1):
        cells = [str(cell).strip() or None if cell is not None else None for cell in sheet.rows[number - 1]]
        if right:
            cells[right_start - 1] = right
            merges += [(number, 1, number, left_end), (number, right_start, number, width)]
        else:
            merges.append((number, 1, number, width))
        rows[number - 1] = tuple(cells)
    kept = [merge for merge in sheet.merges if merge[0] > len(rights)]
    return replace(sheet, rows=tuple(rows), merges=(*merges, *kept))


# ---------------------------------------------------------------------------------------------------------
# Below the table


def _with_foot(sheet: FormSheet, words: ReleaseWords) -> FormSheet:
    """Put below the table what explains its figures, and the block that is signed."""
    width, rows, merges = len(sheet.columns), list(sheet.rows), list(sheet.merges)
    sums = sums_of(words.reference.form, sheet.columns)
    for line in ("", *(part for one in foot_lines(words, sums) for part in wrap(one, _LINE, subsequent_indent="   "))):
        rows.append((line or None, *[None] * (width - 1)))
        merges.append((len(rows), 1, len(rows), width))
    middle = width // 2 + 1
    for left, right in ("", ""), *_signature(words):
        cells: list[object] = [None] * width
        cells[1], cells[middle - 1] = left or None, right or None
        rows.append(tuple(cells))
        merges.append((len(rows), middle, len(rows), width))
    added = len(rows) - len(sheet.rows)
    return replace(sheet, rows=tuple(rows), parts=(*sheet.parts, *(Part.SIGNATURE,) * added), merges=tuple(merges))


def _signature(words: ReleaseWords) -> tuple[tuple[str, str], ...]:
    return (
        ("", words.say("……………, ngày …… tháng …… năm ………", "……………, ……/……/………")),
        (
            words.say("NGƯỜI LẬP BIỂU", "PREPARED BY"),
            words.say("THỦ TRƯỞNG ĐƠN VỊ", "HEAD OF THE UNIT"),
        ),
        (words.say("(Ký, họ tên)", "(Signature, name)"), words.say("(Ký, đóng dấu)", "(Signature, seal)")),
        *(("", ""),) * 4,
    )
