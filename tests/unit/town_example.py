"""A small town's dataset for tests: two wards and the desk, two fields, and whatever a test makes of them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from etl.periods import Period
from etl.reference import read_reference
from etl.town_dataset import TownDataset

SON_TAY = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
REFERENCE = replace(SON_TAY, town=replace(SON_TAY.town, in_use_since=None))
APRIL: Period = REFERENCE.town.calendar.month(2022, 4)
UNITS = (("09574", "phường Lê Lợi", False), ("09577", "phường Phú Thịnh", False), ("269", "Bộ phận một cửa", True))


def figures(received: int | None, late: int = 0) -> dict[str, int | None]:
    """Give a row of the form whose balances hold: all resolved, `late` of them overdue."""
    if received is None:
        return dict.fromkeys(REFERENCE.form.measure_names)
    in_time = received - late
    return {
        "received_total": received, "received_in_period": received, "received_online": 0, "received_direct": received,
        "carried_over": 0, "resolved_total": received, "resolved_in_time": in_time, "resolved_early": 0,
        "resolved_on_time": in_time, "resolved_overdue": late,
        "pending_total": 0, "pending_in_time": 0, "pending_overdue": 0,
    }  # fmt: skip


def town(*, received: tuple[int | None, ...] = (100, 60, 40), late: int = 3, **changes: Any) -> TownDataset:
    """Give the dataset of April; a unit that received None has sent nothing."""
    statuses = ["accepted" if count is not None else "missing" for count in received]
    dataset = TownDataset(APRIL, (APRIL,), _frame(received, late), _coverage(statuses), "state " + str(received), False)
    return replace(dataset, **changes)


def with_status(dataset: TownDataset, code: str, status: str, *, is_late: bool = False) -> TownDataset:
    """Say something else of one unit's report."""
    coverage = dataset.coverage.copy()
    coverage.loc[coverage["unit_code"] == code, ["status", "is_late"]] = [status, is_late]
    return replace(dataset, coverage=coverage)


def _frame(received: tuple[int | None, ...], late: int) -> pd.DataFrame:
    rows = [
        _row("ward", code, name, "all", figures(count, late if i == 0 and count else 0))
        for i, ((code, name, _), count) in enumerate(zip(UNITS, received, strict=True))
    ]
    for scope, chosen in (("wards", received[:2]), ("desk", received[2:]), ("town", received)):
        inside = [count for count in chosen if count is not None]
        some = late if scope != "desk" and received[0] else 0
        for field, share in (("chung-thuc", sum(inside) - 5), ("ho-tich", 5), ("all", sum(inside))):
            counted = _counted(len(chosen), len(inside))
            rows.append(_row(scope, "", "", field, figures(share, some if field != "ho-tich" else 0)) | counted)
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys((*REFERENCE.form.measure_names, "adjustment"), "Int64"))


def _row(scope: str, code: str, name: str, field: str, counts: dict[str, int | None]) -> dict[str, Any]:
    is_in = counts["received_total"] is not None
    place = {"scope": scope, "unit_code": code, "unit_name": name, "field": field, "source_system": "all"}
    decided = {"waived": 0, "corrected": 0}
    return place | counts | {"adjustment": 0 if is_in else None} | _counted(1, int(is_in)) | decided


def _counted(expected: int, inside: int) -> dict[str, Any]:
    others = dict.fromkeys(("units_rejected", "units_late", "units_waived", "units_closed"), 0)
    missing = {"units_missing": expected - inside, "is_partial": inside < expected}
    return {"units_expected": expected, "units_in": inside} | others | missing


def _coverage(statuses: list[str]) -> pd.DataFrame:
    received = datetime(2022, 4, 16, tzinfo=UTC)
    return pd.DataFrame([
        {
            "unit_code": code, "unit_name": name, "unit_kind": "phường", "is_desk": is_desk, "period_key": APRIL.key,
            "expected": True, "status": status, "received_at": received if status != "missing" else None,
            "is_late": False, "submission": code * 8 if status != "missing" else None, "findings": "",
            "waived": 0, "corrected": 0, "newer": None, "is_closed": False,
        }
        for (code, name, is_desk), status in zip(UNITS, statuses, strict=True)
    ])  # fmt: skip
