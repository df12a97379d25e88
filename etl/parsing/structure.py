"""What is wrong with a sheet as a whole: its columns, and what nobody sees of it."""

from collections.abc import Iterator, Sequence

from etl.forms import ColumnKind
from etl.model import Finding
from etl.parsing.layout import Layout
from etl.parsing.remarks import Words, remark, show
from etl.reading.grid import Sheet, column_letters
from etl.reference import Reference


def remark_structure(sheet: Sheet, layout: Layout, reference: Reference) -> Iterator[Finding]:
    """Report columns that are missing, doubled or of no meaning, and a sheet that nobody sees."""
    if not sheet.is_visible:
        yield remark("S.sheet-hidden", sheet)
    for column in layout.missing:
        name = _column_words(column.measure, column.headings[0], reference)
        yield remark("S.column-missing", sheet, expected=name, measure=column.measure)
    for at, column in layout.doubled:
        if column.measure or column.kind is ColumnKind.FIELD:
            row, heading = _heading(sheet, layout, at)
            yield remark("S.column-doubled", sheet, (row, at), found=show(heading), measure=column.measure)
    for at, number in layout.contradicted.items():
        row, heading = _heading(sheet, layout, at)
        says = (f"số thứ tự cột ghi ({number})", f"the number below it is ({number})")
        measure = layout.columns[at].measure
        yield remark("S.column-contradicted", sheet, (row, at), found=show(heading), expected=says, measure=measure)
    for at in layout.unknown:
        row, heading = _heading(sheet, layout, at)
        if layout.has_content(sheet, at):
            yield remark("S.column-unknown", sheet, (row, at), found=show(heading))


def remark_hidden(sheet: Sheet, layout: Layout, rows: Sequence[int]) -> Iterator[Finding]:
    """Report rows and columns of figures that the workbook hides; they are read all the same."""
    hidden = [str(row) for row in rows if row in sheet.hidden_rows]
    hidden += [column_letters(at) for at in layout.measures.values() if at in sheet.hidden_columns]
    if hidden:
        yield remark("S.row-hidden", sheet, found=", ".join(hidden))


def _column_words(measure: str | None, heading: Sequence[str], reference: Reference) -> Words:
    if measure is None:
        return (f"“{' – '.join(heading)}”",) * 2
    labels = reference.form.measure(measure)
    return f"“{labels.label_vi}”", f"“{labels.label_en}”"


def _heading(sheet: Sheet, layout: Layout, at: int) -> tuple[int, str]:
    """Give the lowest heading over a column with its row; a merged one begins further up or left."""
    for row in range(layout.bottom, layout.top - 1, -1):
        merge = next((m for m in sheet.merges if m.top <= row <= m.bottom and m.left <= at <= m.right), None)
        top, left = (merge.top, merge.left) if merge else (row, at)
        value = sheet.value(top, left)
        if isinstance(value, str) and row != layout.numbers_row:
            return top, value
    return layout.top, column_letters(at)
