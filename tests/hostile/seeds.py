"""Honest reports that hostile ones are made from, and the places that no reader may go to."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from etl.settings import CHECKOUT

_GOLDEN = CHECKOUT / "tests" / "golden"
_FIRST = CHECKOUT / "samples" / "2022-04" / "1-first" / "09574"
_INLINE = re.compile(rb't="inlineStr"><is>(.*?)</is>')
_PLACE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


@dataclass(frozen=True, slots=True)
class Lures:
    """Where hostile files point: a server that listens, and a file with a word that must never come back."""

    server: str = "http://127.0.0.1:9/lure"
    canary: str = "/nowhere/canary"

    def placed(self, xml: str) -> bytes:
        """Write the lures into a text that names them."""
        return xml.replace("{server}", self.server).replace("{canary}", self.canary).encode()


def _with_shared_strings() -> bytes:
    """Give the sample of a ward with two findings, its texts in a part of their own as Excel writes them."""
    (path,) = (path for path in _FIRST.iterdir() if path.suffix == ".xlsx")
    texts: list[bytes] = []

    def share(match: re.Match[bytes]) -> bytes:
        texts.append(match[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet, rels, types = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
    parts[sheet] = _INLINE.sub(share, parts[sheet])
    link = f'<Relationship Id="rId90" Type="{_PLACE}" Target="sharedStrings.xml"/></Relationships>'.encode()
    parts[rels] = parts[rels].replace(b"</Relationships>", link)
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    parts[types] = parts[types].replace(
        b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    )
    space = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    items = b"".join(b"<si>" + text + b"</si>" for text in texts)
    parts["xl/sharedStrings.xml"] = b'<?xml version="1.0" encoding="UTF-8"?>' + space + items + b"</sst>"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


XLSX = _with_shared_strings()
XLS = (_GOLDEN / "layout-2020-xls" / "input.xls").read_bytes()
ODS = (_GOLDEN / "layout-2020-ods" / "input.ods").read_bytes()
CSV = (_GOLDEN / "layout-2020-csv-utf-8" / "input.csv").read_bytes()
PLAIN = (_GOLDEN / "layout-plain-csv-utf-8" / "input.csv").read_bytes()
STATEMENT = (CHECKOUT / "samples" / "statement-2022-04.csv").read_bytes()
