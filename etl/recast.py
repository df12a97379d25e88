"""Which of the units of a day a unit has gone into: the smallest groups whose figures can honestly be compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from etl.reference import Reference


@dataclass(frozen=True, slots=True)
class Group:
    """Units that can only be compared together, as positions in the reference: all that ever went into one another.

    `code` and `name` are those of the units that are left on the day (of a unit that ended without a successor its
    own). `has_outside`: a part went to, or came from, outside the town; before that the figures are only a bound.
    """

    units: tuple[int, ...]
    code: str
    name: str
    has_outside: bool


def find_groups_of(reference: Reference, day: date) -> tuple[Group, ...]:
    """Gather all units that begin by a day into groups that share no part, in the order of units.csv.

    A whole merger makes one group of its successor and its predecessors; a split makes one of all who got a part.
    """
    places = {(unit.code, unit.valid_from): place for place, unit in enumerate(reference.units)}
    leader = {place: place for place, unit in enumerate(reference.units) if (unit.valid_from or date.min) <= day}

    def follow(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    torn: set[int] = set()
    for succession in reference.succession_groups:
        if succession.on_date <= day:
            members = [places[u.code, u.valid_from] for u in (*succession.predecessors, *succession.successors)]
            for member in members[1:]:
                leader[follow(member)] = follow(members[0])
            torn |= set(members[:1]) if succession.has_outside else set()
    gathered: dict[int, list[int]] = {}
    for place in leader:
        gathered.setdefault(follow(place), []).append(place)
    torn = {follow(place) for place in torn}
    return tuple(_named(reference, units, day, has_outside=root in torn) for root, units in gathered.items())


def _named(reference: Reference, units: list[int], day: date, *, has_outside: bool) -> Group:
    left = [reference.units[place] for place in units if reference.units[place].is_valid_on(day)]
    ends = list(_last(reference, units))
    shown = left or [reference.units[place] for place in ends]
    code = " + ".join(unit.code for unit in shown)
    return Group(tuple(units), code, " + ".join(unit.full_name for unit in shown), has_outside)


def _last(reference: Reference, units: list[int]) -> Iterator[int]:
    """Name the units of a group that ended last."""
    latest = max(reference.units[place].valid_to or date.max for place in units)
    return (place for place in units if (reference.units[place].valid_to or date.max) == latest)
