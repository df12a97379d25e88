"""What is published of the small town, for tests of files: whole, of several months with an adjustment, and changed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from etl.publishing.changes import Changes, FigureChange, ReportChange
from etl.publishing.release import Release
from etl.town_dataset import ADJUSTMENT_COLUMNS, TownDataset
from tests.unit.town_example import REFERENCE, town

MOMENT = datetime(2022, 5, 18, 2, 0, tzinfo=UTC)
MONTHS = tuple(REFERENCE.town.calendar.month(2022, month) for month in (1, 2, 3, 4))
OPENING, CLOSING, ADJUSTMENT = 5, 8, 3


def release(dataset: TownDataset | None = None, number: int = 1, **changes: Any) -> Release:
    """Give what is published of a dataset."""
    return replace(Release(dataset or town(), REFERENCE, number, MOMENT), **changes)


def four_months(**changes: Any) -> TownDataset:
    """Give January to April: Lê Lợi opened March with 3 dossiers more than February left."""
    dataset = town(**changes)
    months = [dataset.coverage.assign(period_key=month.key) for month in MONTHS]
    touched = dataset.frame["unit_code"].eq("09574") | dataset.frame["scope"].isin(["wards", "town"])
    touched &= dataset.frame["field"].ne("ho-tich")
    frame = dataset.frame.copy()
    for names, more in (
        (["carried_over", "received_total"], OPENING),
        (["pending_total", "pending_in_time"], CLOSING),
        (["adjustment"], ADJUSTMENT),
    ):
        frame.loc[touched, names] += more
    return replace(
        dataset,
        period=REFERENCE.town.calendar.days(MONTHS[0].start, MONTHS[-1].end),
        periods=MONTHS,
        frame=frame,
        coverage=pd.concat(months, ignore_index=True),
        adjustments=adjustments([ADJUSTMENT]),
    )


def adjustments(amounts: list[int]) -> pd.DataFrame:
    """Give adjustments of Lê Lợi from March on, one a month, of all fields together and of the one it comes from."""
    rows = [
        ("09574", "phường Lê Lợi", False, f"{2022 + at // 10}-{3 + at % 10:02}", field, "all", amount, "break")
        for at, amount in enumerate(amounts)
        for field in ("chung-thuc", "all")
    ]
    return pd.DataFrame(rows, columns=list(ADJUSTMENT_COLUMNS)).astype({"amount": "Int64"})


def some_changes(*, who: str = "09574@phuong.sontay.example") -> Changes:
    """Say that Lê Lợi replaced its report, so that one figure grew and one became known."""
    place = ("town", "", "", "all", "all")
    what = ("thay báo cáo trước", "replaced the report before")
    return Changes(
        number_before=1,
        published_before=MOMENT,
        figures=(
            FigureChange(*place, "resolved_total", before=1_180, after=1_200),
            FigureChange("ward", "09574", "phường Lê Lợi", "all", "all", "received_total", before=None, after=100),
        ),
        reports=(ReportChange("09574", "phường Lê Lợi", "2022-04", "replaced", who, MOMENT, *what),),
    )
