"""Waivers: findings that somebody has accepted, with a reason. One lapses by itself when the value changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from etl.model import Finding, Severity

COVERED = ("unit", "period", "rule", "source_system", "field", "measure", "found", "expected")


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding accepted: the same rule at the same place with the same figures, and no other.

    `until`: the last day it holds. *Missing*: None, it holds as long as the figures stay.
    """

    waiver_no: int
    unit: str
    period: str
    rule: str
    source_system: str | None
    field: str | None
    measure: str | None
    found: str | None
    expected: str | None
    reason: str
    author: str
    until: date | None = None

    def covers(self, finding: Finding) -> bool:
        return all(getattr(self, name) == getattr(finding, name) for name in COVERED)


def waive(finding: Finding, waivers: Sequence[Waiver]) -> Finding:
    """Make a warning of a finding that is accepted, and say by whom and why; any other stays as it is."""
    waiver = next((waiver for waiver in waivers if waiver.covers(finding)), None)
    if waiver is None:
        return finding
    until = f"{waiver.until:%d/%m/%Y}" if waiver.until else ""
    vi = f"Đã được chấp nhận{until and f' đến hết ngày {until}'}: {waiver.reason} ({waiver.author})."
    en = f"Accepted{until and f' until {until}'}: {waiver.reason} ({waiver.author})."
    return replace(
        finding,
        severity=Severity.WARNING,
        waiver_no=waiver.waiver_no,
        message_vi=f"{finding.message_vi} {vi}",
        message_en=f"{finding.message_en} {en}",
    )
