"""Changes at random, of bytes, of the parts of a zip file, of the cells of a sheet; each follows from its generator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from etl.reading.grid import Merge, Sheet, Value
from tests.hostile.zips import read_parts, write_parts

Row = tuple[Value, ...]

_NUMBERS = (0, 1, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS = (
    b"\0",
    b"\xff\xff\xff\xff",
    b"<",
    b">",
    b"&",
    b'"',
    b"'",
    b";",
    b",",
    b"\t",
    b"\n",
    b"\r",
    b"--",
    b"=",
    b"-1",
    b"0",
    b"1e308",
    b"NaN",
    b"999999999999",
    b"9" * 300,
    b"&#0;",
    b"&x;",
    b"]]>",
    b"<!--",
    b"<!DOCTYPE x>",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"A1:XFD1048576",
    b'r="XFD1048576"',
    b't="s"',
    b't="e"',
    b"hidden",
    b"_xD800_",
    b"_x0000_",
    b"boundary=",
    b"=?utf-8?b?",
    b"Content-Type: ",
    b"From: ",
    b'table:number-columns-repeated="999999"',
    "\u202e".encode(),
    "Ph\u01b0\u1eddng".encode(),
)
_VALUES: tuple[Value, ...] = (
    None,
    "",
    " ",
    "-",
    "0",
    "không phát sinh",
    "1.297",
    "1,297",
    "98,81 %",
    "=1+1",
    "#REF!",
    "x" * 5_000,
    "9" * 5_000,
    "\0",
    "\u202e",
    "\x1b[2J",
    "(1)",
    "(3)=(4)+(5)",
    "STT",
    "TỔNG CỘNG",
    "I",
    "Lĩnh vực",
    "Tháng 4 năm 2022",
    "quý IV/2022",
    "năm 0",
    "09574",
    "Phường Lê Lợi",
    "UBND " * 50,
    "từ ngày 32/13/9999 đến ngày 00/00/0000",
    "15/3/99999999999",
    "Biểu II.06a",
    "¹²³",
    "١٢٣",
    "½",
    "−5",
    True,
    False,
    0,
    1,
    -1,
    5.5,
    1.29,
    1e308,
    -1e308,
    float("nan"),
    float("inf"),
    2**31,
    2**63,
    10**30,
    -(2**63),
    5e-324,
    date(1, 1, 1),
    date(9999, 12, 31),
    datetime(2022, 4, 14, 23, 59),
    timedelta(days=999_999),
    timedelta(days=-1),
)


def change_bytes(content: bytes, random: Random) -> bytes:
    """Change some bytes: flip, cut, double, move, or put in what programs trip over."""
    told = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 3, 5, 9, 30))):
        at = random.randrange(len(told) + 1)
        end = min(len(told), at + random.choice((1, 2, 4, 8, 64, 512)))
        match random.randrange(7):
            case 0 if at < len(told):
                told[at] ^= 1 << random.randrange(8)
            case 1:
                told[at:end] = random.randbytes(end - at)
            case 2:
                del told[at:end]
            case 3:
                told[at:at] = told[at:end] * random.choice((1, 2, 50))
            case 4:
                told[at:at] = random.choice(_WORDS)
            case 5:
                size = random.choice((1, 2, 4))
                told[at : at + size] = (random.choice(_NUMBERS) & (256**size - 1)).to_bytes(size, "little")
            case 6 if random.random() < 0.1:
                del told[at:]
            case _:
                word = random.choice(_WORDS)
                told[at : at + len(word)] = word
    return bytes(told)


def change_part(content: bytes, random: Random) -> bytes:
    """Change the bytes of one part of a zip file, and pack it again as if nothing had happened."""
    parts = read_parts(content)
    name = random.choice([name for name in parts for _ in range(9 if "sheet" in name or name == "content.xml" else 1)])
    parts[name] = change_bytes(parts[name], random)
    return write_parts(parts)


def change_sheet(sheet: Sheet, random: Random) -> Sheet:
    """Change some cells, rows or columns of a sheet, and what the workbook says about it."""
    rows = [list(row) for row in sheet.rows]
    for _ in range(random.choice((1, 1, 2, 4, 9, 40))):
        if rows:
            _change_rows(rows, random)
    near = lambda: random.choice((1, 2, 3, 5, 9, len(rows), 20_001, 256))  # noqa: E731
    merges = sheet.merges
    if random.random() < 0.2:
        merges = (*sheet.merges, *(Merge(near(), near(), near(), near()) for _ in range(random.randrange(4))))
    if random.random() < 0.1:
        merges = merges[: random.randrange(len(merges) + 1)]
    return replace(
        sheet,
        name=random.choice((sheet.name, sheet.name, "", "Kết quả kiểm tra", "\0")),
        rows=tuple(tuple(row) for row in rows),
        is_visible=random.random() > 0.1,
        merges=merges,
        hidden_rows=frozenset(near() for _ in range(random.choice((0, 0, 3)))),
        hidden_columns=frozenset(near() for _ in range(random.choice((0, 0, 3)))),
        uncached=frozenset((near(), near()) for _ in range(random.choice((0, 0, 3)))),
    )


def _change_rows(rows: list[list[Value]], random: Random) -> None:
    at, other = random.randrange(len(rows)), random.randrange(len(rows))
    row = rows[at]
    match random.randrange(9):
        case 0:
            del rows[at]
        case 1:
            rows.insert(other, list(row))
        case 2:
            rows[at], rows[other] = rows[other], rows[at]
        case 3:
            column = random.randrange(20)
            for one in rows:
                del one[column : column + 1]
        case 4:
            column, value = random.randrange(20), random.choice(_VALUES)
            for one in rows:
                one.insert(column, value)
        case 5:
            rows[at:at] = [[random.choice(_VALUES) for _ in range(random.randrange(20))]]
        case 6 if row and rows[other]:
            row[random.randrange(len(row))] = random.choice(rows[other])
        case 7 if row:
            row[random.randrange(len(row))] = _odd_text(row[random.randrange(len(row))], random)
        case _ if row:
            row[random.randrange(len(row))] = random.choice(_VALUES)


def _odd_text(value: Value, random: Random) -> Value:
    """Change some letters of a text; give a number as text, and a text as what it is a part of."""
    letters = list(str(value if value is not None else ""))
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(letters) + 1)
        letters[at : at + random.randrange(3)] = random.choice("0123456789.,-+()%/ \tăđêôơưỞa\u0301\u200b\u00a0\nIVX")
    return "".join(letters) * random.choice((1, 1, 1, 1, 2, 40))
