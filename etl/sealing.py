"""Seal a workbook that openpyxl wrote: the same cells give the same bytes, and formulas keep their values.

Imports nothing but the standard library, for it runs in a child as well (`etl/marking/child.py`).
"""

import io
import re
import zipfile
from collections.abc import Mapping
from html import escape
from typing import NamedTuple

FIRST_SHEET = "xl/worksheets/sheet1.xml"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name
_UNCACHED = re.compile(r'<c (r="([A-Z]+\d+)"[^>]*)>(<f\b[^>]*>[^<]*</f>|<f\b[^>]*/>)<v(?: ?/>|></v>)</c>')
_MERGES = re.compile(r"(<mergeCell [^>]*/>)+")


class Cached(NamedTuple):
    """The value a formula had when it was last calculated: its kind as a cell's attribute `t`, "" for a number."""

    kind: str
    text: str


def seal_workbook(
    content: bytes, values: Mapping[str, Mapping[str, Cached]], *, replaced: Mapping[str, bytes] | None = None
) -> bytes:
    """Give formulas the values a spreadsheet would show, and take out the moment of writing.

    `values`: part of a worksheet, such as "xl/worksheets/sheet1.xml" → cell → value.
    `replaced`: parts to be written like this instead.
    """
    sealed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(sealed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            text = (replaced or {}).get(name) or old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = _in_order(_with_values(text.decode(), values.get(name, {}))).encode()
            if name == "docProps/core.xml":
                text = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", text)
            new.writestr(zipfile.ZipInfo(name, _EARLIEST), text, zipfile.ZIP_DEFLATED)
    return sealed.getvalue()


def _with_values(xml: str, values: Mapping[str, Cached]) -> str:
    def put(match: re.Match[str]) -> str:
        value = values.get(match[2])
        kind = f' t="{escape(value.kind)}"' if value and value.kind else ""
        stored = f"<v>{escape(value.text, quote=False)}</v>" if value else ""
        return f"<c {match[1]}{kind}>{match[3]}{stored}</c>"

    return _UNCACHED.sub(put, xml)


def _in_order(xml: str) -> str:
    """Put the merged ranges, which openpyxl keeps as a set, into an order."""
    return _MERGES.sub(lambda merges: "".join(sorted(re.findall(r"<mergeCell [^>]*/>", merges[0]))), xml)
