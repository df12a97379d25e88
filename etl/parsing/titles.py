"""Whose report a sheet is and for which period, read from what stands above its table."""

from collections.abc import Sequence
from dataclasses import dataclass

from etl.model import Finding, Unit
from etl.parsing.form_code import FormCode, read_code
from etl.parsing.title_lines import Title, find_titles
from etl.parsing.title_period import find_other_period, read_period
from etl.parsing.title_unit import find_other_unit, read_unit
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
    code: FormCode | None = None


def read_header(sheet: Sheet, top: int, reference: Reference) -> Header:
    """Read the unit and the period from the rows above `top`, else from the sheet's name.

    The code of a form that was handed out decides both, however the titles are spelled.
    """
    titles = tuple(find_titles(sheet, top))
    code, about_code = read_code(sheet, top, reference)
    if code is not None:
        return _read_coded(sheet, titles, reference, code)
    period, period_text, about_period = read_period(sheet, titles, reference.town.calendar)
    unit, unit_text, about_unit = read_unit(sheet, titles, reference, period)
    return Header(unit, unit_text, period, period_text, (*about_period, *about_unit, *about_code))


def _read_coded(sheet: Sheet, titles: Sequence[Title], reference: Reference, code: FormCode) -> Header:
    """Take what the code says, and report titles that clearly name another period or unit: which one is meant?"""
    unit, period, findings = code.unit, code.period, []
    if named := find_other_period(titles, period, reference.town.calendar):
        title, another = named
        expected = (
            f"mã biểu ở ô {code.cell} là của kỳ “{period.key}”: hãy dùng biểu mẫu của đúng kỳ hoặc xóa dòng mã biểu",
            f"the form's code in cell {code.cell} is for “{period.key}”: use that period's form, or remove the code",
        )
        findings.append(title.remark("S.period-contradicted", sheet, found=another.key, expected=expected))
    if stated := find_other_unit(titles, unit, reference):
        title, other = stated
        expected = (
            f"mã biểu ở ô {code.cell} là của “{unit.full_name}”: hãy dùng biểu mẫu của đơn vị hoặc xóa dòng mã biểu",
            f"the form's code in cell {code.cell} is for “{unit.full_name}”: use your unit's form, or remove the code",
        )
        findings.append(title.remark("S.unit-contradicted", sheet, found=other.full_name, expected=expected))
    return Header(unit, unit.code, period, period.key, tuple(findings), code)
