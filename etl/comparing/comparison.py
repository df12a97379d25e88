"""What comparing a published statement with the town's dataset gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from etl.model import Finding

CONTRADICTING = ("B", "C", "T", "V")  # codes of findings about figures that do not fit one another

Words = tuple[str, str]
"""The same in Vietnamese and in English."""


class CauseKind(StrEnum):
    """How a statement came to print another number than the reports give."""

    SLIP = "slip"
    WARDS_MISSING = "wards_missing"
    WARD_TWICE = "ward_twice"
    SENT_BACK = "sent_back"
    OTHER_LINE = "other_line"
    LINE_TWICE = "line_twice"
    MONTH_MISSING = "month_missing"
    MONTH_TWICE = "month_twice"
    OTHER_MONTHS = "other_months"
    STOCKS_SUMMED = "stocks_summed"
    STOCK_OF_ANOTHER_MONTH = "stock_of_another_month"
    CARRIED_OVER = "carried_over"
    PENDING_IN_RESOLVED = "pending_in_resolved"
    COLUMNS_SWAPPED = "columns_swapped"
    EARLIER_PUBLICATION = "earlier_publication"
    ROUNDED = "rounded"
    SEVERAL = "several"  # so many sets of wards that none can be named


class Reason(StrEnum):
    """Why something in a statement is held against nothing."""

    UNIT = "unit"
    PERIOD = "period"
    FIELD = "field"
    LINE = "line"
    MEASURE = "measure"
    PARTIAL = "partial"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Cause:
    """What would have made the printed numbers of the dataset's, with its evidence in numbers.

    `measures`: the differing measures of the row that it explains together. `is_sure`: chance is a far worse
    explanation; else it is only possible.
    """

    kind: CauseKind
    words_vi: str
    words_en: str
    measures: tuple[str, ...]
    is_sure: bool

    def as_dict(self) -> dict[str, Any]:
        names = ("kind", "words_vi", "words_en", "measures", "is_sure")
        return {name: getattr(self, name) for name in names} | {"kind": str(self.kind)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement says something. `unit` as it is written there; `period` a key, else as written."""

    unit: str
    period: str
    sheet: str
    row: int | None
    field: str = "all"
    source_system: str = "all"

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("unit", "period", "sheet", "row", "field", "source_system")}


@dataclass(frozen=True, slots=True)
class Difference:
    """A printed number that is not the dataset's. `causes`: none known, one, or several that explain it alike."""

    place: Place
    measure: str
    cell: str | None
    printed: int
    dataset: int
    causes: tuple[Cause, ...] = ()

    @property
    def by(self) -> int:
        return self.printed - self.dataset

    def as_dict(self) -> dict[str, Any]:
        said = {"measure": self.measure, "cell": self.cell, "printed": self.printed, "dataset": self.dataset}
        return self.place.as_dict() | said | {"by": self.by, "causes": [cause.as_dict() for cause in self.causes]}


@dataclass(frozen=True, slots=True)
class RateRemark:
    """A printed rate that is not the quotient of the row's own counts. *Units*: percent.

    `is_cut_off`: the quotient was cut off instead of rounded. `dataset`: the rate of the dataset's counts.
    """

    place: Place
    heading: str
    cell: str
    printed: Decimal
    quotient: Decimal
    dataset: Decimal | None
    is_cut_off: bool

    def as_dict(self) -> dict[str, Any]:
        said = {"rate": self.heading, "cell": self.cell, "is_cut_off": self.is_cut_off}
        numbers = {"printed": self.printed, "quotient": self.quotient, "dataset": self.dataset}
        return self.place.as_dict() | said | {k: None if v is None else str(v) for k, v in numbers.items()}


@dataclass(frozen=True, slots=True)
class NotCompared:
    """What was held against nothing. *Missing*: `measure` is None where it is the whole row."""

    place: Place
    reason: Reason
    words_vi: str
    words_en: str
    measure: str | None = None

    def as_dict(self) -> dict[str, Any]:
        said = {"reason": str(self.reason), "measure": self.measure}
        return self.place.as_dict() | said | {"words_vi": self.words_vi, "words_en": self.words_en}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A statement held against the dataset. `compared`: how many printed numbers were held against one."""

    compared: int
    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...]
    rates: tuple[RateRemark, ...]
    not_compared: tuple[NotCompared, ...]

    @property
    def contradictions(self) -> tuple[Finding, ...]:
        """Those findings that say the statement does not fit itself."""
        return tuple(f for f in self.findings if f.code in CONTRADICTING)

    @property
    def agrees(self) -> bool:
        return not (self.contradictions or self.differences or self.rates)


Counts = Mapping[str, int]
"""Measure → count. *Missing*: what is not known is not in it."""
