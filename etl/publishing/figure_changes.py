"""Which figures of a publication are others than in the one before, line by line and measure by measure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.publishing.changes import FigureChange
from etl.publishing.entry import Entry, Table, lines_of
from etl.reference import Reference

ALL = "all"
_SCOPES = ("town", "wards", "desk", "ward", "group")


def compare_figures(before: Entry, after: Entry, reference: Reference) -> tuple[FigureChange, ...]:
    """List the figures that differ: whole figures before those by field; the town, the wards, the desk, each ward.

    Where the two were written with other columns, only lines and measures that both know are compared: what an
    upgrade of the program adds has not changed.
    """
    old, new = lines_of(before.content), lines_of(after.content)
    is_alike = before.content["columns"] == after.content["columns"]
    lines = old.keys() | new.keys() if is_alike else old.keys() & new.keys()
    measures = _measures(before.content, after.content, reference)
    found = (change for line in lines for change in _differences(line, old.get(line), new.get(line), measures))
    return tuple(sorted(found, key=lambda change: _order(change, reference)))


def _differences(
    line: tuple[str, ...], old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, measures: Sequence[str]
) -> Iterator[FigureChange]:
    for measure in measures:
        before, after = (row[measure] if row else None for row in (old, new))
        if before != after:
            scope, unit_code, unit_name, field, source_system = line
            yield FigureChange(scope, unit_code, unit_name, field, source_system, measure, before, after)


def _measures(before: Table, after: Table, reference: Reference) -> list[str]:
    shared = set(before["columns"]) & set(after["columns"])
    return [name for name in reference.form.measure_names if name in shared]


def _order(change: FigureChange, reference: Reference) -> tuple[Any, ...]:
    fields = [field.code for field in reference.fields]
    is_part = (change.field, change.source_system) != (ALL, ALL)
    return (
        is_part,
        _SCOPES.index(change.scope),
        change.unit_name,
        fields.index(change.field) if change.field in fields else len(fields),
        change.field,
        change.source_system != ALL,
        change.source_system,
        reference.form.measure_names.index(change.measure),
    )
