"""Lay a made month out as the tables that all contenders read: rows, what was pending before, what must be found."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bench.check.made_month import MadeMonth, Town
from bench.check.rules import KEYS, MEASURES, NEGATIVE, TOTAL_ROW
from bench.check.slips import ABSENT, DOUBLE, EDITIONS, KINDS, SLIPS, Counts

YEAR, FIRST_LINE = 2022, 7  # the year of the first month; the line of a sheet on which its rows begin
TOTAL_FIELD = "total"  # what stands for the field of a total row
Positions = npt.NDArray[np.intp]
Texts = npt.NDArray[np.str_]


def lay_rows(made: MadeMonth, month: int) -> pa.Table:
    """Lay the rows out, report by report as they stand in the sheets.

    *Shape*: report (a number), unit, period, month (12 × year + month - 1), sheet, row, kind ("field" | "total"),
    field, source_system, then the measures.
    """
    units, lines = made.kind.shape
    times = 1 + (made.kind == KINDS.index(DOUBLE)).ravel()
    fields, totals = np.repeat(np.arange(units * lines), times), np.flatnonzero(made.town.has_sheet)
    unit = np.concatenate([fields // lines, totals])
    order = np.argsort(unit, kind="stable")
    unit = unit[order]

    def laid(of_fields: npt.NDArray, of_totals: npt.NDArray) -> npt.NDArray:
        return np.concatenate([of_fields.ravel()[fields], of_totals])[order]

    def constant(value: str) -> npt.NDArray:
        return np.full(len(totals), value)

    places = {
        "report": unit + month * units,
        "unit": _texts(unit_codes(units), unit),
        "period": _texts(np.array([period_key(month)]), np.zeros_like(unit)),
        "month": np.full_like(unit, 12 * YEAR + month),
        "sheet": _texts(np.array(["BC"]), np.zeros_like(unit)),
        "row": FIRST_LINE + np.arange(len(unit)) - np.searchsorted(unit, unit),
        "kind": _texts(np.array(["field", "total"]), (order >= len(fields)).astype(np.int64)),
        "field": _coded(laid(made.town.field, constant(TOTAL_FIELD))),
        "source_system": _coded(laid(made.town.system, constant(""))),
    }
    return pa.table(places | {m: _counts(laid(made.cells[m], made.totals[m][totals])) for m in MEASURES})


def lay_before(town: Town, pending: Counts) -> pa.Table:
    """Lay out what was pending before the first month, for those who say it. *Shape*: as the rows."""
    unit, line = (place.ravel() for place in np.indices(pending.shape))
    kept = town.has_sheet[unit]
    unit, line = unit[kept], line[kept]
    return pa.table(
        {
            "unit": _texts(unit_codes(len(pending)), unit),
            "period": _texts(np.array([period_key(0)]), np.zeros_like(unit)),
            "month": np.full_like(unit, 12 * YEAR),
            "source_system": _coded(town.system[unit, line]),
            "field": _coded(town.field[unit, line]),
            "pending_total": pending[unit, line],
        }
    )


def lay_expected(made: MadeMonth, month: int) -> pa.Table:
    """Lay out every finding that the month must give. *Shape*: the columns KEYS."""
    codes = unit_codes(len(made.kind))
    parts = []
    for rule, unit, line in _broken(made):
        system = np.where(line < 0, "", made.town.system[unit, line])
        field = np.where(line < 0, TOTAL_FIELD, made.town.field[unit, line])
        key = (codes[unit], np.full(len(unit), period_key(month)), system, field, np.full(len(unit), rule))
        parts.append(pa.table({name: pa.array(column, pa.string()) for name, column in zip(KEYS, key, strict=True)}))
    return pa.concat_tables(parts)


def _broken(made: MadeMonth) -> Iterator[tuple[str, Positions, Positions]]:
    """Give the rules broken, with units and lines. *Shape*: line -1 is the total row."""
    of_sheets = made.town.has_sheet
    for slip in SLIPS:
        if slip.kind not in KINDS or not slip.breaks:
            continue
        is_edition = made.town.edition == EDITIONS.index(slip.edition)
        at = (made.kind == KINDS.index(slip.kind)) & is_edition[:, None]
        unit, line = np.nonzero(at)
        yield slip.breaks, unit, line
        if slip.breaks.startswith("B."):  # each such slip makes the parts too large, so no two cancel each other
            yield slip.breaks, *_total_rows(at.any(axis=1) & of_sheets)
    is_negative = np.any([(counts < 0) & (counts != ABSENT) for counts in made.totals.values()], axis=0)
    yield NEGATIVE, *_total_rows(is_negative & of_sheets)
    yield TOTAL_ROW, *_total_rows(made.is_total_wrong)


def _total_rows(of_units: npt.NDArray[np.bool_]) -> tuple[Positions, Positions]:
    unit = np.flatnonzero(of_units)
    return unit, np.full(len(unit), -1)


def unit_codes(units: int) -> Texts:
    return np.char.zfill(np.arange(1, units + 1).astype(str), 5)


def period_key(month: int) -> str:
    return f"{YEAR + month // 12}-{month % 12 + 1:02}"


def _texts(names: Texts, codes: npt.NDArray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names, pa.string())).cast(pa.string())


def _coded(texts: npt.NDArray) -> pa.Array:
    names, codes = np.unique(texts, return_inverse=True)
    return _texts(names, codes)


def _counts(values: npt.NDArray) -> pa.Array:
    return pa.array(values, pa.int64(), mask=values == ABSENT)
