"""Rates that a statement prints: each held against the quotient of the row's own counts.

The form's measures are counts, so the parser passes rates over; they are read here, from the columns it does not know.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import permutations
from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz

from etl.comparing.comparison import Counts, NotCompared, Place, RateRemark, Reason, Words
from etl.forms import Form
from etl.model import Report
from etl.parsing.header_paths import heading_key
from etl.parsing.headings import find_layouts
from etl.parsing.names import plain_key
from etl.parsing.remarks import show
from etl.phrases import percent
from etl.reading.grid import Sheet, Value, cell_name, column_letters
from etl.reading.sheets import read_book
from etl.reference import Reference
from etl.settings import Limits

_RATE_WORDS = re.compile(r"\b(?:ty le|ti le|phan tram|pct|percent|percentage|rate|share|dat)\b|%")
_FILLERS = re.compile(r"\b(?:ty le|ti le|phan tram|pct|percent|percentage|rate|share|dat|ho so|so|of|the)\b|%")
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,12})?")
_ALIKE = 90.0
_MOST_DECIMALS = 6
_LEAST_ROWS = 2  # that must fit before a heading that says nothing is taken for a quotient


@dataclass(frozen=True, slots=True)
class RateColumn:
    """A column of rates: its heading, the measures it divides (None: not known), and its cells by sheet and row."""

    heading: str
    heading_cell: tuple[str, str]
    letters: str
    quotient: tuple[str, str] | None
    values: Mapping[tuple[str, int], Value]


def read_rate_columns(
    path: Path, reports: Sequence[Report], reference: Reference, limits: Limits
) -> tuple[RateColumn, ...]:
    """Read the columns of a plain table that the form does not know and whose headings speak of a rate."""
    counts = {(sheet, row): found for report in reports for sheet, row, found in _counts(report, reference.form)}
    return tuple(
        column
        for sheet in read_book(path, limits).sheets
        for layout in find_layouts(sheet, reference.form)[:1]
        if layout.edition.layout == "plain"
        for at in layout.unknown
        for column in [_read_column(sheet, layout.bottom, at, (counts, reference.form))]
        if column
    )


def _read_column(
    sheet: Sheet, heading_row: int, at: int, known: tuple[Mapping[tuple[str, int], Counts], Form]
) -> RateColumn | None:
    heading = sheet.value(heading_row, at)
    if not isinstance(heading, str) or not (_RATE_WORDS.search(plain_key(heading)) or "%" in heading):
        return None
    rows = range(heading_row + 1, sheet.height + 1)
    values = {(sheet.name, row): value for row in rows if (value := sheet.value(row, at)) is not None}
    place = (sheet.name, cell_name(heading_row, at))
    quotient = _find_named(heading, known[1]) or _find_fitting(values, known[0])
    return RateColumn(show(heading), place, column_letters(at), quotient, values)


def _counts(report: Report, form: Form) -> Iterator[tuple[str, int, Counts]]:
    for row in report.frame.to_dict("records"):
        counts = {m: int(row[m]) for m in form.measure_names if not pd.isna(row[m])}
        yield str(row["sheet"]), int(row["row"]), counts


def _find_named(heading: str, form: Form) -> tuple[str, str] | None:
    """Find the rate of the form that a heading names."""
    key = _bare(heading)
    for rate in form.rates:
        names = [_bare(name) for name in (rate.label_vi, rate.label_en)]
        if plain_key(heading) == plain_key(rate.name) or (
            key and any(fuzz.token_set_ratio(key, name) >= _ALIKE for name in names)
        ):
            return rate.part, rate.whole
    return None


def _bare(text: str) -> str:
    return " ".join(_FILLERS.sub(" ", heading_key(text)).split())


def _find_fitting(
    values: Mapping[tuple[str, int], Value], counts: Mapping[tuple[str, int], Counts]
) -> tuple[str, str] | None:
    """Find the one pair of columns whose quotient most rows print, where the heading does not say."""
    read = [(parse_rate(value), counts.get(place)) for place, value in values.items()]
    rows = [(printed, found) for printed, found in read if printed is not None and found is not None]
    measures = {m for _, found in rows for m in found}
    fits = {
        pair: sum(_rounded(found, pair, printed) == printed for printed, found in rows)
        for pair in permutations(sorted(measures), 2)
    }
    best = max(fits.values(), default=0)
    pairs = [pair for pair, count in fits.items() if count == best]
    return pairs[0] if len(pairs) == 1 and best >= _LEAST_ROWS and 2 * best > len(rows) else None


def _rounded(counts: Counts, pair: tuple[str, str], printed: Decimal) -> Decimal | None:
    exact = _quotient(counts, pair)
    return None if exact is None else exact.quantize(Decimal(1).scaleb(_exponent(printed)), ROUND_HALF_UP)


def _quotient(counts: Counts, pair: tuple[str, str]) -> Decimal | None:
    part, whole = counts.get(pair[0]), counts.get(pair[1])
    return None if part is None or not whole else Decimal(part) * 100 / whole


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return min(0, exponent) if isinstance(exponent, int) else 0


def parse_rate(value: Value) -> Decimal | None:
    """Read a rate in percent as printed, with its decimals; a spreadsheet's 0.9881 is 98,81 %.

    *Missing*: None where it is no number from 0 to 999.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        if not 0 <= value <= 999:
            return None
        number = Decimal(str(round(value, _MOST_DECIMALS + 2)))
        share = number * 100 if value <= 1 else number
        return round(share, _MOST_DECIMALS).normalize() if _exponent(share) < -_MOST_DECIMALS else share
    text = str(value).strip()
    bare = text.removesuffix("%").strip()
    return Decimal(bare.replace(",", ".")) if _NUMBER.fullmatch(bare) else None


def find_rate_remarks(
    place: Place, printed: Counts, *, known: Counts, columns: Sequence[RateColumn]
) -> Iterator[RateRemark | NotCompared]:
    """Hold each rate of a row against the quotient of its own counts, at the decimals that it prints."""
    for column in columns:
        value = column.values.get((place.sheet, place.row or 0))
        if value is None:
            continue
        rate = parse_rate(value)
        exact = _quotient(printed, column.quotient) if column.quotient else None
        if rate is None or exact is None or column.quotient is None:
            yield NotCompared(place, Reason.RATE, *_why_not(column, rate))
            continue
        step = Decimal(1).scaleb(_exponent(rate))
        if exact.quantize(step, ROUND_HALF_UP) != rate:
            part, whole = column.quotient
            yield RateRemark(
                place=place,
                heading=column.heading,
                cell=f"{column.letters}{place.row}",
                printed=rate,
                quotient=exact.quantize(min(step, Decimal("0.01")), ROUND_HALF_UP),
                dataset=percent(known.get(part), known.get(whole)),
                is_cut_off=exact.quantize(step, ROUND_DOWN) == rate,
            )


def _why_not(column: RateColumn, rate: Decimal | None) -> Words:
    name = column.heading
    if rate is None:
        return f"“{name}”: ô này không phải một tỷ lệ.", f"“{name}”: the cell is no rate."
    if column.quotient is None:
        return (
            f"“{name}”: không rõ là tỷ lệ của số nào trên số nào.",
            f"“{name}”: it is not known which number it divides by which.",
        )
    return (
        f"“{name}”: dòng không ghi đủ hai số để tính tỷ lệ.",
        f"“{name}”: the row does not print both numbers of the quotient.",
    )
