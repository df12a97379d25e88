"""Which units are not in a figure, in which months, and what a partial figure is called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from etl.model import Language
from etl.phrases import clean, name_period
from etl.publishing.published_tables import pick
from etl.town_dataset import TownDataset

MOST_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Absence:
    """A unit whose report is missing or was sent back (`status`) in some of the months in which it was expected."""

    unit_code: str
    unit_name: str
    status: str
    months: tuple[str, ...]
    is_whole: bool  # none of its reports is in the figures


def find_absences(dataset: TownDataset) -> list[Absence]:
    """List who is missing, then who was sent back, in the order of the coverage."""
    expected = dataset.coverage[dataset.coverage["expected"]]
    found: dict[tuple[str, str, str], list[str]] = {}
    inside: set[tuple[str, str]] = set()
    for row in expected.itertuples(index=False):
        unit, status = (str(row.unit_code), str(row.unit_name)), str(row.status)
        if status.startswith("accepted"):
            inside.add(unit)
        else:
            found.setdefault((*unit, status), []).append(str(row.period_key))
    listed = [
        Absence(code, name, status, tuple(months), (code, name) not in inside)
        for (code, name, status), months in found.items()
    ]
    return sorted(listed, key=lambda one: one.status != "missing")


def say_absence(absence: Absence, dataset: TownDataset, language: Language) -> str:
    """Name the unit, and its months where there are several: "xã Cổ Đông (tháng 3/2022)"."""
    name = clean(absence.unit_name, 80)
    return name if len(dataset.periods) == 1 else f"{name} ({say_months(absence.months, language)})"


def say_months(months: Sequence[str], language: Language) -> str:
    """Name months, or count them where they are many."""
    if len(months) > MOST_MONTHS:
        return pick(language, f"{len(months)} tháng", f"{len(months)} months")
    return ", ".join(name_period(month, language) for month in months)


def join_names(names: Iterable[str], language: Language, *, most: int = 12) -> str:
    """Join names; how many there are beyond the first is said."""
    listed = list(names)
    rest = len(listed) - most
    if rest <= 0:
        return ", ".join(listed)
    return ", ".join(listed[:most]) + pick(language, f" và {rest} đơn vị khác", f" and {rest} others")
