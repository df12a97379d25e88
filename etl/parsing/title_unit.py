"""The unit a sheet reports for, read from the lines above its table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from etl.model import Finding, Unit
from etl.parsing.names import Match, NameIndex, index_units, plain_key
from etl.parsing.remarks import NO_WORDS, Words, did_you_mean, remark, show, suggest_names
from etl.parsing.title_lines import UNIT_LABEL, Title
from etl.periods import Period
from etl.reading.grid import Sheet, cell_name
from etl.reference import Reference

_WARD = re.compile(r"(?<!thi )\b(?:phuong|xa|thi tran|dac khu) (?=\S)(?!hoi chu nghia)")
_MOST_WORDS = 7  # of a kind and a name: "thị trấn Nông trường Việt Trung"
_BEFORE_KIND = "uy ban nhan dan "

Found = tuple[Unit | None, str, list[Finding]]
"""The unit, its text as written where it is unknown, and what is wrong about it."""


def find_unit(
    text: str, reference: Reference, period: Period | None, *, proposes: bool = True
) -> tuple[Unit | None, tuple[str, ...], Words]:
    """Find the unit a text names among those of the period; else near misses, or why the name does not count.

    Near misses cost: `proposes` leaves them out.
    """
    match = _look_up(_index(reference, period), text, proposes=proposes)
    if match.known or period is None:
        return match.known, tuple(unit.full_name for unit in match.proposed), NO_WORDS
    former = _look_up(index_units(reference.units), text, proposes=proposes)
    if former.known is not None:
        return None, (), _validity(former.known)
    names = (unit.full_name for unit in (*match.proposed, *former.proposed) if unit.is_valid_on(period.end))
    return None, tuple(dict.fromkeys(names)), NO_WORDS


def _look_up(index: NameIndex[Unit], text: str, *, proposes: bool) -> Match[Unit]:
    return index.find(text) if proposes else Match(index.find_known(text))


def is_undecided(text: str, reference: Reference, period: Period | None) -> bool:
    """Tell whether a text names units of different times, and only the missing period keeps them apart."""
    return period is None and bool(index_units(reference.units).find_all(text))


def read_unit(sheet: Sheet, titles: Sequence[Title], reference: Reference, period: Period | None) -> Found:
    """Read the unit: labelled "Đơn vị báo cáo:", else named in any line, else the sheet's own name."""
    return _UnitReader(sheet, titles, reference, period).read()


def find_other_unit(titles: Sequence[Title], unit: Unit, reference: Reference) -> tuple[Title, Unit] | None:
    """Find the first title that names another unit, of whatever time, as the one that reports.

    The town's own desk may stand above a ward's table as the one that asks.
    """
    index = index_units(reference.units)
    for title in titles:
        text = title.after(UNIT_LABEL)
        named = [] if title.key.replace(" ", "").isdigit() else _find_all(text or title.text, index)
        others = [other for other in named if text or reference.is_ward(other)]
        if others and all(other.name != unit.name for other in named):
            return title, others[0]
    return None


def _find_all(text: str, index: NameIndex[Unit]) -> Sequence[Unit]:
    return next((units for phrase in (text, *_phrases(text)) if (units := index.find_all(phrase))), ())


def _phrases(text: str) -> Iterator[str]:
    """Give the words in a sentence that may name a ward: "Báo cáo của UBND phường Lê Lợi tháng 4"."""
    key = plain_key(text)
    for match in _WARD.finditer(key):
        words = key[match.start() :].split(" ")
        yield from (" ".join(words[:length]) for length in range(min(_MOST_WORDS, len(words)), 1, -1))


def _index(reference: Reference, period: Period | None) -> NameIndex[Unit]:
    """Index the units of a period's last day; without a period, all there ever were."""
    return index_units(reference.units if period is None else reference.units_on(period.end))


def _validity(unit: Unit) -> Words:
    if unit.valid_to is not None:
        day = f"{unit.valid_to:%d/%m/%Y}"
        return f"Đơn vị này chỉ có đến ngày {day}.", f"This unit existed until {day}."
    if unit.valid_from is not None:
        day = f"{unit.valid_from:%d/%m/%Y}"
        return f"Đơn vị này chỉ có từ ngày {day}.", f"This unit exists from {day}."
    return NO_WORDS


@dataclass(frozen=True, slots=True)
class _UnitReader:
    sheet: Sheet
    titles: Sequence[Title]
    reference: Reference
    period: Period | None

    def read(self) -> Found:
        for title in self.titles:
            if text := title.after(UNIT_LABEL):
                return self._labelled(title, text)
        for title, unit in self._named():
            return self._known(title, unit)
        named, _, _ = find_unit(self.sheet.name, self.reference, self.period)
        return (named, named.code, []) if named else self._unknown()

    def _labelled(self, title: Title, text: str) -> Found:
        unit, names, why = find_unit(text, self.reference, self.period)
        unit = unit or self._within(text)
        if unit is not None:
            return self._known(title, unit)
        if is_undecided(text, self.reference, self.period):
            return None, show(text), []
        return None, show(text), [self._remark_unknown(title, text, names, why)]

    def _known(self, title: Title, unit: Unit) -> Found:
        """Report another ward named above the table; the town's own desk may stand there as the one that asks."""
        for other, another in self._named():
            if self.reference.is_ward(another) and another.name != unit.name:
                cell = cell_name(other.row, other.column)
                expected = (f"ô {cell} ghi “{another.full_name}”", f"cell {cell} says “{another.full_name}”")
                finding = title.remark("S.unit-contradicted", self.sheet, found=unit.full_name, expected=expected)
                return unit, unit.code, [finding]
        return unit, unit.code, self._contradicted_by_former(unit)

    def _contradicted_by_former(self, unit: Unit) -> list[Finding]:
        """Report a line that names, by itself, a ward of another time: whoever wrote it meant that one."""
        everyone = index_units(self.reference.units)
        for title in self.titles:
            text = title.after(UNIT_LABEL) or title.text
            named = everyone.find_all(text) if not plain_key(text).replace(" ", "").isdigit() else ()
            if named and all(self.reference.is_ward(other) and other.name != unit.name for other in named):
                cell = cell_name(title.row, title.column)
                expected = (f"ô {cell} ghi “{named[0].full_name}”", f"cell {cell} says “{named[0].full_name}”")
                found = unit.full_name
                return [title.remark("S.unit-contradicted", self.sheet, found=found, expected=expected)]
        return []

    def _unknown(self) -> Found:
        """Take the first line that reads like a ward's name for one that is unknown."""
        for title in self.titles:
            if is_undecided(title.text, self.reference, self.period):
                return None, show(title.text), []
            match = _WARD.search(title.key)
            if match is None:
                continue
            _, names, why = find_unit(title.text, self.reference, self.period)
            if names or why != NO_WORDS or match.start() <= len(_BEFORE_KIND):
                return None, show(title.text), [self._remark_unknown(title, title.text, names, why)]
        return None, "", [remark("S.unit-missing", self.sheet)]

    def _named(self) -> Iterator[tuple[Title, Unit]]:
        """Find the units that lines name; a bare number is no code of one."""
        index = _index(self.reference, self.period)
        for title in self.titles:
            unit = index.find_known(title.text) or self._within(title.text)
            if unit is not None and not title.key.replace(" ", "").isdigit():
                yield title, unit

    def _within(self, text: str) -> Unit | None:
        """Find the one ward named inside a sentence."""
        index = _index(self.reference, self.period)
        return next((unit for phrase in _phrases(text) if (unit := index.find_known(phrase))), None)

    def _remark_unknown(self, title: Title, text: str, names: tuple[str, ...], why: Words) -> Finding:
        expected = did_you_mean(names) if names else why
        finding = title.remark("S.unit-unknown", self.sheet, found=show(text), expected=expected)
        return replace(finding, suggestion=suggest_names(finding.cell, names))
