"""Whose report a sheet is and for which period, read from what stands above its table."""

from dataclasses import dataclass

from etl.model import Finding, Unit
from etl.parsing.title_lines import find_titles
from etl.parsing.title_period import read_period
from etl.parsing.title_unit import read_unit
from etl.periods import Period
from etl.reading.grid import Sheet
from etl.reference import Reference


@dataclass(frozen=True, slots=True)
class Header:
    """Whose report it is and when, with what is wrong about that. A text without its value stays as written."""

    unit: Unit | None
    unit_text: str
    period: Period | None
    period_text: str
    findings: tuple[Finding, ...]


def read_header(sheet: Sheet, top: int, reference: Reference) -> Header:
    """Read the unit and the period from the rows above `top`, else from the sheet's name."""
    titles = tuple(find_titles(sheet, top))
    period, period_text, about_period = read_period(sheet, titles, reference.town.calendar)
    unit, unit_text, about_unit = read_unit(sheet, titles, reference, period)
    return Header(unit, unit_text, period, period_text, (*about_period, *about_unit))
