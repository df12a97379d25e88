"""What a file is, told by its bytes: a name can lie."""

import io
import re
import zipfile
from enum import StrEnum
from pathlib import Path

from etl.reading.unreadable import Unreadable, refuse

_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER = (
    (b"%PDF", "PDF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
)
_ENTRY = b"PK\x01\x02"  # every line of a zip's directory begins so
_MOST_ENTRIES = 5_000  # a report has some ten
_MARKUP = re.compile(rb"^\s*(?:<\?xml|<!doctype|<html|<table|<head|<meta)", re.IGNORECASE)


class Kind(StrEnum):
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    TEXT = "text"


def may_be_workbook(path: Path) -> bool:
    """Tell whether a file begins as a workbook does: then only a child may look further."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_OLE)).startswith((_ZIP, _OLE))
    except (OSError, ValueError):  # whoever reads it next says so
        return False


def find_kind(content: bytes) -> Kind:
    """Tell the kind of file from its content.

    *Raises*: `SubmissionError` for anything that is no sheet of cells.
    """
    if not content:
        refuse(Unreadable.EMPTY)
    if content.startswith(_ZIP):
        return _kind_of_zip(content)
    if content.startswith(_OLE):
        return _kind_of_ole(content)
    for magic, name in _OTHER:
        if content.startswith(magic):
            refuse(Unreadable.NOT_A_SPREADSHEET, name)
    if _MARKUP.match(content.removeprefix(b"\xef\xbb\xbf")[:200]):
        refuse(Unreadable.WEB_PAGE)
    return Kind.TEXT


def _kind_of_zip(content: bytes) -> Kind:
    if (entries := content.count(_ENTRY)) > _MOST_ENTRIES:  # listing some 100 000 takes seconds
        refuse(Unreadable.TOO_LARGE, f"{entries} > {_MOST_ENTRIES}")
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, UnicodeError):
        refuse(Unreadable.DAMAGED)
    lowered = {name.lower().replace("\\", "/") for name in names}
    if "xl/workbook.xml" in lowered:
        return Kind.XLSX
    if "xl/workbook.bin" in lowered:
        refuse(Unreadable.BINARY_WORKBOOK)
    if "content.xml" in lowered and "meta-inf/manifest.xml" in lowered:
        return Kind.ODS
    refuse(Unreadable.NOT_A_SPREADSHEET, "Word" if "word/document.xml" in lowered else "ZIP")


def _kind_of_ole(content: bytes) -> Kind:
    """Look for the streams a compound file names, in UTF-16, in its directory."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        refuse(Unreadable.ENCRYPTED)
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return Kind.XLS
    refuse(Unreadable.NOT_A_SPREADSHEET, "Word" if "WordDocument".encode("utf-16-le") in content else "OLE")
