"""Why stocks and flows of several months do not follow from each other, in words for a paragraph and for a list."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from etl.model import Language
from etl.phrases import clean, name_period, number_words
from etl.publishing.published_tables import ALL, pick
from etl.town_dataset import AdjustmentKind, TownDataset

_KINDS = {
    AdjustmentKind.BREAK: (
        "số từ kỳ trước chuyển sang không khớp với số còn lại của tháng trước",
        "a month opened with other stocks than the month before left",
    ),
    AdjustmentKind.ABSENT: ("có tháng không có báo cáo trong số liệu", "a month is not in the figures"),
    AdjustmentKind.SUCCESSION: (
        "đơn vị mới nhận không bằng số các đơn vị cũ để lại khi sắp xếp",
        "the new units opened with other stocks than the former units left",
    ),
    AdjustmentKind.JOINED: ("đơn vị mới nhập về mang theo hồ sơ", "a unit came to the town with its stock"),
    AdjustmentKind.LEFT: ("đơn vị kết thúc, không đơn vị nào nhận hồ sơ", "a unit ended and nobody took its stock"),
    AdjustmentKind.UNREPORTED: (
        "số hồ sơ chuyển kỳ của một số tháng không được báo cáo",
        "the stocks of some months in between are not reported",
    ),
    AdjustmentKind.ROW: (
        "báo cáo được ghi nhận dù số liệu trong tháng không cân đối",
        "a report was accepted although it does not balance",
    ),
}


def kind_words(kind: str, language: Language) -> str:
    """Say why, for the middle of a sentence."""
    return pick(language, *_KINDS[AdjustmentKind(kind)])


def signed_words(amount: Any, language: Language) -> str:
    """Write a difference with its sign: +3, −1.204. *Missing*: "–"."""
    if amount is None or pd.isna(amount):
        return "–"
    sign = "+" if amount > 0 else "\u2212" if amount < 0 else ""
    return sign + number_words(abs(int(amount)), language)


def whole_adjustments(dataset: TownDataset) -> pd.DataFrame:
    """Give the adjustments of all fields and source systems together: a row per unit, month and reason.

    Of a dataset that holds chosen lines only, those of the widest that there are.
    """
    rows, places = dataset.adjustments, dataset.frame
    for column in ("field", "source_system"):
        rows = rows[rows[column] == ALL] if places[column].eq(ALL).any() else rows
    return rows


def adjustment_lines(dataset: TownDataset, language: Language) -> Iterator[tuple[str, str, str]]:
    """List each adjustment by name, the largest first. *Shape*: unit and month, amount, why."""
    rows = whole_adjustments(dataset)
    for row in rows.loc[rows["amount"].abs().sort_values(ascending=False, kind="stable").index].itertuples(index=False):
        where = f"{clean(str(row.unit_name), 120)}, {name_period(str(row.period_key), language)}"
        yield where, signed_words(row.amount, language), kind_words(str(row.kind), language)
