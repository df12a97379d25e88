"""A row that differs, and what might have made it differ: the common shape of all causes."""

from collections.abc import Mapping
from dataclasses import dataclass

from etl.comparing.comparison import CauseKind, Counts, Words
from etl.comparing.yardstick import Line
from etl.forms import Form


@dataclass(frozen=True, slots=True)
class PublishedCounts:
    """What a publication said of a line: its number, the day, and the month it is of ("" for the whole period)."""

    number: int
    day: str
    month: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Case:
    """A row of a statement beside all that the dataset knows of its line.

    `printed`: what is compared, in the order of the columns. `figures`: the dataset's counts of the line. `units`:
    those of each ward in it, by name; `lines`: those of other lines, by scope, or by name beside a single ward.
    `months`: the line's months, the oldest first, by key; `others`: further months. `sent_back`: refused reports.
    """

    form: Form
    line: Line
    printed: Counts
    figures: Counts
    units: Mapping[str, Counts]
    lines: Mapping[str, Counts]
    months: Mapping[str, Counts]
    others: Mapping[str, Counts]
    published: tuple[PublishedCounts, ...] = ()
    sent_back: Mapping[str, Counts] | None = None

    @property
    def differing(self) -> tuple[str, ...]:
        return tuple(m for m, count in self.printed.items() if count != self.figures[m])


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a row would print had this happened. `figures`: only what would then be another number.

    `rate`: how often this happens, relative to other causes; nobody has counted it. `terms`: what the change
    consists of, to show it in numbers.
    """

    kind: CauseKind
    words: Words
    figures: Counts
    rate: float
    terms: tuple[tuple[Words, Counts], ...] = ()
    explained: tuple[str, ...] = ()


def added(case: Case, counts: Counts, times: int = 1) -> Counts:
    """Give the line's figures with others added; what either does not know is left out."""
    return {m: count + times * counts[m] for m, count in case.figures.items() if m in counts}


def same(text: str) -> Words:
    """Say a name, which is one in both languages."""
    return text, text
