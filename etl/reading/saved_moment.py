"""When a workbook was last saved, by its own properties. It runs in the child, like the scans.

*Source*: ECMA-376 part 2 (core properties), OpenDocument 1.3 (meta.xml), [MS-OLEPS] (SummaryInformation).
Imports nothing but the standard library.
"""

import io
import re
import struct
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

from etl.reading.xls_scan import CompoundFile

_MOST_BYTES = 65_536  # of the properties that are looked at; real ones have a thousand
_IN_ZIP = {
    "xlsx": ("docProps/core.xml", re.compile(rb"<(?:\w+:)?modified\b[^<>]{0,200}>\s*([0-9T:.Z+-]{10,40})\s*</")),
    "ods": ("meta.xml", re.compile(rb"<dc:date>\s*([0-9T:.Z+-]{10,40})\s*</")),
}
_LAST_SAVED, _FILETIME = 0x0D, 0x40
_FIRST_FILETIME = datetime(1601, 1, 1, tzinfo=UTC)


def find_saved_moment(content: bytes, kind: str) -> str | None:
    """Find when a workbook was last saved, in ISO form; without a zone where the file names none.

    *Missing*: None where there are no such properties, or broken ones: they are no reason to refuse a file.
    """
    try:
        return _find_in_xls(content) if kind == "xls" else _find_in_zip(content, *_IN_ZIP[kind])
    except (KeyError, IndexError, ValueError, OverflowError, NotImplementedError):
        return None
    except (struct.error, zipfile.BadZipFile, zlib.error, EOFError):
        return None


def _find_in_zip(content: bytes, part: str, pattern: re.Pattern[bytes]) -> str | None:
    """Look for one element by its letters: nothing in the part is parsed, so nothing in it can expand."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(part) as stream:
        found = pattern.search(stream.read(_MOST_BYTES))
    return found[1].decode("ascii") if found else None


def _find_in_xls(content: bytes) -> str | None:
    stream = CompoundFile(content).read_stream("\x05SummaryInformation")
    (section,) = struct.unpack_from("<I", stream, 44)
    _, count = struct.unpack_from("<II", stream, section)
    for number in range(min(count, 100)):
        name, offset = struct.unpack_from("<II", stream, section + 8 + 8 * number)
        kind, ticks = struct.unpack_from("<IQ", stream, section + offset) if name == _LAST_SAVED else (0, 0)
        if kind == _FILETIME and ticks:
            return (_FIRST_FILETIME + timedelta(microseconds=ticks // 10)).isoformat()
    return None
