"""Values that no count has, and texts that do things where they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.hostile.seeds import XLSX
from tests.hostile.xlsx_changes import BOOK, SHEET, STRINGS, STYLES, counting, named, saying, telling
from tests.hostile.zips import changed


def of_values() -> Iterator[tuple[str, bytes]]:
    """Values that no count has, and texts that do things where they are shown."""
    for name, value in {
        "10000-digits": b"9" * 10_000,
        "1e308": b"1e308",
        "1e999": b"1e999",
        "nan": b"NaN",
        "infinity": b"Infinity",
        "minus-infinity": b"-INF",
        "2-63": b"9223372036854775808",
        "minus": b"-5",
        "hex": b"0x10",
        "empty": b"",
        "denormal": b"5e-324",
        "minus-zero": b"-0",
        "underscore": b"1_0",
        "arabic": "١٢٣".encode(),
        "nul": b"1&#0;",
    }.items():
        yield f"value-{name}", changed(XLSX, {SHEET: counting(value)})
    for name, kind in {
        "shared": b"s",
        "boolean": b"b",
        "error": b"e",
        "date": b"d",
        "none": b"zzz",
        "str": b"str",
    }.items():
        for value in (b"4294967295", b"-1", b"x", b"1e9"):
            attributes = b' t="' + kind + b'"'
            yield f"kind-{name}-{value.decode()}", changed(XLSX, {SHEET: counting(value, attributes)})
    yield "style-out-of-range", changed(XLSX, {SHEET: counting(b"5", b' s="4294967295"')})
    yield "style-negative", changed(XLSX, {SHEET: counting(b"5", b' s="-1"')})
    for name, value in {
        "far": b"9999999",
        "zero": b"0",
        "minus": b"-5",
        "huge": b"1e300",
        "small": b"60.00001",
    }.items():
        yield f"date-{name}", changed(XLSX, {STYLES: _dated, SHEET: counting(value)})
    for name, text in TEXTS.items():
        yield f"says-{name}", changed(XLSX, {SHEET: saying(text)})
        yield f"tells-{name}", changed(XLSX, {STRINGS: telling(text)})
        yield f"sheet-named-{name}", changed(XLSX, {BOOK: named(text)})


def _dated(styles: bytes) -> bytes:
    return re.sub(rb'numFmtId="\d+"', b'numFmtId="14"', styles)


TEXTS = {
    "equals": "=cmd|&apos; /C calc&apos;!A0",
    "plus": "+1+cmd",
    "minus": "-2+3+cmd",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "return": "&#13;=1+1",
    "full-width": "＝1+1",
    "nul": "_x0000_",
    "surrogate": "_xD800_",
    "escape": "_x001B_[31m",
    "feed": "_x000C_",
    "bidi": "\u202egnp.exe\u2066",
    "zalgo": "a" + "\u0301" * 3_000,
    "long": "x" * 10_000,
    "noncharacter": "\ufffe\U0010ffff",
    "html": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "path": "../../../../etc/passwd",
    "option": "-rf",
    "device": "CON",
    "quotes": "&apos;&quot;]]&gt;",
    "percent": "%s%n{0}{x}",
    "crlf": "a&#13;&#10;Bcc: x@x.example",
    "sql": "&apos;; DROP TABLE report; --",
    "jinja": "{{ 7*7 }}{% raw %}",
    "digits": "9" * 10_000,
    "spaces": " " * 9_000 + "x",
    "e-power": "1e999999999",
    "dots": ".".join("1" * 3_000),
    "month": "tháng 99999999999999999999 năm 0",
}
"""What a cell, a title or the name of a sheet may say, as XML."""
