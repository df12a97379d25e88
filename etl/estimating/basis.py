"""What an estimate rests on, in words: pure text."""

from etl.model import Language
from etl.phrases import clean, name_period

Words = tuple[str, str]
"""Vietnamese and English."""

NO_HISTORY: Words = (
    "chưa có báo cáo nào của các kỳ trước để ước tính",
    "no report of an earlier period to estimate from",
)
UNREPORTED: Words = (
    "các báo cáo kỳ trước không ghi chỉ tiêu này",
    "earlier reports do not say this",
)
UNKNOWN_SUM: Words = (
    "có đơn vị đã báo cáo nhưng không ghi chỉ tiêu này",
    "a unit that has reported does not say this",
)
FOLLOWS: Words = (
    "suy ra từ số kỳ trước chuyển qua, số tiếp nhận và số đã giải quyết",
    "follows from what was carried over, received and resolved",
)
BETWEEN: Words = (
    "suy ra từ số tiếp nhận và số đang giải quyết ở đầu kỳ, cuối kỳ",
    "follows from what was received and the stocks at both ends",
)
KNOWN: Words = ("mọi báo cáo cần cho số này đều đã có", "every report that this needs is in")
SUM: Words = ("tổng của các chỉ tiêu thành phần", "the sum of its parts")
SHARE: Words = (
    "chia từ tổng theo tỷ lệ thường có của đơn vị; cận theo các kỳ trước và theo cận của tổng",
    "its usual share of the total; bounds by earlier periods and by those of the total",
)
CARRIED: Words = (
    "bằng số ước tính cuối kỳ trước, kỳ đó cũng chưa có báo cáo",
    "equals the estimate for the end of the period before, which is not in either",
)
ADJUSTMENT: Words = (
    "phần chênh giữa số đầu kỳ, số phát sinh và số cuối kỳ của các số ước tính",
    "what the estimates leave between opening, flows and closing",
)


def before(period_key: str) -> Words:
    """Say that an opening stock is the closing stock of the period before."""
    vi, en = (name_period(period_key, language) for language in (Language.VI, Language.EN))
    return f"bằng số đang giải quyết cuối {vi}", f"equals what was pending at the end of {en}"


def after(period_key: str) -> Words:
    """Say that a closing stock is the opening stock of the period after."""
    vi, en = (name_period(period_key, language) for language in (Language.VI, Language.EN))
    return f"bằng số chuyển sang {vi}", f"equals what was carried over into {en}"


def usual_of(count: int) -> Words:
    """Say that it is the median of so many periods."""
    return (
        f"trung vị {count} kỳ báo cáo gần nhất của đơn vị; cận là số nhỏ nhất và lớn nhất của các kỳ đó",
        f"median of the unit's last {count} reported periods; bounds are the least and most of these",
    )


def added(units: tuple[str, ...], months: tuple[str, ...]) -> Words:
    """Say whose figures of which months are estimated in a sum."""
    vi, en = (", ".join(name_period(key, language) for key in months) for language in (Language.VI, Language.EN))
    names = ", ".join(clean(unit, 80) for unit in units)
    return f"số đã có cộng ước tính cho {names} ({vi})", f"what is in, and estimates for {names} ({en})"


def joined(several: list[Words]) -> Words:
    """Say several things once each."""
    vi, en = ("; ".join(dict.fromkeys(words[i] for words in several)) for i in (0, 1))
    return vi, en
