"""Write a month of a nation as xlsx files, one for each commune: the official sheet with its merged headers and sums.

The figures are made up, from a fixed seed; a share of the files has one cell mistyped, so that a balance breaks.
Written once: one workbook is laid out as the system lays out its forms, and the others are its XML with other values.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

import numpy as np

from bench.coherent import MEASURES, TOTAL_OF, Counts, make_sheet, with_totals
from etl.form_layout import compose_form
from etl.form_sheet import Part
from etl.model import Unit
from etl.reference import Reference
from etl.sealing import FIRST_SHEET
from etl.template import build_workbook

SEED = 20220414
PERIOD = (2022, 4)
_NAME = "Tên Của Đơn Vị"
_FIGURE = re.compile(r'(<c r="[A-Z]+(\d+)"[^>]*>(?:<f>[^<]*</f>)?<v>)\d+(?=</v></c>)')
_PARTS = np.array(sorted(TOTAL_OF))


@dataclass(frozen=True, slots=True)
class Sample:
    """What the files are made from: whatever else it was, they are made anew."""

    files: int
    mistyped: float  # share of the files
    seed: int = SEED


def make_files(folder: Path, nation: Reference, sample: Sample) -> list[Path]:
    """Give the files, in the order of the units; those of the last run where they are of the same sample."""
    units = nation.units[: sample.files]
    paths = [folder / f"{unit.code}.xlsx" for unit in units]
    told, note = folder / "sample.json", json.dumps(asdict(sample))
    if told.is_file() and told.read_text() == note:
        return paths
    folder.mkdir(parents=True, exist_ok=True)
    told.unlink(missing_ok=True)
    for path, content in zip(paths, _write(nation, units, sample), strict=True):
        path.write_bytes(content)
    told.write_text(note)
    return paths


def _write(nation: Reference, units: Sequence[Unit], sample: Sample) -> Iterator[bytes]:
    rng = np.random.default_rng(sample.seed)
    parts, slots = _lay_out(nation)
    for unit in units:
        figures = make_sheet(rng, continues=1.0, fields=len(nation.fields)).rows
        if rng.random() < sample.mistyped:
            figures[rng.integers(len(figures)), rng.choice(_PARTS)] += 9
            figures = with_totals(figures)
        sheet = _fill(slots, np.vstack([figures, figures.sum(axis=0)]))
        named = sheet.replace(_NAME, escape(unit.name)).replace(_NAME.upper(), escape(unit.name.upper()))
        yield _zip(parts | {FIRST_SHEET: named})


def _lay_out(nation: Reference) -> tuple[dict[str, str], list[str]]:
    """Build one workbook: its parts, and its sheet cut where each figure stands."""
    unit = Unit("00000", _NAME, "xã")
    rows = [{"field": one.code, **dict.fromkeys(MEASURES, 1)} for one in nation.fields]
    period = nation.town.calendar.month(*PERIOD)
    sheet = compose_form(nation, nation.form.edition("2020"), unit=unit, period=period, rows=rows)
    content = build_workbook(sheet, largest_count=nation.town.largest_count)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    figured = {*sheet.numbers_of(Part.FIELD), *sheet.numbers_of(Part.TOTAL)}
    slots, end = [], 0
    for match in _FIGURE.finditer(parts[FIRST_SHEET]):
        column = match[1].partition('"')[2][0]
        if int(match[2]) in figured and column >= "C":
            slots.append(parts[FIRST_SHEET][end : match.end(1)])
            end = match.end()
    return parts, [*slots, parts[FIRST_SHEET][end:]]


def _fill(slots: Sequence[str], figures: Counts) -> str:
    values = [str(value) for value in figures.ravel().tolist()]
    return "".join(text for pair in zip(slots, [*values, ""], strict=True) for text in pair)


def _zip(parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()
