"""A row of a statement, and the case that is made of it: all that may explain why it differs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from etl.comparing.comparison import Counts, Place
from etl.comparing.hypotheses import Case, PublishedCounts
from etl.comparing.yardstick import ALL, Line, SentBack, Yardstick, find_counts, find_places, find_wards, span_counts
from etl.forms import Form

_SUMS = ("wards", "desk", "town")


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A row of a statement: where it stands, which line of which yardstick it is about, what it prints."""

    place: Place
    line: Line
    yardstick: Yardstick
    printed: Counts
    cells: Mapping[str, str]


def build_case(row: StatementRow, known: Counts, form: Form) -> Case:
    """Gather what may explain the row: its wards, the other lines, the months, earlier publications."""
    line, stick = row.line, row.yardstick
    places = find_places(stick.dataset.frame, line, form)
    beside = {name: own for code, name in find_wards(stick.dataset) if (own := places.get(("ward", code, name)))}
    is_sum = line.scope in _SUMS
    sums = {scope: places.get((scope, "", ""), {}) for scope in _SUMS if scope != line.scope}
    others = sums if is_sum else {name: counts for name, counts in beside.items() if name != line.unit_name}
    months = {month.period.key: find_counts(month.frame, line, form) for month in stick.months}
    further = {month.period.key: find_counts(month.frame, line, form) for month in stick.others}
    return Case(
        form=form,
        line=line,
        printed=row.printed,
        figures=known,
        units=beside if line.scope in ("wards", "town") else {},
        lines={name: counts for name, counts in others.items() if counts},
        months=months if all(months.values()) else {},
        others={key: counts for key, counts in further.items() if counts},
        published=tuple(_published(row, form)),
        sent_back={one.unit_name: _over_months(one, stick, form) for one in stick.sent_back if _is_within(one, line)},
    )


def _published(row: StatementRow, form: Form) -> Iterator[PublishedCounts]:
    for one in row.yardstick.published:
        if counts := find_counts(one.frame, row.line, form):
            month = "" if one.period_key == row.yardstick.period.key else one.period_key
            yield PublishedCounts(one.number, f"{one.published_at:%d/%m/%Y}", month, counts)


def _is_within(report: SentBack, line: Line) -> bool:
    """Tell whether a report that was sent back would be in a line of all fields."""
    is_whole = (line.field, line.source_system) == (ALL, ALL)
    return is_whole and line.scope in ("wards", "town") and not report.is_desk


def _over_months(report: SentBack, stick: Yardstick, form: Form) -> Counts:
    """Give what a month's report adds to the whole period: its stocks only at the period's ends."""
    if len(stick.months) < 2:
        return report.counts
    nothing = dict.fromkeys(report.counts, 0)
    keys = [month.period.key for month in stick.months]
    return span_counts(form, [report.counts if key == report.period_key else nothing for key in keys])
