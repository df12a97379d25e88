"""The values that travel between the hops: submission, report, finding, verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.periods import Period

if TYPE_CHECKING:
    import pandas as pd


WARD_KINDS = ("phường", "xã", "thị trấn", "đặc khu")  # what a unit's name is spoken with


class Severity(StrEnum):
    """How much a finding weighs: an error refuses the report, a warning goes with it."""

    ERROR = "error"
    WARNING = "warning"


class Language(StrEnum):
    """The languages that everything is said in."""

    VI = "vi"
    EN = "en"


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    WARNINGS = "accepted with warnings"
    REJECTED = "rejected"


class Statement(StrEnum):
    """What a cell says when it does not simply hold a number: four different things."""

    NUMBER = "number"
    BLANK = "blank"  # nothing said: the measure is missing
    DASH = "dash"  # "-": counts 0
    NONE_ARISEN = "none_arisen"  # "không phát sinh": counts 0
    UNREADABLE = "unreadable"  # something else: missing, with a finding


@dataclass(frozen=True, slots=True)
class Unit:
    """A ward, or the town's own desk, as it was between two days (None: before / after all that is known).

    The key is (code, valid_from): an official code has meant different units.
    """

    code: str
    name: str
    kind: str
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def full_name(self) -> str:
        return f"{self.kind} {self.name}" if self.kind in WARD_KINDS else self.name

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class Submission:
    """A file as it arrived. `path` is its copy in the archive, named by `sha256`; `name` as the sender wrote it.

    `sent_by` is the folder of the inbox it lay in (a unit's code or name), where there was one, or the code of the
    unit whose address mailed it. `modified_at`: when the file was last changed, as it was delivered.
    """

    sha256: str
    name: str
    size_bytes: int
    received_at: datetime
    path: Path
    sent_by: str | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnDate:
    """When a report itself says it was made. *Missing*: None where it does not say.

    `revision`: which sending it calls itself (2 for "lần 2"); `signed_on`: the day written with the signature;
    `saved_at`: when the workbook was last saved, by its own properties.
    """

    revision: int | None = None
    signed_on: date | None = None
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Former:
    """The report that counted when another one with other figures came: the file it came in, and what differs.

    `missing_fields`: code (None where unlisted) and printed name of the fields that only the former one has.
    `totals`: measure → (old, new), where they differ. *Missing*: None where no row says it.
    """

    unit_code: str
    period_key: str
    name: str
    received_at: datetime
    missing_fields: tuple[tuple[str | None, str], ...]
    totals: Mapping[str, tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Counting:
    """The file that counts for a unit and period of which a file known since `known_at` speaks too; maybe that one."""

    unit_code: str
    unit_name: str
    period_key: str
    known_name: str
    known_at: datetime
    is_accepted: bool  # the known file's report
    sha256: str
    name: str
    received_at: datetime
    is_waiting: bool = False  # the known file's report, for the operator


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a report: where, what was found, what was expected, what to do.

    `code` is the family (S V B C T H L), `rule` the exact rule ("B.resolved"), both stable (docs/codes.md).
    `unit`, `period` are the report's (a code and a key where known, else the text as written).
    `suggestion` is None, {measure, cell, value, reason} or {"either": [such, …]}; it is never applied.
    `waiver_no`: the waiver that accepts it; such a finding is a warning, whatever its rule weighs. `source_system`: of
    the row, where the finding is about one.
    """

    code: str
    rule: str
    severity: Severity
    message_vi: str
    message_en: str
    unit: str | None = None
    period: str | None = None
    field: str | None = None
    measure: str | None = None
    sheet: str | None = None
    cell: str | None = None
    found: str | None = None
    expected: str | None = None
    suggestion: Mapping[str, Any] | None = None
    waiver_no: int | None = None
    source_system: str | None = None

    @property
    def is_question(self) -> bool:
        """Tell whether it only asks: what is unusual for the unit is no fault, and moves no verdict (ADR 7)."""
        return self.code == "H" and self.severity is Severity.WARNING

    def as_dict(self) -> dict[str, Any]:
        """Give the finding as `check --json` prints it."""
        names = ("code", "rule", "severity", "unit", "period", "field", "measure", "sheet", "cell")
        plain = {name: getattr(self, name) for name in (*names, "found", "expected", "message_vi", "message_en")}
        return plain | {
            "severity": str(self.severity),
            "suggestion": dict(self.suggestion) if self.suggestion else None,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The content of a submission for one unit and period, read.

    `unit` and `period` are None where the text names nothing known; the texts stay.

    *Shape* of `frame`: one row per sheet row that holds figures, columns
    sheet (str), row (int, as the spreadsheet counts), kind ("field" | "group" | "total"), field (the code of a
    known field, "all" where the report has no fields, else missing), field_name (as printed), source_system
    ("" where the sheet names none), then every measure of the form (Int64).
    *Missing*: a measure the edition does not print, a blank cell, and a cell with a V finding are all <NA>;
    `columns` (sheet → measure → column letter) tells the first from the others, `statements`
    ((sheet, cell) → Statement) keeps blanks, dashes and "không phát sinh" apart.
    """

    submission: str
    file_name: str
    unit: Unit | None
    unit_text: str
    period: Period | None
    period_text: str
    edition: str
    frame: "pd.DataFrame"
    columns: Mapping[str, Mapping[str, str]]
    findings: tuple[Finding, ...] = ()
    statements: Mapping[tuple[str, str], Statement] = field(default_factory=dict)
    received_at: datetime | None = None
    own_date: OwnDate = OwnDate()

    @property
    def unit_label(self) -> str:
        """The unit's code where it is known, else the text as written."""
        return self.unit.code if self.unit else self.unit_text

    @property
    def period_label(self) -> str:
        return self.period.key if self.period else self.period_text


@dataclass(frozen=True, slots=True)
class CheckedReport:
    """A report with its verdict. Findings are in the order of the sheet, errors and warnings together.

    `opening`: the closing stocks of the period before that it was held against: source system, field, count (None
    where that is unknown).
    """

    report: Report
    findings: tuple[Finding, ...]
    verdict: Verdict
    opening: tuple[tuple[str, str, int | None], ...] = ()


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """Refuse on any error; accept otherwise, saying whether there were warnings. A question is none."""
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Verdict.REJECTED
    return Verdict.ACCEPTED if all(finding.is_question for finding in findings) else Verdict.WARNINGS
