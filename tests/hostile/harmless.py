"""What may not be sent back: formulas that call, text that becomes one, links out, controls, turned writing."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Iterator

from openpyxl import load_workbook
from openpyxl.cell import Cell

from etl.mail import Message
from etl.marking.formulas import is_ordinary
from tests.hostile.lures import WORD

_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NEVER = ("externallinks", "vbaproject", "activex", "embeddings", "connections.xml", "querytable", "pivot")


def find_harm(workbook: bytes) -> list[str]:
    """Name what could do harm where a workbook is opened."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        names = archive.namelist()
        harm = [f"part {name}" for name in names if any(part in name.lower() for part in _NEVER)]
        texts = {name: archive.read(name) for name in names}
    harm += [f"canary in {name}" for name, text in texts.items() if WORD.encode() in text]
    harm += [f"link out in {name}" for name, text in texts.items() if b'TargetMode="External"' in text]
    harm += [f"entities in {name}" for name, text in texts.items() if b"<!DOCTYPE" in text]
    return [*harm, *_find_harmful_cells(workbook)]


def _find_harmful_cells(workbook: bytes) -> Iterator[str]:
    for page in load_workbook(io.BytesIO(workbook)).worksheets:
        for cell in page._cells.values():
            if not isinstance(cell, Cell) or cell.value is None:
                continue
            if cell.data_type == "f" and not is_ordinary(str(getattr(cell.value, "text", cell.value))):
                yield f"formula at {page.title} {cell.coordinate}"
            if cell.data_type == "s" and str(cell.value).startswith(_STARTS) and not cell.quotePrefix:
                yield f"text that becomes a formula at {page.title} {cell.coordinate}"


def find_harm_in_letter(letter: Message) -> list[str]:
    """Name what could do harm in a letter: in its subject, its two texts and the names of its files."""
    harm = [f"line end in {name}" for name, text in _lines(letter) if "\n" in text or "\r" in text]
    for name, text in (*_lines(letter), ("text", letter.text), ("html", letter.html)):
        odd = {unicodedata.name(c, hex(ord(c))) for c in text if c not in "\n\t" and _is_odd(c)}
        harm += [f"{one} in {name}" for one in sorted(odd)]
        harm += [f"canary in {name}"] if WORD in text else []
    harm += ["a script in html"] if "<script>alert" in letter.html else []
    names = [attachment.name for attachment in letter.attachments]
    return harm + [
        f"a path in {name!r}" for name in names if set(name) & set('/\\<>:"|?*') or name.startswith((".", "-"))
    ]


def _lines(letter: Message) -> list[tuple[str, str]]:
    return [("subject", letter.subject), *(("attachment", attachment.name) for attachment in letter.attachments)]


def _is_odd(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")
