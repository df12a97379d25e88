"""CSV as portals and spreadsheets write it: five encodings, three separators, one sheet."""

import csv
import io
import unicodedata
from collections.abc import Iterator

from etl.reading.grid import Sheet
from etl.reading.unreadable import Unreadable, refuse
from etl.reading.workbook_scan import most_rows
from etl.settings import Limits

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SEPARATORS = ";\t,|"
SHEET_NAME = "CSV"


def read_csv_sheet(content: bytes, limits: Limits) -> Sheet:
    """Read the one sheet of a CSV file; every cell is text or None.

    *Raises*: `SubmissionError` if the bytes are no text, or too many.
    """
    text = _decode(content)
    if "\0" in text or sum(ch < " " and ch not in "\t\r\n\f\v\x1a\x1c" for ch in text[:4096]) > 4:
        refuse(Unreadable.NOT_A_SPREADSHEET, "?")
    text, separator = _find_separator(unicodedata.normalize("NFC", text))
    return Sheet(SHEET_NAME, tuple(_read_rows(text, separator, limits)))


def _decode(content: bytes) -> str:
    """Decode by the mark at the start, else by what the bytes allow.

    Windows-1258 writes most tones as separate marks; the caller composes them.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    guess = _guess_utf16(content)
    if guess:
        return content.decode(guess, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1258", errors="replace")


def _guess_utf16(content: bytes) -> str | None:
    """Recognise UTF-16 without a mark by its zero bytes, all on one side of each pair."""
    even, odd = content[0:2000:2].count(0), content[1:2000:2].count(0)
    if odd > len(content[1:2000:2]) // 4 and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > len(content[0:2000:2]) // 4 and odd == 0 else None


def _find_separator(text: str) -> tuple[str, str]:
    """Find the separator that cuts the first lines most often, heeding Excel's own "sep=;" line."""
    if text[:4].lower() == "sep=" and text[4:5] in tuple(_SEPARATORS):
        return "\n" + text.partition("\n")[2], text[4]  # the line stays a row, so that row numbers agree
    head = text[:20_000]
    lines = [line for line in head.splitlines()[:50] if line.strip()]

    def cuts(separator: str) -> tuple[int, int]:
        counts = [count for count in (_outside_quotes(line).count(separator) for line in lines) if count]
        return (len(counts) if counts and max(counts) > 1 else 0, max(counts, default=0))

    return text, max(_SEPARATORS, key=cuts) if lines else ","


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _read_rows(text: str, separator: str, limits: Limits) -> Iterator[tuple[str | None, ...]]:
    cells = 0
    csv.field_size_limit(limits.max_bytes)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            cells += len(row)
            if number > most_rows(limits.max_rows) or len(row) > limits.max_columns or cells > limits.max_cells:
                refuse(Unreadable.TOO_LARGE, f"> {limits.max_rows} × {limits.max_columns}")
            yield tuple(cell if cell.strip() else None for cell in row)
    except csv.Error:
        refuse(Unreadable.DAMAGED)
