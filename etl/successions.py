"""How units went into one another on a day, and which of them can only be compared together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from etl.model import Unit

_Place = tuple[str, str, str]  # side ("from" | "to"), code, name


@dataclass(frozen=True, slots=True)
class Succession:
    """How a unit went into another on a day: whole, or in part (then only the whole group can be compared)."""

    on_date: date
    from_code: str
    from_name: str
    to_code: str
    to_name: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class SuccessionGroup:
    """The units that went into one another on a day, directly or through a shared part: they balance as a whole only.

    `predecessors` and `successors` are those of units.csv; `parts` are all the lines of successions.csv behind them.
    `goes_outside`: a part went to a unit outside units.csv, or to none that is named; `comes_from_outside`: a part
    came from one.
    """

    on_date: date
    predecessors: tuple[Unit, ...]
    successors: tuple[Unit, ...]
    parts: tuple[Succession, ...]
    goes_outside: bool
    comes_from_outside: bool

    @property
    def has_outside(self) -> bool:
        return self.goes_outside or self.comes_from_outside

    @property
    def is_whole(self) -> bool:
        """Tell whether one successor took over all of its predecessors: then it can be judged by itself."""
        return len(self.successors) == 1 and not self.has_outside and all(part.is_whole for part in self.parts)


def find_groups(successions: Iterable[Succession], units: Iterable[Unit]) -> tuple[SuccessionGroup, ...]:
    """Gather successions into groups that share no unit, in the order of their days and of the list."""
    by_day: dict[date, list[Succession]] = {}
    for succession in successions:
        by_day.setdefault(succession.on_date, []).append(succession)
    known = tuple(units)
    return tuple(_group(day, parts, known) for day in sorted(by_day) for parts in _connected(by_day[day]))


def _connected(successions: Iterable[Succession]) -> list[list[Succession]]:
    """Split the successions of a day into those that no unit connects."""
    groups: list[tuple[set[_Place], list[Succession]]] = []
    for succession in successions:
        places, parts = set(_places(succession)), [succession]
        for group in [group for group in groups if group[0] & places]:
            groups.remove(group)
            places |= group[0]
            parts = [*group[1], *parts]
        groups.append((places, parts))
    return [parts for _, parts in groups]


def _places(succession: Succession) -> tuple[_Place, _Place]:
    """Name both ends of a succession: one code and name may stand for a unit that ended and for one that began."""
    return ("from", succession.from_code, succession.from_name), ("to", succession.to_code, succession.to_name)


def _group(day: date, parts: list[Succession], units: tuple[Unit, ...]) -> SuccessionGroup:
    before = {(u.code, u.name): u for u in units if u.is_valid_on(day - timedelta(days=1))}
    after = {(u.code, u.name): u for u in units if u.valid_from == day}
    olds = dict.fromkeys((part.from_code, part.from_name) for part in parts)
    news = dict.fromkeys((part.to_code, part.to_name) for part in parts)
    return SuccessionGroup(
        on_date=day,
        predecessors=tuple(before[key] for key in olds if key in before),
        successors=tuple(after[key] for key in news if key in after),
        parts=tuple(parts),
        goes_outside=_is_outside(news, after) or _has_lost_part(parts),
        comes_from_outside=_is_outside(olds, before),
    )


def _is_outside(places: Iterable[tuple[str, str]], units: Mapping[tuple[str, str], Unit]) -> bool:
    return any(place not in units for place in places)


def _has_lost_part(parts: list[Succession]) -> bool:
    """Tell whether a unit is said to have gone over in part, and nowhere where the rest went."""
    told: dict[tuple[str, str], list[Succession]] = {}
    for part in parts:
        told.setdefault((part.from_code, part.from_name), []).append(part)
    return any(len(own) == 1 and not own[0].is_whole for own in told.values())
