"""Read the declaration of a form (forms/*.yaml) into a `Form`, refusing what contradicts itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from etl.errors import ConfigError
from etl.forms import Balance, Column, ColumnKind, Edition, Form, Measure, OverTime, Rate, RollForward


def parse_form(declared: Mapping[str, Any], *, where: str) -> Form:
    """Turn the declaration into a Form. *Raises*: ConfigError, listing what does not fit."""
    try:
        form = _form(declared)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{where}: {error.__class__.__name__}: {error}") from error
    if problems := [f"{where}: {problem}" for problem in _contradictions(form)]:
        raise ConfigError(*problems)
    return form


def _form(declared: Mapping[str, Any]) -> Form:
    name = str(declared["name"])
    title = declared.get("title") or {}
    return Form(
        name=name,
        title_vi=title.get("vi", name),
        title_en=title.get("en", name),
        measures=tuple(_measure(n, entry) for n, entry in declared["measures"].items()),
        balances=tuple(_balance(n, entry) for n, entry in declared["balances"].items()),
        roll_forwards=tuple(RollForward(**entry) for entry in declared.get("roll_forwards") or ()),
        editions=tuple(_edition(entry) for entry in declared["editions"]),
        rates=tuple(_rate(n, entry) for n, entry in (declared.get("rates") or {}).items()),
    )


def _measure(name: str, entry: Mapping[str, Any]) -> Measure:
    vi = entry.get("vi", name)
    return Measure(name, vi, entry.get("en", vi), OverTime(entry["over_time"]))


def _rate(name: str, entry: Mapping[str, Any]) -> Rate:
    vi = entry.get("vi", name)
    return Rate(name, vi, entry.get("en", vi), entry["part"], entry["whole"])


def _balance(name: str, entry: Mapping[str, Any]) -> Balance:
    hint = entry.get("gap_hint") or {}
    return Balance(name, entry["total"], tuple(entry["parts"]), hint.get("vi", ""), hint.get("en", ""))


def _edition(entry: Mapping[str, Any]) -> Edition:
    return Edition(
        name=str(entry["name"]),
        title=entry.get("title", str(entry["name"])),
        layout=entry["layout"],
        columns=tuple(_column(column) for column in entry["columns"]),
        valid_from=entry.get("valid_from"),
        valid_to=entry.get("valid_to"),
    )


def _column(entry: Mapping[str, Any]) -> Column:
    paths = tuple(tuple(part.strip() for part in path.split(" > ")) for path in entry["headings"])
    kind = ColumnKind(entry["is"]) if "is" in entry else None
    return Column(paths, entry.get("measure"), kind, entry.get("number"), bool(entry.get("optional")))


def _contradictions(form: Form) -> Iterator[str]:
    known = set(form.measure_names)
    for balance in form.balances:
        names = [balance.total, *balance.parts]
        if unknown := set(names) - known:
            yield f"balance {balance.name} names the unknown measures {sorted(unknown)}"
        if len(set(names)) != len(names) or not balance.parts:
            yield f"balance {balance.name} must have a total and parts that all differ"
    for roll in form.roll_forwards:
        if unknown := {roll.opening, roll.closing} - known:
            yield f"a roll-forward names the unknown measures {sorted(unknown)}"
    for rate in form.rates:
        if unknown := {rate.part, rate.whole} - known:
            yield f"rate {rate.name} names the unknown measures {sorted(unknown)}"
    for edition in form.editions:
        if edition.layout not in ("sheet", "plain"):
            yield f"edition {edition.name}: layout must be sheet or plain, found {edition.layout!r}"
        if unknown := set(edition.measures) - known:
            yield f"edition {edition.name} prints the unknown measures {sorted(unknown)}"
        if any((column.measure is None) == (column.kind is None) for column in edition.columns):
            yield f"edition {edition.name}: every column has either `measure` or `is`"
