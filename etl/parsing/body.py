"""The rows of a table, read: what the layouts hand to `etl.parse`."""

from collections.abc import Mapping
from dataclasses import dataclass

from etl.model import Finding, Statement, Unit
from etl.parsing.layout import Layout
from etl.periods import Period
from etl.reading.grid import Sheet, column_letters

ALL_FIELDS = "all"


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A row that holds figures. `kind`: "field" or "total"; `field` None: a name that nothing known goes by."""

    row: int
    kind: str
    field: str | None
    field_name: str
    source_system: str
    counts: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one sheet says of one unit and period: a report, or a part of one."""

    sheet: Sheet
    layout: Layout
    unit: Unit | None
    unit_text: str
    period: Period | None
    period_text: str
    rows: tuple[BodyRow, ...]
    findings: tuple[Finding, ...]
    statements: Mapping[str, Statement]

    @property
    def key(self) -> tuple[str, str]:
        """Tell pieces of one report from those of another."""
        unit = f"{self.unit.code} {self.unit.valid_from}" if self.unit else f"? {self.unit_text}"
        return unit, self.period.key if self.period else f"? {self.period_text}"

    @property
    def letters(self) -> dict[str, str]:
        return {measure: column_letters(at) for measure, at in self.layout.measures.items()}
