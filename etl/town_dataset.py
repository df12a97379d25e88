"""The town's figures with what they are made from: what `town` builds and `publish` writes."""

from dataclasses import dataclass

import pandas as pd

from etl.periods import Period


@dataclass(frozen=True, slots=True)
class TownDataset:
    """The town's figures for a period or a run of periods, and what they are made from.

    *Shape* of `frame`: scope ("ward", "wards", "desk", "town"), unit_code, unit_name ("" for sums), field (a code,
    "unlisted", or "all" for the sum), source_system (a code, "" where the sheet names none, "all" for the sum), the
    measures (Int64), units_expected, units_in, is_partial. *Missing*: <NA> where a reporting unit does not say.

    *Shape* of `coverage`: a row per unit and period: unit_code, unit_name, unit_kind, is_desk, period_key, expected,
    status ("accepted", "accepted with warnings", "rejected", "missing"), received_at, is_late (None: the period was
    never due), submission, findings, newer_rejected (name and received_at of a correction that came after the accepted
    report and was sent back; None).
    A unit that is not expected and reported nevertheless stands here and is in no figure.

    `fingerprint` names the state it was built from; `restated`: the last publication was built from another one.
    """

    period: Period
    periods: tuple[Period, ...]
    frame: pd.DataFrame
    coverage: pd.DataFrame
    fingerprint: str
    restated: bool
