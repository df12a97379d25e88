"""Figures that an earlier publication said, before they were restated."""

from collections.abc import Iterator

from etl.comparing.comparison import CauseKind
from etl.comparing.hypotheses import Case, Hypothesis
from etl.comparing.yardstick import span_counts
from etl.model import Language
from etl.phrases import name_period

_RATE = 0.06


def find_publication_hypotheses(case: Case) -> Iterator[Hypothesis]:
    """Give the row as each publication had it; of a month, the period with the month as it was said then."""
    for published in case.published:
        counts = published.counts
        if published.month:
            if published.month not in case.months:
                continue
            counts = span_counts(case.form, list({**case.months, published.month: counts}.values()))
        number, day = published.number, published.day
        of_vi, of_en = (name_period(published.month, lang) if published.month else "" for lang in Language)
        words = (
            f"là số liệu {of_vi} của lần công bố số {number} ngày {day}, trước khi sửa".replace("  ", " "),
            f"as publication no. {number} of {of_en or 'the period'} said on {day}, before it was restated",
        )
        figures = {m: counts[m] for m in case.figures if m in counts}
        yield Hypothesis(CauseKind.EARLIER_PUBLICATION, words, figures, _RATE / len(case.published))
