"""Whose report a sheet is and for which period, read from what stands above its table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from etl.grid import Sheet, cell_name
from etl.model import Finding, Unit
from etl.names import NameIndex, index_units, plain_key
from etl.periods import Period, fold, find_periods, parse_period
from etl.reference import Reference
from etl.remarks import NO_WORDS, Words, did_you_mean, remark, show, suggest_names

_UNIT_LABEL = re.compile(
    r"(?:ten )?(?:don vi|co quan|xa phuong|xa phuong thi tran|noi)(?: (?:gui|lap|duoc|thuc hien))*(?: bao cao)?(?: gui)?"
)
_OTHER_LABEL = re.compile(r"(?:don vi (?:nhan|tinh)|noi nhan|kinh gui|mau so|bieu so|ban hanh|thong tu|can cu)\b")
_PERIOD_LABEL = re.compile(r"(?:ky|thoi gian|thoi ky|giai doan)(?: bao cao)?(?: so lieu)?")
_LIKE_A_PERIOD = re.compile(r"(?:thang|quy|qui|nam|ky|tu ngay|\d+ thang)\b.*\d")
_WARD = re.compile(r"(?<!thi )\b(?:phuong|xa|thi tran|dac khu) (?=\S)")
_LONGEST_NAME = 5  # words


@dataclass(frozen=True, slots=True)
class Title:
    """A text above the table. `row` and `column` are those of its cell."""

    row: int
    column: int
    text: str


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
    titles = list(_titles(sheet, top))
    period, period_text, findings = _read_period(sheet, titles, reference)
    unit, unit_text, more = _read_unit(sheet, titles, reference, period)
    return Header(unit, unit_text, period, period_text, (*findings, *more))


def _titles(sheet: Sheet, top: int) -> Iterator[Title]:
    """Give each line above the table; a label with nothing behind it takes its right neighbour along."""
    for row in range(1, top):
        texts = [(at, str(value)) for at, value in enumerate(sheet.rows[row - 1], 1) if value is not None]
        for i, (at, text) in enumerate(texts):
            label = plain_key(text)
            is_label = _UNIT_LABEL.fullmatch(label) or _PERIOD_LABEL.fullmatch(label)
            if i + 1 < len(texts) and (is_label or text.rstrip().endswith(":")):
                text = f"{text.rstrip().rstrip(':')}: {texts[i + 1][1]}"
            for line in text.splitlines():
                if line.strip():
                    yield Title(row, at, " ".join(line.split()))
        if len(texts) > 2:  # "Tháng" | 4 | "năm" | 2022
            yield Title(row, texts[0][0], " ".join(text for _, text in texts))


def _after_label(text: str, label: re.Pattern[str]) -> str | None:
    """Give what follows a label such as "Đơn vị báo cáo:"; None where the text begins with no such label."""
    head, colon, rest = text.partition(":")
    return rest.strip(" .…") if colon and label.fullmatch(plain_key(head)) else None


# ---------------------------------------------------------------------------------------------------------
# The period


def _read_period(sheet: Sheet, titles: list[Title], reference: Reference) -> tuple[Period | None, str, list[Finding]]:
    calendar = reference.town.calendar
    found: list[tuple[Title, str, Period]] = []
    for title in titles:
        if not _OTHER_LABEL.match(plain_key(title.text)) and "ban hanh kem" not in fold(title.text):
            found += [(title, words, period) for words, period in find_periods(title.text, calendar)]
    labelled = [(title, text) for title in titles if (text := _after_label(title.text, _PERIOD_LABEL))]
    labelled += [(title, title.text) for title in titles if _LIKE_A_PERIOD.match(plain_key(title.text))]
    if not found:
        found = [(t, text, period) for t, text in labelled if (period := parse_period(text, calendar))]
    if not found and (period := _period_of_name(sheet, reference)):
        return period, sheet.name, []
    if not found and labelled:
        title, text = labelled[0]
        example = NO_WORDS
        return None, show(text), [_at(sheet, title, "S.period-unknown", found=show(text), expected=example)]
    if not found:
        return None, "", [remark("S.period-missing", sheet)]
    title, _, period = _most_telling(found)
    others = [other for other in found if other[2].key != period.key and not _is_year_of(other[2], period)]
    return period, period.key, [_contradiction(sheet, title, period, others[0])] if others else []


def _most_telling(found: list[tuple[Title, str, Period]]) -> tuple[Title, str, Period]:
    """Take the first period named, but a month or quarter rather than the bare year above it."""
    first = found[0]
    return next((other for other in found if _is_year_of(first[2], other[2]) and other[2].key != first[2].key), first)


def _is_year_of(year: Period, period: Period) -> bool:
    return len(year.key) == 4 and period.key.startswith(year.key)


def _contradiction(sheet: Sheet, title: Title, period: Period, other: tuple[Title, str, Period]) -> Finding:
    cell, words = cell_name(other[0].row, other[0].column), show(other[2].key)
    expected = (f"ô {cell} ghi “{words}”", f"cell {cell} says “{words}”")
    return _at(sheet, title, "S.period-contradicted", found=period.key, expected=expected)


def _period_of_name(sheet: Sheet, reference: Reference) -> Period | None:
    calendar = reference.town.calendar
    found = [period for _, period in find_periods(sheet.name.replace("_", " "), calendar)]
    return found[0] if len(found) == 1 else parse_period(sheet.name, calendar)


def _at(sheet: Sheet, title: Title, rule: str, *, found: str, expected: Words) -> Finding:
    return remark(rule, sheet, (title.row, title.column), found=found, expected=expected)


# ---------------------------------------------------------------------------------------------------------
# The unit


def find_unit(text: str, reference: Reference, period: Period | None) -> tuple[Unit | None, tuple[str, ...], Words]:
    """Find the unit a text names among those of the period; else near misses, and why the name does not count."""
    match = index_units(_units_of(reference, period)).find(text)
    if match.known or period is None:
        return match.known, tuple(unit.full_name for unit in match.proposed), NO_WORDS
    former = index_units(reference.units).find(text)
    others = (former.known, *former.proposed)
    names = tuple(dict.fromkeys(u.full_name for u in (*match.proposed, *others) if u and u.is_valid_on(period.end)))
    if former.known is not None:
        return None, (), _validity(former.known)
    return None, names, NO_WORDS


def is_undecided(text: str, reference: Reference, period: Period | None) -> bool:
    """Tell whether a text names units of different times, and only the missing period keeps them apart."""
    return period is None and bool(index_units(reference.units).find_all(text))


def _units_of(reference: Reference, period: Period | None) -> tuple[Unit, ...]:
    """List the units of a period's last day; without a period, all whose name has meant one unit only."""
    return reference.units if period is None else reference.units_on(period.end)


def _validity(unit: Unit) -> Words:
    def day(moment: date) -> str:
        return f"{moment:%d/%m/%Y}"

    if unit.valid_to is not None:
        return f"Đơn vị này chỉ có đến ngày {day(unit.valid_to)}.", f"This unit existed until {day(unit.valid_to)}."
    if unit.valid_from is not None:
        return f"Đơn vị này chỉ có từ ngày {day(unit.valid_from)}.", f"This unit exists from {day(unit.valid_from)}."
    return NO_WORDS


def _read_unit(
    sheet: Sheet, titles: list[Title], reference: Reference, period: Period | None
) -> tuple[Unit | None, str, list[Finding]]:
    labelled = [(t, text) for t in titles if (text := _after_label(t.text, _UNIT_LABEL)) and _is_no_other(t)]
    for title, text in labelled:
        unit, names, why = find_unit(text, reference, period)
        unit = unit or _named_in(text, index_units(_units_of(reference, period)))
        if unit is None and is_undecided(text, reference, period):
            return None, show(text), []
        if unit is None:
            return None, show(text), [_unknown_unit(sheet, title, text, names, why)]
        return unit, unit.code, _other_units(sheet, title, unit, titles, reference, period)
    return _read_unlabelled_unit(sheet, titles, reference, period)


def _read_unlabelled_unit(
    sheet: Sheet, titles: list[Title], reference: Reference, period: Period | None
) -> tuple[Unit | None, str, list[Finding]]:
    found = _units_in(titles, reference, period)
    if found:
        title, unit = found[0]
        return unit, unit.code, _other_units(sheet, title, unit, titles, reference, period)
    named, _, _ = find_unit(sheet.name, reference, period)
    if named is not None:
        return named, named.code, []
    for title in filter(_is_no_other, titles):
        if is_undecided(title.text, reference, period):
            return None, show(title.text), []
        match = _WARD.search(plain_key(title.text))
        if match and plain_key(title.text)[match.end() :] not in ("", "hoi chu nghia viet nam"):
            _, names, why = find_unit(title.text, reference, period)
            if names or why != NO_WORDS or match.start() <= len("uy ban nhan dan "):
                return None, show(title.text), [_unknown_unit(sheet, title, title.text, names, why)]
    return None, "", [remark("S.unit-missing", sheet)]


def _is_no_other(title: Title) -> bool:
    return not _OTHER_LABEL.match(plain_key(title.text))


def _units_in(titles: list[Title], reference: Reference, period: Period | None) -> list[tuple[Title, Unit]]:
    index = index_units(_units_of(reference, period))
    found = []
    for title in filter(_is_no_other, titles):
        unit = index.find_known(title.text) or _named_in(title.text, index)
        if unit is not None and not plain_key(title.text).replace(" ", "").isdigit():
            found.append((title, unit))
    return found


def _named_in(text: str, index: NameIndex[Unit]) -> Unit | None:
    """Find a ward named inside a sentence: "Báo cáo của UBND phường Lê Lợi tháng 4"."""
    key = plain_key(text)
    for match in _WARD.finditer(key):
        words = key[match.start() :].split(" ")
        for length in range(min(_LONGEST_NAME + 2, len(words)), 1, -1):
            if unit := index.find_known(" ".join(words[:length])):
                return unit
    return None


def _other_units(
    sheet: Sheet, title: Title, unit: Unit, titles: list[Title], reference: Reference, period: Period | None
) -> list[Finding]:
    """Report another ward named above the table; the town's own desk may stand there as the one that asks."""
    for other_title, other in _units_in(titles, reference, period):
        if other != unit and reference.is_ward(other) and other.name != unit.name:
            cell = cell_name(other_title.row, other_title.column)
            expected = (f"ô {cell} ghi “{other.full_name}”", f"cell {cell} says “{other.full_name}”")
            return [_at(sheet, title, "S.unit-contradicted", found=unit.full_name, expected=expected)]
    return []


def _unknown_unit(sheet: Sheet, title: Title, text: str, names: tuple[str, ...], why: Words) -> Finding:
    cell = cell_name(title.row, title.column)
    expected = did_you_mean(names) if names else why
    finding = _at(sheet, title, "S.unit-unknown", found=show(text), expected=expected)
    return replace(finding, suggestion=suggest_names(cell, names))
