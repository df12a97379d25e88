"""Hostile text: encodings misdeclared, quotes never closed, commas without end."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.seeds import CSV, PLAIN, STATEMENT

_TEXT, _PLAIN = CSV.decode(), PLAIN.decode()
_VISCII = bytes(range(256)) * 40
_NAMES = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "-rf",
    "../../etc/passwd",
    "\u202egnp.exe",
    "x" * 10_000,
)


def of_encodings() -> Iterator[tuple[str, bytes]]:
    """The same report in encodings that say nothing of themselves, or something else."""
    for encoding in (
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-7",
        "cp037",
        "cp500",
        "cp1258",
        "cp1252",
        "gb18030",
    ):
        yield f"in-{encoding}", _TEXT.encode(encoding, "replace")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-16-le"), (b"\xff\xfe", "utf-8"), (b"\xfe\xff", "utf-16-le")):
        yield f"marked-{mark.hex()}-in-{encoding}", mark + _TEXT.encode(encoding)
    yield "utf-16-odd", _TEXT.encode("utf-16")[:-1]
    yield "utf-16-lone-surrogates", b"\xff\xfe" + b"\x00\xd8;\x00" * 400
    yield "utf-8-lone-surrogates", _TEXT.encode() + b"\xed\xa0\x80;\xed\xbf\xbf\n"
    yield "utf-8-cut", _TEXT.encode()[:-1] + b"\xe1\xbb"
    yield "utf-8-overlong", b"\xc0\xaf;" * 900
    yield "viscii", _VISCII.replace(b"\0", b"")
    yield "every-byte", bytes(range(256)) * 50
    yield "nul-at-the-end", CSV + b"\0"
    yield "nul-far-away", CSV + b";" * 5_000 + b"\0\n"
    yield "controls", CSV.replace(b"\n", b"\x1b[2J\x07\n", 3)
    yield "separators-of-unicode", _TEXT.replace("\n", "\u2028").encode() + b"\x85\x1c\x1d\x1e"
    yield "only-a-mark", b"\xef\xbb\xbf"
    yield "two-marks", b"\xef\xbb\xbf\xef\xbb\xbf" + CSV
    yield "spaces", b" \t\r\n" * 9_000
    yield "one-byte", b"\xff"


def of_sizes() -> Iterator[tuple[str, bytes]]:
    """As much as fits into a file, and more."""
    yield "50-mb", (_TEXT + "\n").encode() * (50_000_000 // len(CSV))
    yield "50-mb-line", b"x" * 50_000_000
    yield "19-mb-line", b"x" * 19_000_000
    yield "19-mb-of-accents", ("a" + "\u0301" * 900_000 * 10).encode()
    yield "19-mb-of-spaces", b" " * 19_000_000 + CSV
    yield "19-mb-of-quotes", b'"' * 19_000_000
    yield "19-mb-of-lines", b"\n" * 19_000_000
    yield "19-mb-of-returns", b"\r" * 19_000_000 + CSV
    yield "10-million-commas", b"," * 10_000_000
    yield "10-million-semicolons-in-lines", (b";" * 255 + b"\n") * 39_000
    yield "limit-of-cells", b";".join([b"7"] * 50) + (b"\n" + b";".join([b"7"] * 50)) * 19_900
    yield "limit-of-cells-of-text", (";".join(["Chứng thực"] * 50) + "\n").encode() * 19_900
    yield "limit-of-rows-of-reports", PLAIN + PLAIN.partition(b"\n")[2] * (20_000 // max(1, PLAIN.count(b"\n") - 1) - 1)
    yield "headings-again-and-again", CSV * (20_000 // CSV.count(b"\n"))
    yield "plain-headings-again", PLAIN * (20_000 // PLAIN.count(b"\n"))
    yield "statements", STATEMENT * 2_000
    long_name = "Chứng thực " * 10_000
    yield "long-names", _TEXT.replace("Chứng thực", long_name).encode()
    yield "long-heading", _TEXT.replace("Tổng số", "Tổng số " * 9_000).encode()
    yield (
        "many-units",
        "\n".join(
            [_PLAIN.partition("\n")[0], *(f"phường Lạ {n};2022-04;Hộ tịch;;{n}" for n in range(19_000))]
        ).encode(),
    )
    yield (
        "many-periods",
        "\n".join([_PLAIN.partition("\n")[0], *(f"09574;{1000 + n}-04;Hộ tịch;;{n}" for n in range(9_000))]).encode(),
    )


def of_cells() -> Iterator[tuple[str, bytes]]:
    """Quotes, numbers, dates and names as nobody means them."""
    yield "quote-never-closed", CSV.replace(b"\n", b'\n"', 1)
    yield "quotes-everywhere", CSV.replace(b";", b'";"').replace(b",", b'","')
    yield "quote-in-the-middle", CSV.replace(b"1", b'1"2"3')
    yield "sep-line", b"sep=\n" + CSV
    yield "sep-line-odd", b"sep=x\n" + CSV
    for name, value in {
        "10000-digits": "9" * 10_000,
        "1e308": "1e308",
        "1e999999999": "1e999999999",
        "nan": "NaN",
        "infinity": "Infinity",
        "minus": "-5",
        "points": "1." * 3_000,
        "blanks": "1 " * 3_000,
        "arabic": "١٢٣",
        "superscript": "²",
        "roman": "Ⅻ",
        "year-0": "0000-00-00",
        "year-9999999": "9999999-12-31",
        "plus": "+1",
        "formula": "=1+1",
        "percent": "9" * 5_000 + "%",
        "fraction": "½",
        "full-width": "１２",
        "minus-sign": "−5",
        "brackets": "(5)",
        "2-63": "9223372036854775808",
    }.items():
        yield f"count-{name}", _with_counts(value)
        yield f"period-{name}", _PLAIN.replace("2022-04", value).encode()
    for number, name in enumerate(_NAMES):
        yield f"unit-{number}", _PLAIN.replace("09574", name).replace("Lê Lợi", name).encode()
        yield f"field-{number}", _TEXT.replace("Chứng thực", f'"{name}"').encode()
        yield f"title-{number}", f'"{name}"\n{_TEXT}'.encode()


def _with_counts(value: str) -> bytes:
    """Write this in place of the third count of each row."""
    separator = ";" if _TEXT.count(";") > _TEXT.count(",") else ","
    lines = [line.split(separator) for line in _TEXT.split("\n")]
    return "\n".join(
        separator.join([*cells[:4], f'"{value}"', *cells[5:]])
        if len(cells) > 5 and cells[4].strip().isdigit()
        else separator.join(cells)
        for cells in lines
    ).encode()
