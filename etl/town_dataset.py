"""The town's figures with what they are made from: what `town` builds and `publish` writes."""

from dataclasses import dataclass

import pandas as pd

from etl.periods import Period


@dataclass(frozen=True, slots=True)
class Decision:
    """A finding accepted ("waiver") or a figure corrected ("correction") in a report that is in the figures.

    `field`: the code of the field it touches. *Missing*: None where it touches the whole report.
    """

    kind: str
    unit_code: str
    unit_name: str
    period_key: str
    field: str | None
    message_vi: str
    message_en: str


@dataclass(frozen=True, slots=True)
class TownDataset:
    """The town's figures for a period or a run of periods, and what they are made from.

    *Shape* of `frame`: scope ("ward", "wards", "desk", "town"), unit_code, unit_name ("" for sums), field (a code,
    "unlisted", or "all" for the sum), source_system (a code, "" where the sheet names none, "all" for the sum), the
    measures (Int64), units_expected, units_in, is_partial, waived and corrected (how many findings of the reports in
    the figure were accepted, how many of their figures corrected). *Missing*: <NA> where a reporting unit does not say.

    *Shape* of `coverage`: a row per unit and period: unit_code, unit_name, unit_kind, is_desk, period_key, expected,
    status ("accepted", "accepted with warnings", "rejected", "missing"), received_at, is_late (None: the period was
    never due), submission, findings, waived and corrected (how many of its findings were accepted, of its
    figures corrected), newer (name, received_at and why ("rejected", "waits") of a report that came after the
    accepted one and was sent back or waits for the operator; None).
    A unit that is not expected and reported nevertheless stands here and is in no figure.

    `fingerprint` names the state it was built from; `restated`: the last publication was built from another one.
    """

    period: Period
    periods: tuple[Period, ...]
    frame: pd.DataFrame
    coverage: pd.DataFrame
    fingerprint: str
    restated: bool
    decisions: tuple[Decision, ...] = ()
