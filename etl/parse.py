"""The hop from a submission to its reports: every cell of a table is used, ignored by a written rule, or reported.

Ignored by rule: the row numbers, rows that repeat the headings or number the columns, group headings without
figures, rates, signatures and loose words and numbers below the table, notes, and sheets that hold no edition of the
form.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate, pairwise

import numpy as np
import pandas as pd

from etl.forms import ColumnKind, Edition, Form
from etl.model import Finding, Report, Statement, Submission, Unit
from etl.parsing.body import BodyRow, Piece
from etl.parsing.figures import FigureReader
from etl.parsing.form_code import remark_other_edition
from etl.parsing.headings import find_layouts
from etl.parsing.layout import Layout
from etl.parsing.legacy_sheet import find_readable
from etl.parsing.lexicon import lexicon_of
from etl.parsing.long_texts import cut_long_texts
from etl.parsing.official_sheet import SheetReader
from etl.parsing.own_date import read_own_date
from etl.parsing.plain_table import TableReader
from etl.parsing.remarks import Words, remark, show
from etl.parsing.sender_hints import find_period_hints, find_unit_hints
from etl.parsing.stacked import split_tables
from etl.parsing.structure import remark_hidden, remark_structure
from etl.parsing.titles import Header, read_header
from etl.periods import Period
from etl.reading.grid import Book, Sheet
from etl.reading.sheets import DEFAULT_LIMITS, read_book
from etl.reading.unreadable import Unreadable, refuse
from etl.reference import Reference
from etl.rules import compose_finding
from etl.settings import Limits

log = logging.getLogger(__name__)


def parse(submission: Submission, reference: Reference, *, limits: Limits = DEFAULT_LIMITS) -> tuple[Report, ...]:
    """Read a submission: one report for each unit and period in it, in the order of the file.

    *Raises*: `SubmissionError` if the file cannot be read or fits no edition of the form; whatever is wrong with
    single cells is a finding.
    """
    return parse_book(submission, read_book(submission.path, limits), reference)


def parse_book(submission: Submission, book: Book, reference: Reference) -> tuple[Report, ...]:
    """Read a submission whose sheets were read already. *Raises*: as `parse`."""
    pieces = _drop_hidden([piece for sheet in book.sheets for piece in _pieces(cut_long_texts(sheet), reference)])
    if not pieces:
        refuse(Unreadable.NO_EDITION, ", ".join(f"“{show(sheet.name)}”" for sheet in book.sheets[:5]))
    grouped: dict[tuple[str, str], list[Piece]] = {}
    for piece in pieces:
        grouped.setdefault(piece.key, []).append(piece)
    reports = _reports(submission, list(grouped.values()), reference, saved_at=book.saved_at)
    reports = [_with_hints(report, submission, reference, is_alone=len(reports) == 1) for report in reports]
    for report in reports:
        unit, period = report.unit.code if report.unit else "?", report.period.key if report.period else "?"
        log.info("parsed unit %s, period %s: %d rows", unit, period, len(report.frame))
    return tuple(reports)


def _pieces(sheet: Sheet, reference: Reference) -> Iterator[Piece]:
    """Read what one sheet says, if it holds an edition of the form and any row of it."""
    sheet = find_readable(sheet, reference.form)
    layouts = find_layouts(sheet, reference.form)
    if not layouts:
        return
    if layouts[0].edition.layout == "plain":
        for piece in TableReader(sheet, layouts[0], reference).read():
            yield replace(piece, findings=(*remark_structure(sheet, layouts[0], reference), *piece.findings))
        return
    for table, fits in split_tables(sheet, layouts, reference):
        yield _read_official(table, fits, reference)


def _read_official(sheet: Sheet, layouts: Sequence[Layout], reference: Reference) -> Piece:
    header = read_header(sheet, layouts[0].top, reference)
    layout = max(layouts, key=lambda fit: _preference(fit.edition, header))
    figures = FigureReader(sheet, reference.form, layout.measures, reference.town.largest_count)
    reader = SheetReader(sheet, layout, lexicon_of(reference), figures)
    rows = tuple(reader.read())
    findings = [*header.findings, *remark_structure(sheet, layout, reference), *reader.findings]
    if header.code and header.code.edition != layout.edition.name:
        findings.append(remark_other_edition(header.code, layout.edition, sheet, reference))
    if header.period and not _is_in_force(layout.edition, header.period):
        findings.append(remark("S.edition-not-valid", sheet, found=layout.edition.title))
    if _is_silent(rows, figures, reference.form):
        findings = [finding for finding in findings if finding.rule != "V.blank"]
        findings.append(remark("S.empty", sheet))
    findings += remark_hidden(sheet, layout, [row.row for row in rows])
    return Piece(
        sheet=sheet,
        layout=layout,
        unit=header.unit,
        unit_text=header.unit_text,
        period=header.period,
        period_text=header.period_text,
        rows=rows,
        findings=tuple(findings),
        statements=figures.statements,
    )


def _preference(edition: Edition, header: Header) -> tuple[bool, bool, str]:
    """Prefer, of editions that a sheet fits equally, the one its code names, one in force, the newest."""
    is_named = header.code is not None and header.code.edition == edition.name
    return is_named, _is_in_force(edition, header.period), str(edition.valid_from or "")


def _is_silent(rows: Sequence[BodyRow], figures: FigureReader, form: Form) -> bool:
    """Tell whether no cell says anything, not even something unreadable.

    Opening stocks, and the totals that are nothing but these, come with the template.
    """
    openings = {roll.opening for roll in form.roll_forwards}
    totals = {balance.total for balance in form.balances if openings & set(balance.parts)}
    speaks = any(_speaks(row.counts, openings, totals) for row in rows)
    return not speaks and Statement.UNREADABLE not in figures.statements.values()


def _speaks(counts: Mapping[str, int | None], openings: Collection[str], totals: Collection[str]) -> bool:
    stocks = [count for measure, count in counts.items() if measure in openings and count is not None]
    said = {measure: count for measure, count in counts.items() if count is not None and measure not in openings}
    return any(measure not in totals or not stocks or count != sum(stocks) for measure, count in said.items())


def _is_in_force(edition: Edition, period: Period | None) -> bool:
    if period is None:
        return True
    starts_late = edition.valid_from is not None and edition.valid_from > period.end
    return not starts_late and (edition.valid_to is None or edition.valid_to >= period.start)


def _drop_hidden(pieces: list[Piece]) -> list[Piece]:
    """Leave out empty sheets and hidden ones where a visible sheet speaks of the same unit and period."""
    filled = [piece for piece in pieces if piece.rows]
    seen = {piece.key for piece in filled if piece.sheet.is_visible}
    kept = [piece for piece in filled if piece.sheet.is_visible or piece.key not in seen]
    return kept or pieces[:1]


# ---------------------------------------------------------------------------------------------------------
# From pieces to a report


def _reports(
    submission: Submission, groups: Sequence[list[Piece]], reference: Reference, *, saved_at: datetime | None
) -> list[Report]:
    """Make a report of each group; their frames are cut from one, for a table may hold thousands."""
    merged = [_merge(group) for group in groups]
    frame = _frame([piece for pieces, _ in merged for piece in pieces], reference)
    ends = list(accumulate((sum(len(piece.rows) for piece in pieces) for pieces, _ in merged), initial=0))
    cuts = pairwise(ends) if len(merged) > 1 else ()
    frames = [frame.iloc[start:end].reset_index(drop=True) for start, end in cuts] or [frame]
    zone = reference.town.time_zone
    own_dates = [read_own_date(group, submission, saved_at=saved_at, zone=zone) for group in groups]
    reports = [_report(submission, *one, own) for one, own in zip(merged, frames, strict=True)]
    return [replace(report, own_date=own) for report, own in zip(reports, own_dates, strict=True)]


def _report(submission: Submission, pieces: list[Piece], several: list[Finding], frame: pd.DataFrame) -> Report:
    first = pieces[0]
    statements: dict[tuple[str, str], Statement] = {}
    for piece in pieces:
        statements |= {(piece.sheet.name, cell): statement for cell, statement in piece.statements.items()}
    report = Report(
        submission=submission.sha256,
        file_name=submission.name,
        unit=first.unit,
        unit_text=first.unit_text,
        period=first.period,
        period_text=first.period_text,
        edition=first.layout.edition.name,
        frame=frame,
        columns={piece.sheet.name: piece.letters for piece in pieces},
        statements=statements,
        received_at=submission.received_at,
    )
    findings = [finding for piece in pieces for finding in piece.findings]
    return _with_findings(report, [*findings, *several])


def _with_findings(report: Report, findings: Sequence[Finding]) -> Report:
    unit, period = report.unit_label or None, report.period_label or None
    named = tuple(replace(finding, unit=unit, period=period) for finding in findings)
    return replace(report, findings=report.findings + named)


def _merge(pieces: list[Piece]) -> tuple[list[Piece], list[Finding]]:
    """Put the sheets of one report together, without those that only repeat another one's figures."""
    if len(pieces) < 2:
        return pieces, []
    kept: list[Piece] = []
    for piece in pieces:
        if all(_figures(piece) != _figures(other) for other in kept):
            kept.append(piece)
    names = ", ".join(f"“{show(piece.sheet.name)}”" for piece in pieces)
    read = ", ".join(f"“{show(piece.sheet.name)}”" for piece in kept)
    expected = (f"Đã đọc {read}.", f"Read: {read}.")
    several = remark("S.sheets-several", pieces[0].sheet, found=names, expected=expected)
    return kept, [several, *_remark_doubled(kept)]


def _figures(piece: Piece) -> list[tuple[object, ...]]:
    return [(row.kind, row.field, row.field_name, row.source_system, row.counts) for row in piece.rows]


def _remark_doubled(pieces: Sequence[Piece]) -> Iterator[Finding]:
    """Report fields that stand on two sheets of one report with different figures."""
    seen: dict[tuple[str, str], tuple[Piece, int]] = {}
    for piece in pieces:
        for row in (row for row in piece.rows if row.kind == "field"):
            other, first = seen.setdefault((row.source_system, row.field or row.field_name), (piece, row.row))
            if other is not piece:
                where = f"{first} ({show(other.sheet.name)})"
                place = (row.row, piece.layout.at(ColumnKind.FIELD))
                name, code = show(row.field_name), row.field or show(row.field_name)
                yield remark("S.row-doubled", piece.sheet, place, found=name, expected=(where, where), field=code)


def _frame(pieces: Sequence[Piece], reference: Reference) -> pd.DataFrame:
    """Lay the rows out as `Report.frame` says."""
    rows = [(piece.sheet.name, row) for piece in pieces for row in piece.rows]
    columns: dict[str, object] = {
        "sheet": _texts(name for name, _ in rows),
        "row": np.array([row.row for _, row in rows], dtype="int64"),
        "kind": _texts(row.kind for _, row in rows),
        "field": _texts(row.field for _, row in rows),
        "field_name": _texts(row.field_name for _, row in rows),
        "source_system": _texts(row.source_system for _, row in rows),
    }
    for measure in reference.form.measure_names:
        columns[measure] = _counts([row.counts.get(measure) for _, row in rows])
    return pd.DataFrame(columns)


def _texts(values: Iterable[str | None]) -> object:
    return pd.array(list(values), dtype="str")


def _counts(values: list[int | None]) -> object:
    numbers = np.array([value or 0 for value in values], dtype="int64")
    return pd.arrays.IntegerArray(numbers, np.array([value is None for value in values], dtype=bool))


# ---------------------------------------------------------------------------------------------------------
# What the sender says beside the content


def _with_hints(report: Report, submission: Submission, reference: Reference, *, is_alone: bool) -> Report:
    """Hold the file's and the folder's name against the content; a file of many reports can be named after none."""
    findings: list[Finding] = []
    if report.period is not None and is_alone:
        hints = list(find_period_hints(submission.name, reference.town.calendar))
        if hints and all(not _is_within(report.period, hint) for hint in hints):
            says = (f"tên tệp ghi “{hints[0].key}”", f"the file's name says “{hints[0].key}”")
            findings.append(_remark_sender("S.period-contradicted", report.period.key, says))
    if report.unit is not None:
        findings += _remark_unit_hints(report.unit, report.period, submission, reference, is_alone=is_alone)
    return _with_findings(report, findings)


def _is_within(period: Period, hint: Period) -> bool:
    """Tell whether a hint fits: a bare year fits all periods named after it."""
    return hint.key == period.key or (len(hint.key) == 4 and period.key.startswith(hint.key))


def _remark_unit_hints(
    unit: Unit, period: Period | None, submission: Submission, reference: Reference, *, is_alone: bool
) -> Iterator[Finding]:
    units = reference.units_on(period.end) if period else reference.units
    hints = list(find_unit_hints(submission, reference, units))
    named = [hint for source, hint in hints if source == "file"]
    if is_alone and named and unit not in named:
        words = (f"tên tệp ghi “{named[0].full_name}”", f"the file's name says “{named[0].full_name}”")
        yield _remark_sender("S.unit-contradicted", unit.full_name, words)
    senders = [hint for source, hint in hints if source == "folder"]
    if senders and unit not in senders:
        names = ", ".join(f"“{sender.full_name}”" for sender in senders)
        words = (
            f"tệp nằm trong thư mục hoặc được gửi từ địa chỉ thư của {names}",
            f"the file lay in the folder, or came from the mail address, of {names}",
        )
        yield _remark_sender("S.unit-contradicted", unit.full_name, words)


def _remark_sender(rule: str, found: str, expected: Words) -> Finding:
    return compose_finding(rule, words={"expected": expected}, found=found)
