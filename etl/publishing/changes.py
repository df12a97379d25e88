"""What changed since the publication before: which figures by how much, and whose reports or decisions did it."""

from dataclasses import dataclass
from datetime import datetime

KINDS = ("came", "replaced", "sent back", "withdrawn", "waived", "corrected", "judged again")
"""What may happen to a report between two publications."""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure of a line that is another than before. *Missing*: None, where it was or is not reported."""

    scope: str
    unit_code: str
    unit_name: str
    field: str
    source_system: str
    measure: str
    before: int | None
    after: int | None

    @property
    def by(self) -> int | None:
        """The difference. *Missing*: None where one of them is."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class ReportChange:
    """What happened to a unit's report of a period: one of `KINDS`. `who` is the sender or operator."""

    unit_code: str
    unit_name: str
    period_key: str
    kind: str
    who: str
    at: datetime | None
    what_vi: str
    what_en: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything a publication says that the one before did not."""

    number_before: int
    published_before: datetime
    figures: tuple[FigureChange, ...]
    reports: tuple[ReportChange, ...]
