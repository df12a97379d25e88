"""A ward's own xlsx, opened with all its formats, and rid of what could do harm where it is opened next."""

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.workbook.defined_name import DefinedNameDict
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from etl.marking.cached_values import read_cached
from etl.marking.formulas import find_ordinary_names, is_ordinary
from etl.marking.texts import put_text, quote
from etl.reading.workbook_scan import Ceiling, RefusedError, scan_workbook
from etl.sealing import Cached


@dataclass(frozen=True, slots=True)
class OpenBook:
    """A workbook to be marked. `pages`: its sheets under the names that findings use; `cached`: by title, then cell."""

    book: Workbook
    pages: Mapping[str, Worksheet]
    cached: Mapping[str, Mapping[str, Cached]] = field(default_factory=dict)


def open_own(content: bytes, ceiling: Ceiling) -> OpenBook:
    """Open an xlsx with its formats, formulas, comments and protection, but without links, macros and objects.

    *Raises*: RefusedError for what is too large; whatever openpyxl raises for what it cannot open.
    """
    scan_workbook(content, "xlsx", ceiling)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _refuse_entities(archive)
        cached = read_cached(archive)
        has_links = any(name.startswith("xl/externalLinks/") for name in archive.namelist())
    book = load_workbook(io.BytesIO(content), keep_links=False, rich_text=True)
    book.template = False
    names = _keep_ordinary_names(book)
    for page in book.worksheets:
        _clear_cells(page, cached.get(page.title, {}), names)
        _clear_rules(page, names)
        _clear_objects(page, has_links=has_links)
    for sheet in book.chartsheets if has_links else ():
        book.remove(sheet)
    return OpenBook(book, {page.title: page for page in book.worksheets}, cached)


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    """Refuse XML that declares entities: no spreadsheet writes them, and they can grow without end."""
    for name in archive.namelist():
        is_xml = name.lower().endswith((".xml", ".rels", ".vml"))
        if is_xml and b"<!DOCTYPE" in archive.read(name).replace(b"\0", b""):  # NUL: the other half of UTF-16
            raise RefusedError("damaged")


def _keep_ordinary_names(book: Workbook) -> frozenset[str]:
    """Drop the defined names that do more than count; give those that stay, in upper case."""
    scopes = [book.defined_names, *(page.defined_names for page in book.worksheets)]
    texts: dict[str, str] = {}
    for scope in scopes:
        for name, defined in scope.items():
            # The same name on several sheets: only if all its meanings are ordinary is it so.
            texts[name.upper()] = "+".join(filter(None, (texts.get(name.upper()), defined.attr_text or "0")))
    kept = find_ordinary_names(texts)
    for scope in scopes:
        _drop(scope, [name for name in scope if name.upper() not in kept])
    return kept


def _drop(scope: DefinedNameDict, names: Collection[str]) -> None:
    for name in names:
        del scope[name]


def _clear_cells(page: Worksheet, cached: Mapping[str, Cached], names: Collection[str]) -> None:
    for cell in _cells(page):
        if cell.hyperlink and (cell.hyperlink.target or not _is_inside(cell.hyperlink.location)):
            cell.hyperlink = None
        if cell.data_type == "f" and not is_ordinary(_formula(cell), names):
            _put_value(cell, cached.get(cell.coordinate))
        quote(cell)


def _cells(page: Worksheet) -> Iterator[Cell]:
    """Give the cells that exist; going by rows and columns would make those that do not."""
    for cell in list(page._cells.values()):
        if not isinstance(cell, MergedCell):
            yield cell


def _is_inside(location: str | None) -> bool:
    return bool(location) and not set("[|\\") & set(str(location))


def _formula(cell: Cell) -> str:
    """Give a formula as text; one that is no plain or array formula is never ordinary."""
    value = cell.value
    text = value.text if isinstance(value, ArrayFormula) else value
    return text if isinstance(text, str) else "=?()"


def _put_value(cell: Cell, cached: Cached | None) -> None:
    """Put the last value of a formula in its place. *Missing*: blank where it was never calculated."""
    match cached:
        case None:
            cell.value = None
        case Cached("", text):
            number = float(text)
            cell.value = int(number) if number.is_integer() else number
        case Cached("b", text):
            cell.value = text == "1"
        case Cached(_, text):
            put_text(cell, text)


def _clear_rules(page: Worksheet, names: Collection[str]) -> None:
    """Drop the validations and conditional formats whose formulas do more than count."""

    def are_ordinary(formulas: Collection[str | None]) -> bool:
        return all(is_ordinary(f"={formula}", names) for formula in formulas if formula)

    validations = page.data_validations
    validations.dataValidation = [
        rule for rule in validations.dataValidation if are_ordinary((rule.formula1, rule.formula2))
    ]
    kept = ConditionalFormattingList()
    for formats in page.conditional_formatting:
        for rule in formats.rules:
            if are_ordinary(rule.formula):
                kept.add(str(formats.sqref), rule)
    page.conditional_formatting = kept


def _clear_objects(page: Worksheet, *, has_links: bool) -> None:
    """Drop what fetches from elsewhere: pivot tables, queries behind tables, charts of linked workbooks."""
    page._pivots = []  # type: ignore[attr-defined]
    if has_links:
        page._charts = []  # type: ignore[attr-defined]
    for table in page.tables.values():
        table.tableType = table.connectionId = None
        for column in table.tableColumns:
            column.calculatedColumnFormula = column.totalsRowFormula = column.queryTableFieldId = None
