"""The tables that a published dataset consists of: what a spreadsheet, a CSV file and a digest show alike."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from etl.forms import Edition, Measure
from etl.model import Language
from etl.phrases import clean, name_period, percent
from etl.reference import Reference
from etl.town_dataset import TownDataset

ALL = "all"
SCOPE_NAMES = {
    "town": ("Toàn thị xã", "Town"),
    "wards": ("Các phường, xã", "Wards"),
    "desk": ("Bộ phận của thị xã", "Town's own desk"),
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def pick(language: str, vi: str, en: str) -> str:
    """Choose the words of a language."""
    return vi if language == Language.VI else en


def whole_rows(dataset: TownDataset, scope: str) -> pd.DataFrame:
    """Give the rows of a scope that stand for all fields and source systems: one a unit, or one."""
    frame = dataset.frame
    return frame[(frame["scope"] == scope) & (frame["field"] == ALL) & (frame["source_system"] == ALL)]


def unit_rows(dataset: TownDataset, *scopes: str) -> list[dict[str, Any]]:
    """Give the whole rows of units. The only unit of the desk has the desk's: once it ended it holds nothing more."""
    desks = set(dataset.coverage.loc[dataset.coverage["is_desk"], "unit_code"])
    rows = [row for scope in scopes for row in whole_rows(dataset, scope).to_dict("records")]
    own = [row for row in rows if row["unit_code"] in desks]
    for desk in whole_rows(dataset, "desk").to_dict("records") if len(own) == 1 else ():
        names = {name: own[0][name] for name in ("scope", "unit_code", "unit_name")}
        rows[rows.index(own[0])] = desk | names
    return [{str(name): value for name, value in row.items()} for row in rows]


def field_rows(dataset: TownDataset, scope: str) -> pd.DataFrame:
    """Give the rows of a scope by field, over all source systems."""
    frame = dataset.frame
    return frame[(frame["scope"] == scope) & (frame["field"] != ALL) & (frame["source_system"] == ALL)]


def shown_measures(rows: pd.DataFrame, edition: Edition, measures: Sequence[Measure]) -> list[Measure]:
    """Choose the columns of a table: what the edition prints, and a coarser measure where that is all there is."""
    printed = set(edition.measures)
    gaps = rows[[m.name for m in measures if m.name in printed]].isna().any(axis=1)
    return [m for m in measures if m.name in printed or bool(rows.loc[gaps, m.name].notna().any())]


def rates_of(row: Any, reference: Reference) -> list[Decimal | None]:
    """Compute the form's rates from the counts of a row."""
    return [percent(row[rate.part], row[rate.whole]) for rate in reference.form.rates]


def name_field(code: str, reference: Reference, language: str) -> str:
    """Name a field for people; "all" is the sum, and what the reference does not list is said to be so."""
    known = reference.field(code)
    if known is not None:
        return known.name
    words = {
        ALL: pick(language, "Tổng cộng", "Total"),
        "unlisted": pick(language, "Lĩnh vực khác, ngoài danh mục", "Other fields, not in the list"),
    }
    return words.get(code, clean(code, 80))


def name_system(code: str, reference: Reference, language: str) -> str:
    """Name a source system for people; a code that the reference does not list stays as it is."""
    known = next((system for system in reference.source_systems if system.code == code), None)
    words = {ALL: pick(language, "Tất cả", "All"), "": pick(language, "Không nêu", "Not named")}
    return pick(language, known.label_vi, known.label_en) if known else words.get(code, clean(code, 80))


def name_status(status: str, language: str) -> str:
    """Say in words whether a unit's report is in."""
    words = {
        "accepted": ("đã nhận", "in"),
        "accepted with warnings": ("đã nhận, có lưu ý", "in, with warnings"),
        "rejected": ("bị trả lại, cần sửa", "sent back to be corrected"),
        "missing": ("chưa có báo cáo", "no report yet"),
        "closed": ("đã kết thúc hoạt động", "closed"),
    }
    return pick(language, *words.get(status, (status, status)))


def units_with(dataset: TownDataset, *statuses: str) -> list[str]:
    """Name the expected units with one of these statuses, with the month where there are several."""
    coverage = dataset.coverage
    chosen = coverage[coverage["expected"] & coverage["status"].isin(statuses)]
    several = len(dataset.periods) > 1
    return [f"{r.unit_name} ({r.period_key})" if several else str(r.unit_name) for r in chosen.itertuples(index=False)]


def late_units(dataset: TownDataset) -> list[str]:
    """Name the units whose accepted report arrived after it was due."""
    coverage = dataset.coverage
    accepted = coverage["status"].str.startswith("accepted")
    return coverage.loc[coverage["expected"] & accepted & coverage["is_late"].eq(True), "unit_name"].tolist()


def is_decided(row: Any) -> bool:
    """Tell whether a finding was accepted or a figure corrected in what a row adds up."""
    return bool(row["waived"] + row["corrected"])


def decision_lines(dataset: TownDataset, language: str) -> list[str]:
    """Say what was accepted or corrected in the figures, by whom and why."""
    return [
        clean(f"{one.unit_name}, {name_period(one.period_key, Language(language))}: {pick(language, *said)}", 500)
        for one in dataset.decisions
        for said in [(one.message_vi, one.message_en)]
    ]


def harmless(text: str, most: int = 200) -> str:
    """Keep a spreadsheet from taking a text for a formula. *Units*: `most` is in characters."""
    line = clean(text, most)
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line
