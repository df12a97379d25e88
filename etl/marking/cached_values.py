"""What a worksheet stores beside its formulas: the values they had when a spreadsheet last calculated them.

openpyxl reads either the formula or its value, and never as it is written; so the values are taken from the XML.
"""

import zipfile
from xml.parsers import expat

from openpyxl.utils import range_boundaries

from etl.reading.grid import cell_name
from etl.reading.workbook_scan import RefusedError, find_parts
from etl.sealing import Cached

_MOST_COVERED = 200_000  # cells under merged ranges: openpyxl makes an object of each


def read_cached(archive: zipfile.ZipFile) -> dict[str, dict[str, Cached]]:
    """Read the value of each calculated formula: sheet → cell → value.

    *Raises*: RefusedError where a sheet merges more cells than can be opened.
    """
    return {name: _scan(archive, part) for name, part in find_parts(archive) if part}


def _scan(archive: zipfile.ZipFile, part: str) -> dict[str, Cached]:
    scan = _FormulaScan()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    parser.Parse(archive.read(part), True)  # at once: expat begins a long token anew with each piece of it
    return scan.values


class _FormulaScan:
    """Follow the cells of one worksheet part."""

    def __init__(self) -> None:
        self.values: dict[str, Cached] = {}
        self.place = self.kind = ""
        self.row = self.column = self.covered = 0
        self.letters: list[str] = []
        self.is_formula = self.is_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self.column += 1
            self.place = attributes.get("r") or cell_name(self.row, self.column)
            self.kind, self.letters, self.is_formula = attributes.get("t", ""), [], False
        elif local == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif local == "f":
            self.is_formula = True
        elif local == "v":
            self.is_value = True
        elif local == "mergeCell":
            self._cover(attributes.get("ref", ""))

    def text(self, letters: str) -> None:
        if self.is_value:
            self.letters.append(letters)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "v":
            self.is_value = False
        elif local == "c" and self.is_formula and self.letters:
            self.values[self.place] = Cached(self.kind if self.kind != "n" else "", "".join(self.letters))

    def _cover(self, merged: str) -> None:
        left, top, right, bottom = (corner or 0 for corner in range_boundaries(merged))
        self.covered += (right - left + 1) * (bottom - top + 1)
        if self.covered > _MOST_COVERED:
            raise RefusedError("too_large", f"{self.covered} merged")
