"""What the reader of workbooks does not tell, or dies of: looked up in the zip before it opens the file.

Imports nothing but the standard library, for it runs in the child (`etl/workbook_child.py`).
"""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from etl.reading.plain_cells import Rest, take_plain_cells

_CELL = re.compile(r"([A-Z]{1,7})([0-9]{1,9})")
MOST_SHEETS = 200
_MOST_COLUMNS = 16_384  # a sheet has no more; more of their descriptions speak of the same ones again
_MOST_UNPACKED = 10  # times the largest file we take
_SMALL_BYTES = 4_000_000  # of a sheet that is looked at as one text
_MOST_RATIO, _RATIO_MATTERS_BYTES = 200, 10_000_000


class RefusedError(Exception):
    """Carry a word of `Unreadable` and its detail out of the child."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The part of `Limits` that the child needs; sent to it as JSON."""

    max_bytes: int
    max_rows: int
    max_columns: int
    max_cells: int


@dataclass(slots=True)
class Marks:
    """What a sheet's XML says beside its values. Rows and columns count from 1."""

    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    uncached: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    zeros: dict[tuple[int, int], tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Formulas that gave 0, or nothing if all the cells they name are blank."""


def scan_workbook(content: bytes, kind: str, ceiling: Ceiling) -> list[Marks]:
    """Look through every sheet of an xlsx or ods file, in the order of the workbook.

    *Raises*: `RefusedError` for what is too large, too far away or encrypted; any other exception means that the
    file is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_archive(archive, ceiling)
        if kind == "xlsx":
            return [_scan_xlsx(archive, part, ceiling) for _, part in find_parts(archive)]
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise RefusedError("encrypted")
        return _scan(archive, "content.xml", _OdsScan(ceiling))


def _check_archive(archive: zipfile.ZipFile, ceiling: Ceiling) -> None:
    entries = archive.infolist()
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedError("encrypted")
    is_bomb = unpacked > _RATIO_MATTERS_BYTES and unpacked > _MOST_RATIO * packed
    if is_bomb or unpacked > _MOST_UNPACKED * ceiling.max_bytes:
        raise RefusedError("too_large", f"{unpacked // 1_000_000} MB")


def find_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """List the worksheets' names with their parts; a sheet whose part is elsewhere or missing gets an empty name."""
    sheets = _attributes(archive.read("xl/workbook.xml"), "sheet")
    if len(sheets) > MOST_SHEETS:
        raise RefusedError("too_large", f"{len(sheets)} sheets > {MOST_SHEETS}")
    links = _attributes(archive.read("xl/_rels/workbook.xml.rels"), "Relationship")
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    present = set(archive.namelist())
    parts = []
    for sheet in sheets:
        link = next((value for name, value in sheet.items() if name.endswith(":id")), "")
        part = posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/")
        parts.append((sheet.get("name", ""), part if part in present else ""))
    return parts


def _attributes(xml: bytes, element: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == element:
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(xml, True)
    return found


def _scan_xlsx(archive: zipfile.ZipFile, part: str, ceiling: Ceiling) -> Marks:
    """Scan one sheet: without its cells where these are plain and near, else as a whole."""
    is_small = bool(part) and archive.getinfo(part).file_size <= _SMALL_BYTES
    rest = take_plain_cells(archive.read(part)) if is_small else None
    if rest is None or not _is_near(rest, ceiling):
        return _scan(archive, part, _XlsxScan(ceiling))[0]
    scan = _XlsxScan(ceiling)
    _parser(scan).Parse(rest.xml, True)
    return scan.marks


def _is_near(rest: Rest, most: Ceiling) -> bool:
    is_within = rest.last_row <= most_rows(most.max_rows) and rest.last_column <= most.max_columns
    return is_within and rest.last_row * rest.last_column <= most.max_cells


def _scan(archive: zipfile.ZipFile, part: str, scan: "_XlsxScan | _OdsScan") -> list[Marks]:
    if not part:
        return [Marks()]
    _parser(scan).Parse(archive.read(part), True)  # at once: expat begins a long token anew with each piece of it
    return scan.sheets


def _parser(scan: "_XlsxScan | _OdsScan") -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> NoReturn:
    raise RefusedError("damaged")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _cell(reference: str) -> tuple[int, int] | None:
    match = _CELL.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - 64
    return int(match[2]), column


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def most_rows(max_rows: int) -> int:
    """Give the rows a sheet may have: those of its table, and one in a hundred for titles and signatures."""
    return max_rows + 1 + max_rows // 100


class _Box:
    """The corner of the cells that hold something, kept within the ceiling."""

    def __init__(self, ceiling: Ceiling) -> None:
        self.ceiling = ceiling
        self.rows = self.columns = 0

    def hold(self, row: int, column: int) -> None:
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)
        most = self.ceiling
        if row < 1 or column < 1:
            raise RefusedError("damaged")
        if row > most_rows(most.max_rows) or column > most.max_columns or self.rows * self.columns > most.max_cells:
            raise RefusedError("far_cell", f"{_letters(column)}{row}")


class _XlsxScan:
    """Follow the cells of one worksheet part."""

    def __init__(self, ceiling: Ceiling) -> None:
        self.marks = Marks()
        self.sheets = [self.marks]
        self.box = _Box(ceiling)
        self.row = self.column = self.hidings = 0
        self.kind = ""
        self.letters: list[str] = []
        self.is_formula = self.is_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "c":
            place = _cell(attributes.get("r", "")) or (self.row, self.column + 1)
            self.row, self.column = place
            self.kind, self.letters, self.is_formula = attributes.get("t", ""), [], False
        elif local == "f":
            self.is_formula = True
        elif local in ("v", "t"):
            self.is_value = True
        elif local == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
            if attributes.get("hidden") in ("1", "true"):
                self.marks.hidden_rows.add(self.row)
        elif local == "col" and attributes.get("hidden") in ("1", "true"):
            self._hide(int(attributes["min"]), int(attributes["max"]))

    def text(self, letters: str) -> None:
        if self.is_value:
            self.letters.append(letters)

    def end(self, name: str) -> None:
        local = _local(name)
        if local in ("v", "t"):
            self.is_value = False
        elif local == "c":
            self._close_cell("".join(self.letters))

    def _hide(self, first: int, last: int) -> None:
        self.hidings += 1
        if self.hidings <= _MOST_COLUMNS:
            self.marks.hidden_columns.update(range(max(1, first), min(last, self.box.ceiling.max_columns) + 1))

    def _close_cell(self, value: str) -> None:
        place = (self.row, self.column)
        if value:
            self.box.hold(*place)
        if self.kind == "e" and value:
            self.marks.errors[place] = value
        elif self.is_formula and not value and self.kind != "str":
            self.box.hold(*place)
            self.marks.uncached.add(place)


class _OdsScan:
    """Follow the tables of an OpenDocument content part, where places follow from repetitions."""

    def __init__(self, ceiling: Ceiling) -> None:
        self.ceiling = ceiling
        self.sheets: list[Marks] = []
        self.box = _Box(ceiling)
        self.row = self.column = self.repeated_rows = self.width = self.header_column = 0
        self.attributes: dict[str, str] = {}
        self.is_cell = self.has_text = self.is_shown = False
        self.notes = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.sheets.append(Marks())
            self.box, self.row, self.header_column = _Box(self.ceiling), 0, 0
        elif name == "office:annotation":
            self.notes += 1
        elif name == "table:table-column":
            self._read_column(attributes)
        elif name == "table:table-row":
            self.repeated_rows = int(attributes.get("table:number-rows-repeated", 1))
            self.row, self.column, self.width = self.row + 1, 0, 0
            if attributes.get("table:visibility", "visible") != "visible":
                last = min(self.row + self.repeated_rows, most_rows(self.ceiling.max_rows) + 1)
                self.sheets[-1].hidden_rows.update(range(self.row, last))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self.attributes, self.is_cell, self.has_text, self.is_shown = attributes, True, False, False
        elif name == "text:p" and not self.notes:
            self.is_shown = True  # be it as nothing: a formula that gave "" was calculated

    def text(self, letters: str) -> None:
        self.has_text = self.has_text or (self.is_cell and not self.notes and bool(letters.strip()))

    def end(self, name: str) -> None:
        if name in ("table:table-cell", "table:covered-table-cell") and self.is_cell:
            self._close_cell(int(self.attributes.get("table:number-columns-repeated", 1)))
        elif name == "office:annotation":
            self.notes -= 1
        elif name == "table:table-row":
            self.row += self.repeated_rows - 1
            if self.width:
                self.box.hold(self.row, self.width)

    def _close_cell(self, repeated: int) -> None:
        first, self.column, self.is_cell = self.column + 1, self.column + repeated, False
        marks, attributes = self.sheets[-1], self.attributes
        is_formula, has_value = "table:formula" in attributes, "office:value-type" in attributes
        if has_value or self.has_text or is_formula:
            self.width = self.column
            self.box.hold(self.row, self.column)
        if is_formula and not has_value and not self.is_shown:
            marks.uncached.add((self.row, first))
        down = int(attributes.get("table:number-rows-spanned", 1))
        right = int(attributes.get("table:number-columns-spanned", 1))
        if (down > 1 or right > 1) and len(marks.merges) < self.ceiling.max_rows:
            marks.merges.append((self.row, first, self.row + down - 1, first + right - 1))

    def _read_column(self, attributes: dict[str, str]) -> None:
        repeated = int(attributes.get("table:number-columns-repeated", 1))
        first, self.header_column = self.header_column + 1, self.header_column + repeated
        if attributes.get("table:visibility", "visible") != "visible":
            last = min(self.header_column, self.ceiling.max_columns)
            self.sheets[-1].hidden_columns.update(range(first, last + 1))
