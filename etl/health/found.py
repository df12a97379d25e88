"""What a check finds: a state, a sentence in both languages, and the figures in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine

from etl.reference import Reference
from etl.settings import Settings


class State(StrEnum):
    """How a part of the installation is."""

    WELL = "well"
    LOOK = "look"
    BROKEN = "broken"


MARKS = {State.WELL: "✓", State.LOOK: "!", State.BROKEN: "✗"}


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the doctor. `figures`: its numbers, for programs; their names never change."""

    state: State
    vi: str
    en: str
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """What is looked at. *Missing*: reference or engine None where these cannot be used; a line says why."""

    settings: Settings
    reference: Reference | None
    engine: Engine | None
    now: datetime
    is_deep: bool = False


def well(vi: str, en: str, **figures: float) -> Found:
    return Found(State.WELL, vi, en, figures)


def look(vi: str, en: str, **figures: float) -> Found:
    return Found(State.LOOK, vi, en, figures)


def broken(vi: str, en: str, **figures: float) -> Found:
    return Found(State.BROKEN, vi, en, figures)


def minutes_since(moment: datetime | None, now: datetime) -> int:
    """Count the whole minutes since a moment. *Missing*: 0 where there is none."""
    return max(int((now - moment).total_seconds() // 60), 0) if moment else 0


def modified_at(path: Path) -> datetime | None:
    """Say when a file was last written. *Missing*: None where there is none."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


def span_words(minutes: int) -> tuple[str, str]:
    """Say a length of time in the largest unit that fits it."""
    for size, vi, en in ((1_440, "ngày", "days"), (60, "giờ", "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {vi}", f"{minutes // size} {en}"
    return f"{minutes} phút", f"{minutes} minutes"
