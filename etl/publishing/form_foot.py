"""What stands below the official form's table: the adjustment and its list, what is blank, which publication it is."""

from collections.abc import Iterator, Mapping

import pandas as pd

from etl.phrases import clean
from etl.publishing.adjustment_words import adjustment_lines, signed_words, whole_adjustments
from etl.publishing.release_words import ReleaseWords

_MOST = 10  # adjustments that are listed one by one; the others are summed


def foot_lines(words: ReleaseWords, sums: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Say what the table cannot. `sums`: printed measures → their printed parts, as the row of numbers shows them."""
    yield from _partial(words)
    yield from _adjustment(words)
    yield from _blanks(words)
    if words.dataset.decisions:
        count = len(words.dataset.decisions)
        yield words.say(
            f"Trong số liệu có {count} lỗi được chấp nhận hoặc số liệu đã sửa: xem trang “Đơn vị báo cáo”.",
            f"The figures hold {count} accepted findings or corrected figures: see the sheet “Coverage”.",
        )
    yield f"{words.publication()}."


def _partial(words: ReleaseWords) -> Iterator[str]:
    """Say below the sum, too, how many units are in it."""
    total = words.whole("town")
    if total is not None and total["is_partial"]:
        units = f"{int(total['units_in'])}/{int(total['units_expected'])}"
        yield words.say(
            f"{words.partial_mark}: tổng cộng chỉ có {units} đơn vị đủ báo cáo.",
            f"{words.partial_mark}: only {units} units are in the total with all their reports.",
        )
        yield f"– {words.absent()}."


def _adjustment(words: ReleaseWords) -> Iterator[str]:
    """Say what must be added for the stocks to follow from the flows, that it then holds, and what it consists of."""
    total, rows = words.whole("town"), whole_adjustments(words.dataset)
    amount = None if total is None or pd.isna(total["adjustment"]) else int(total["adjustment"])
    if rows.empty and not amount:
        return
    head = words.say("Điều chỉnh", "Adjustment")
    if amount is None:
        yield words.say(
            f"{head}: chưa xác định được, vì có số liệu chưa báo cáo; đã biết:",
            f"{head}: unknown, because some figures are not reported; known are:",
        )
    else:
        yield f"{head}: {signed_words(amount, words.language)}; {_equation(words, amount)}"
    listed = list(adjustment_lines(words.dataset, words.language))
    yield from (f"– {where}: {by} ({why})" for where, by, why in listed[:_MOST])
    if len(listed) > _MOST:
        rest = rows.loc[rows["amount"].abs().sort_values(ascending=False, kind="stable").index, "amount"][_MOST:].sum()
        by = signed_words(int(rest), words.language)
        yield words.say(
            f"– {len(listed) - _MOST} khoản khác, cộng {by}: xem trang “Điều chỉnh”.",
            f"– {len(listed) - _MOST} others, together {by}: see the sheet “Adjustments”.",
        )


def _equation(words: ReleaseWords, amount: int) -> str:
    """Write opening + received − resolved + adjustment = closing, with its numbers."""
    flow, total = words.reference.form.stock_flow, words.whole("town")
    if flow is None or total is None:
        return ""
    terms = [(flow.opening, "+"), *((name, "+") for name in flow.coming), *((name, "−") for name in flow.going)]
    left = " ".join(f"{sign} {_term(words, name)}" for name, sign in terms).removeprefix("+ ")
    said, by = words.say("điều chỉnh", "adjustment"), signed_words(amount, words.language)
    return f"{left} + {said} ({by}) = {_term(words, flow.closing)}."


def _term(words: ReleaseWords, name: str) -> str:
    """Name a measure with its column, where it has one, and its number."""
    number, total = words.edition.number_of(name), words.whole("town")
    assert total is not None
    label = words.measure(name)
    column = f"({number}) " if number else ""
    return f"{column}{label[:1].lower()}{label[1:]} {words.count(total[name])}"


def _blanks(words: ReleaseWords) -> Iterator[str]:
    """Say that a blank is not 0, and what is known of blank columns together."""
    total = words.whole("town")
    blank = [] if total is None else [name for name in words.edition.measures if pd.isna(total[name])]
    if not blank or total is None:
        return
    line = words.say("Ô trống: có đơn vị chưa báo cáo, không phải 0.", "A blank cell: not reported, which is not 0.")
    for balance in words.reference.form.balances:
        numbers = [words.edition.number_of(part) for part in balance.parts]
        if balance.total not in words.edition.measures and set(balance.parts) & set(blank) and all(numbers):
            columns = " + ".join(f"({number})" for number in numbers)
            label = clean(words.measure(balance.total), 80)
            line += f" {columns} = {label[:1].lower()}{label[1:]}: {words.count(total[balance.total])}."
    yield line
