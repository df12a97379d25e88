"""Which line of the dataset a row of a statement is about, by the names people write."""

import re

from etl.comparing.comparison import Words
from etl.comparing.yardstick import Line, has_unit
from etl.model import Report, Unit
from etl.parsing.lexicon import is_total
from etl.parsing.names import index_units, plain_key
from etl.parsing.title_unit import find_unit
from etl.reference import Reference
from etl.town_dataset import TownDataset

_BEFORE = r"(?:(?:tong cong|tong so|tong|cong|toan bo|bo phan mot cua|mot cua|uy ban nhan dan|khoi|cua|tai|all|the) )*"
_WARDS = re.compile(
    rf"{_BEFORE}(?:(?:cac|\d+) )*(?:cap )?(?:\d+ )?"
    r"(?:xa phuong|phuong xa|xa va phuong|phuong va xa|xa phuong thi tran|cap xa|cap phuong|xa|phuong|wards?|communes?)"
    r"(?: (?:thi tran|together|cong lai|truc thuoc|thuoc|cua|tai|o|tren dia ban))*"
    r"(?: (?:thi xa|thanh pho|huyen|quan)(?: .*)?)?"
)
_DESK = re.compile(
    r"(?:bo phan |trung tam )?(?:mot cua|hanh chinh cong)(?: cua)?(?: uy ban nhan dan)?"
    r"(?: cap huyen| (?:thi xa|thanh pho|huyen|quan)(?: .*)?)?"
    r"|cap (?:huyen|thi xa|quan)|town desk|the town s own desk|desk"
)
_ON_THE_GROUND = re.compile(r"^(?:(?:tren|toan|ca) )*(?:dia ban )?(?:toan )?")
_LOOSE = re.compile(r"xa|phuong|wards?|communes?")  # one word names the kind, not all units of it


def find_line(report: Report, dataset: TownDataset, reference: Reference) -> Line | Words:
    """Find the unit or sum that a report of a statement is about, for all its fields; else say why none."""
    if report.unit is not None:
        return _of_unit(report.unit, dataset, reference)
    key = plain_key(report.unit_text)
    if _WARDS.fullmatch(key) and not _LOOSE.fullmatch(key):
        return Line("wards")
    if _is_desk(key, report, reference):
        return Line("desk")
    if is_total(report.unit_text) or _is_town(key, reference):
        return Line("town")
    return _of_former(report, dataset, reference)


def _of_unit(unit: Unit, dataset: TownDataset, reference: Reference) -> Line | Words:
    if not reference.is_ward(unit):
        return Line("desk")
    line = Line("ward", unit.code, unit.full_name)
    if not has_unit(dataset.frame, line):
        return (
            f"{unit.full_name} không có trong số liệu của kỳ này.",
            f"{unit.full_name} is not in the dataset of this period.",
        )
    return line


def _is_desk(key: str, report: Report, reference: Reference) -> bool:
    """Tell whether a text names the town's own desk: as the reference does, the beginning of that, or by its kind."""
    units = reference.units_on(report.period.end) if report.period else reference.units
    desks = [plain_key(unit.full_name) for unit in units if not reference.is_ward(unit)]
    is_named = len(key.split()) > 3 and any(desk.startswith(key) for desk in desks)
    return bool(desks) and (is_named or bool(_DESK.fullmatch(key)))


def _is_town(key: str, reference: Reference) -> bool:
    names = [plain_key(name) for name in (reference.town.name_vi, reference.town.name_en)]
    return _ON_THE_GROUND.sub("", key, count=1) in names or key in names


def _of_former(report: Report, dataset: TownDataset, reference: Reference) -> Line | Words:
    """Find a unit of another day of the period; else say what is known of the name."""
    known = index_units(reference.units).find_all(report.unit_text)
    lines = [Line("ward", unit.code, unit.full_name) for unit in known if reference.is_ward(unit)]
    inside = [line for line in lines if has_unit(dataset.frame, line)]
    if len(inside) == 1:
        return inside[0]
    _, proposed, why = find_unit(report.unit_text, reference, report.period)
    if why[0]:
        return why
    if proposed:
        quoted = " / ".join(f"“{name}”" for name in proposed)
        return f"Không nhận ra đơn vị này. Có phải là {quoted}?", f"The unit is not recognised. Did you mean {quoted}?"
    return "Không nhận ra đơn vị này.", "The unit is not recognised."
