"""Published statements against the dataset: each cause injected into a right statement, and nothing made up."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.check import CheckContext, check
from etl.comparing.comparison import Cause, CauseKind, Comparison, Reason
from etl.comparing.rates import parse_rate, read_rate_columns
from etl.comparing.rendering import compose_rows, render_comparison
from etl.comparing.statement import CompareContext, Statement, compare_statement
from etl.comparing.yardstick import Line, Published, SentBack, Yardstick, find_counts, span_counts
from etl.errors import SubmissionError
from etl.model import CheckedReport, Language, Submission, Verdict
from etl.parse import parse
from etl.periods import Period
from etl.repairing.slips import find_truths
from etl.settings import Limits
from etl.town_dataset import TownDataset
from tests.unit.town_example import REFERENCE

FORM = REFERENCE.form
CALENDAR = REFERENCE.town.calendar
MONTHS = CALENDAR.months_of(CALENDAR.months((2022, 1), (2022, 4)))
SPAN = CALENDAR.months((2022, 1), (2022, 4))
WARDS = tuple(unit for unit in REFERENCE.expected_units(SPAN) if REFERENCE.is_ward(unit))
DESK = next(unit for unit in REFERENCE.expected_units(SPAN) if not REFERENCE.is_ward(unit))
PRINTED = (
    "received_total", "received_in_period", "carried_over", "resolved_total", "resolved_in_time", "resolved_overdue",
    "pending_total",
)  # fmt: skip
NAMES = {"desk": "Bộ phận TN&TKQ thị xã", "wards": "Bộ phận TN&TKQ các xã, phường", "town": "Toàn thị xã"}


# ---------------------------------------------------------------------------------------------------------
# A town made for tests


@cache
def example(seed: int = 1) -> Yardstick:
    """Make four months of fifteen wards and the desk whose balances and stocks all hold."""
    rng = random.Random(seed)
    sizes = {unit.full_name: rng.choice((40, 60, 80, 90, 120, 500)) for unit in (*WARDS, DESK)}
    stock = {name: (rng.randint(0, 6), rng.randint(0, 1)) for name in sizes}
    months = []
    for month in MONTHS:
        counts = {name: row(rng, size, stock[name]) for name, size in sizes.items()}
        stock = {name: (one["pending_in_time"], one["pending_overdue"]) for name, one in counts.items()}
        months.append(dataset((month,), counts))
    return Yardstick(spanned(months), tuple(months))


def row(rng: random.Random, size: int, stock: tuple[int, int]) -> dict[str, int]:
    online, direct = rng.randint(0, size // 3), rng.randint(size // 2, size)
    opening, received = sum(stock), online + direct + sum(stock)
    late_pending, pending = rng.randint(0, 1), rng.randint(0, 8)
    overdue = rng.choice((0, 0, 1, 2, 3))
    resolved = received - pending - late_pending
    early = rng.randint(0, (resolved - overdue) // 2)
    return {
        "received_total": received, "received_in_period": online + direct, "received_online": online,
        "received_direct": direct, "carried_over": opening, "resolved_total": resolved,
        "resolved_in_time": resolved - overdue, "resolved_early": early,
        "resolved_on_time": resolved - overdue - early, "resolved_overdue": overdue,
        "pending_total": pending + late_pending, "pending_in_time": pending, "pending_overdue": late_pending,
    }  # fmt: skip


def dataset(months: Sequence[Period], counts: Mapping[str, Mapping[str, int] | None]) -> TownDataset:
    """Lay the counts of each unit out as a dataset does; a unit without any has sent nothing."""
    units = [unit for unit in (*WARDS, DESK) if unit.full_name in counts]
    lines = [line("ward", counts[u.full_name], code=u.code, name=u.full_name) for u in units]
    for scope, chosen in (("wards", WARDS), ("desk", (DESK,)), ("town", (*WARDS, DESK))):
        inside = [counts[u.full_name] for u in chosen if u in units]
        sums = {m: sum(one[m] for one in inside if one) for m in FORM.measure_names}
        lines.append(line(scope, sums, expected=len(inside), present=sum(one is not None for one in inside)))
        lines.append(line(scope, sums, expected=len(inside), present=len(inside)) | {"field": "ho-tich"})
    coverage = pd.DataFrame([
        {
            "unit_code": u.code, "unit_name": u.full_name, "is_desk": u is DESK, "expected": True,
            "period_key": month.key, "status": "missing" if counts[u.full_name] is None else "accepted",
        }
        for u in units for month in months
    ])  # fmt: skip
    period = CALENDAR.days(months[0].start, months[-1].end)
    frame = pd.DataFrame(lines).astype(dict.fromkeys(FORM.measure_names, "Int64"))
    return TownDataset(period, tuple(months), frame, coverage, "state", restated=False)


def line(
    scope: str, counts: Mapping[str, int] | None, *, code: str = "", name: str = "", expected: int = 1,
    present: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    inside = int(counts is not None) if present is None else present
    place = {"scope": scope, "unit_code": code, "unit_name": name, "field": "all", "source_system": "all"}
    figures = counts or dict.fromkeys(FORM.measure_names)
    return place | dict(figures) | {"is_partial": inside < expected}


def spanned(months: Sequence[TownDataset]) -> TownDataset:
    names = [unit.full_name for unit in (*WARDS, DESK)]
    own = {name: [figures(month, name) for month in months] for name in names}
    return dataset([m.period for m in months], {name: span_counts(FORM, counts) for name, counts in own.items()})


def figures(town: TownDataset, name: str) -> dict[str, int]:
    """Give the counts of a scope or of a unit."""
    unit = next((unit for unit in (*WARDS, DESK) if unit.full_name == name), None)
    own = Line("ward", unit.code, name) if unit else Line(name)
    return dict(find_counts(town.frame, own, FORM))


def write(folder: Path, rows: Sequence[tuple[str, str, Mapping[str, object]]], *, extra: Sequence[str] = ()) -> Path:
    """Write a statement: unit, period and counts of each row, as a plain table."""
    heads = [m for m in FORM.measure_names if any(m in counts for _, _, counts in rows)]
    lines = [";".join(["Đơn vị", "Kỳ báo cáo", *heads, *extra])]
    for unit, period, counts in rows:
        lines.append(";".join([unit, period, *(str(counts.get(name, "")) for name in [*heads, *extra])]))
    file = folder / "statement.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def read(file: Path) -> Statement:
    submission = Submission("", file.name, 0, datetime.now(UTC), file)
    reports = parse(submission, REFERENCE)
    checked = check(reports, CheckContext(REFERENCE, is_statement=True))
    return Statement(checked, read_rate_columns(file, reports, REFERENCE, Limits()))


def compared(file: Path, *sticks: Yardstick) -> Comparison:
    known = {stick.period.key: stick for stick in sticks or (example(),)}
    return compare_statement(read(file), known, CompareContext(REFERENCE, SPAN))


def right(scope: str, stick: Yardstick | None = None) -> dict[str, int]:
    counts = figures((stick or example()).dataset, scope)
    return {m: counts[m] for m in PRINTED}


# ---------------------------------------------------------------------------------------------------------
# Everything that goes wrong, done to a right row


@dataclass(frozen=True)
class Injected:
    """A row gone wrong: what it prints, of which scope, held against what, and the cause with words that tell it."""

    kind: CauseKind | None
    printed: dict[str, int]
    words: tuple[str, ...] = ()
    scope: str = "wards"
    stick: Yardstick | None = None


Injection = Callable[[random.Random, Yardstick], Injected]


def slip(rng: random.Random, stick: Yardstick) -> Injected:
    counts = right("wards", stick)
    measure = rng.choice([m for m in PRINTED if counts[m] > 20])
    typed = [truth for truth in find_truths(counts[measure]) if 0 < truth < 10**6]
    return Injected(CauseKind.SLIP, counts | {measure: rng.choice(typed)})


def without(rng: random.Random, stick: Yardstick, size: int) -> Injected:
    names = rng.sample([unit.full_name for unit in WARDS], size)
    lost = [figures(stick.dataset, name) for name in names]
    scope = rng.choice(("wards", "town"))
    counts = {m: count - sum(one[m] for one in lost) for m, count in right(scope, stick).items()}
    return Injected(CauseKind.WARDS_MISSING, counts, tuple(names), scope)


def twice(rng: random.Random, stick: Yardstick) -> Injected:
    name = rng.choice(WARDS).full_name
    more, counts = figures(stick.dataset, name), right("wards", stick)
    return Injected(CauseKind.WARD_TWICE, {m: counts[m] + more[m] for m in counts}, (name,))


def fewer_months(rng: random.Random, stick: Yardstick) -> Injected:
    a, b = sorted(rng.sample(range(5), 2))
    if b - a == 4:
        b = 3
    counts = span_counts(FORM, [figures(month, "wards") for month in stick.months[a:b]])
    return Injected(CauseKind.MONTH_MISSING, {m: counts[m] for m in PRINTED})


FLOWS = ("received_in_period", "resolved_total", "resolved_in_time", "resolved_overdue")


def with_month(rng: random.Random, stick: Yardstick, times: int) -> Injected:
    month = rng.choice(stick.months)
    own, counts = figures(month, "wards"), right("wards", stick)
    counts |= {m: counts[m] + times * own[m] for m in FLOWS}
    counts["received_total"] = counts["received_in_period"] + counts["carried_over"]
    kind = CauseKind.MONTH_TWICE if times > 0 else CauseKind.MONTH_MISSING
    return Injected(kind, counts, (f"tháng {int(month.period.key[5:])}/2022",))


def summed(rng: random.Random, stick: Yardstick) -> Injected:
    chosen = rng.choice([("carried_over",), ("pending_total",), ("carried_over", "pending_total", "received_total")])
    counts = right("wards", stick)
    months = [figures(month, "wards") for month in stick.months]
    return Injected(CauseKind.STOCKS_SUMMED, counts | {m: sum(one[m] for one in months) for m in chosen})


def other_stock(rng: random.Random, stick: Yardstick) -> Injected:
    measure, at = rng.choice([("carried_over", rng.choice((1, 2, 3))), ("pending_total", rng.choice((0, 1, 2)))])
    counts = right("wards", stick) | {measure: figures(stick.months[at], "wards")[measure]}
    return Injected(CauseKind.STOCK_OF_ANOTHER_MONTH, counts, (f"tháng {at + 1}/2022",))


def carried(rng: random.Random, stick: Yardstick) -> Injected:
    counts = right("wards", stick)
    total, received, opening = (counts[m] for m in ("received_total", "received_in_period", "carried_over"))
    wrong = rng.choice([
        {"received_total": received}, {"received_in_period": total}, {"received_total": total + opening},
    ])  # fmt: skip
    return Injected(CauseKind.CARRIED_OVER, counts | wrong)


def pending(rng: random.Random, stick: Yardstick) -> Injected:
    counts = right("wards", stick)
    held = counts["pending_total"]
    wrong = {"resolved_total": counts["resolved_total"] + held}
    if rng.random() < 0.7:
        wrong["resolved_in_time"] = counts["resolved_in_time"] + held
    return Injected(CauseKind.PENDING_IN_RESOLVED, counts | wrong)


def other_line(rng: random.Random, stick: Yardstick) -> Injected:
    scope, taken = rng.choice([("desk", "town"), ("wards", "town"), ("town", "wards"), ("wards", "desk")])
    return Injected(CauseKind.OTHER_LINE, right(taken, stick), (), scope)


def swapped(rng: random.Random, stick: Yardstick) -> Injected:
    counts = right("wards", stick)
    one, other = rng.choice([("resolved_in_time", "resolved_overdue"), ("carried_over", "received_in_period")])
    return Injected(CauseKind.COLUMNS_SWAPPED, counts | {one: counts[other], other: counts[one]})


def published(rng: random.Random, stick: Yardstick) -> Injected:
    """The statement says what was published before a ward's figures of a month were corrected."""
    at, name = rng.randrange(4), rng.choice(WARDS).full_name
    names = [unit.full_name for unit in (*WARDS, DESK)]
    own = {n: figures(stick.months[at], n) for n in names}
    late = rng.randint(1, 5)
    own[name] = own[name] | {
        "received_in_period": own[name]["received_in_period"] + rng.randint(5, 90),
        "resolved_overdue": own[name]["resolved_overdue"] + late,
    }
    own[name]["received_total"] = own[name]["received_in_period"] + own[name]["carried_over"]
    own[name]["resolved_total"] = own[name]["received_total"] - own[name]["pending_total"]
    own[name]["resolved_in_time"] = own[name]["resolved_total"] - own[name]["resolved_overdue"]
    before = dataset((stick.months[at].period,), own)
    month = Published(before.period.key, 1, datetime(2022, 4, 18, tzinfo=UTC), before.frame)
    spans = [figures(before if i == at else month, "wards") for i, month in enumerate(stick.months)]
    counts = span_counts(FORM, spans)
    held = replace(stick, published=(month,))
    return Injected(CauseKind.EARLIER_PUBLICATION, {m: counts[m] for m in PRINTED}, ("công bố số 1",), stick=held)


def rounded(rng: random.Random, stick: Yardstick) -> Injected:
    step, counts = rng.choice((10, 100)), right("wards", stick)
    return Injected(
        CauseKind.ROUNDED, {m: (c + step // 2) // step * step if c >= step else c for m, c in counts.items()}
    )


def sent_back(rng: random.Random, stick: Yardstick) -> Injected:
    report = {m: rng.randint(1, 90) for m in PRINTED}
    one = SentBack("phường Lê Lợi", is_desk=False, period_key=stick.months[3].period.key, counts=report)
    counts = right("wards", stick)
    more = {m: count for m, count in report.items() if m != "carried_over"}
    more["received_total"] = report["received_in_period"]  # its opening stock is that of April, not of January
    wrong = counts | {m: counts[m] + count for m, count in more.items()}
    return Injected(CauseKind.SENT_BACK, wrong, ("phường Lê Lợi",), stick=replace(stick, sent_back=(one,)))


def nothing_known(rng: random.Random, stick: Yardstick) -> Injected:
    """Change one to four numbers by amounts that nothing explains, alike or each its own."""
    counts = right("wards", stick)
    chosen = rng.sample(PRINTED, rng.choice((1, 1, 2, 3, 4)))
    amounts = [round(10 ** rng.uniform(0.5, 3)) * rng.choice((-1, 1)) for _ in chosen]
    if rng.random() < 0.5:
        amounts = [amounts[0]] * len(chosen)
    return Injected(None, counts | {m: max(0, counts[m] + by) for m, by in zip(chosen, amounts, strict=True)})


INJECTIONS: dict[str, Injection] = {
    "a slip of the hand": slip,
    "one ward missing": lambda rng, stick: without(rng, stick, 1),
    "two wards missing": lambda rng, stick: without(rng, stick, 2),
    "three wards missing": lambda rng, stick: without(rng, stick, 3),
    "a ward counted twice": twice,
    "only some months": fewer_months,
    "a month missing from the sums": lambda rng, stick: with_month(rng, stick, -1),
    "a month counted twice": lambda rng, stick: with_month(rng, stick, 1),
    "stocks summed over months": summed,
    "the stock of another month": other_stock,
    "carried over in or out": carried,
    "pending counted as resolved": pending,
    "another line's figures": other_line,
    "columns swapped": swapped,
    "an earlier publication": published,
    "rounded": rounded,
    "a report that was sent back": sent_back,
    "nothing anybody knows": nothing_known,
}
OUTCOMES = ("right", "right or another", "perhaps", "said: none", "wrong perhaps", "wrong")


def judge(injected: Injected, causes: Sequence[tuple[Cause, ...]]) -> str:
    """Tell how well a row is explained, by the worst of its numbers."""
    return max((_judge(injected, one) for one in causes), key=OUTCOMES.index)


def _judge(injected: Injected, causes: tuple[Cause, ...]) -> str:
    named = [cause for cause in causes if cause.kind is not CauseKind.SEVERAL]
    hits = [c for c in named if c.kind is injected.kind and all(word in c.words_vi for word in injected.words)]
    if not named:
        return "said: none"
    if not hits:
        return "wrong" if named[0].is_sure and len(named) == 1 else "wrong perhaps"
    return "perhaps" if not hits[0].is_sure else "right" if len(named) == 1 else "right or another"


def measure(inject: Injection, *, rows: int, folder: Path, seed: int = 0) -> Counter[str]:
    """Inject a cause into many rows of several towns, and count how well they are explained."""
    found: Counter[str] = Counter()
    for town in range(seed, seed + 5):
        rng, stick = random.Random(town), example(town)
        for _ in range(rows // 5):
            one = inject(rng, stick)
            if one.printed == right(one.scope, stick):
                continue
            file = write(folder, [(NAMES[one.scope], SPAN.key, one.printed)])
            reports = parse(Submission("", file.name, 0, datetime.now(UTC), file), REFERENCE)
            checked = tuple(CheckedReport(report, (), Verdict.ACCEPTED) for report in reports)
            held = {SPAN.key: one.stick or stick}
            comparison = compare_statement(Statement(checked), held, CompareContext(REFERENCE, SPAN))
            found[judge(one, [difference.causes for difference in comparison.differences])] += 1
    return found


# ---------------------------------------------------------------------------------------------------------
# What a right statement, and a wrong one, are told


def statement(folder: Path, injected: Injected) -> Comparison:
    file = write(folder, [(NAMES[injected.scope], SPAN.key, injected.printed)])
    return compared(file, injected.stick or example())


def test_a_right_statement_agrees(tmp_path: Path) -> None:
    rows = [(NAMES[scope], "4 tháng đầu năm 2022", right(scope)) for scope in NAMES]
    rows += [(unit.full_name, SPAN.key, figures(example().dataset, unit.full_name)) for unit in WARDS]
    found = compared(write(tmp_path, rows))
    assert found.agrees and not found.not_compared and not found.findings
    assert found.compared == 3 * len(PRINTED) + 15 * len(FORM.measure_names)


@pytest.mark.parametrize(
    "name",
    [n for n in INJECTIONS if n not in ("a slip of the hand", "the stock of another month", "nothing anybody knows")],
)
def test_each_cause_is_found(tmp_path: Path, name: str) -> None:
    for seed in range(8):
        injected = INJECTIONS[name](random.Random(seed), example())
        differences = statement(tmp_path, injected).differences
        assert {d.measure for d in differences} == {
            m for m, count in injected.printed.items() if count != right(injected.scope)[m]
        }
        told = judge(injected, [d.causes for d in differences])
        fine = ("right", "right or another") if name != "rounded" else OUTCOMES[:4]
        assert told in fine, (seed, injected, differences)


def test_two_digits_swapped_are_a_slip(tmp_path: Path) -> None:
    counts = right("wards")
    digits = str(counts["resolved_in_time"])
    assert len(digits) == 4 and digits[2] != digits[3]
    wrong = int(digits[:2] + digits[3] + digits[2])
    found = statement(tmp_path, Injected(CauseKind.SLIP, counts | {"resolved_in_time": wrong}))
    assert [f.rule for f in found.contradictions] == ["B.resolved"]
    (cause,) = found.differences[0].causes
    assert cause.is_sure and cause.kind is CauseKind.SLIP and "đổi chỗ" in cause.words_vi
    assert found.differences[0].cell == "G2"


def test_a_slip_that_the_totals_followed_is_one_cause(tmp_path: Path) -> None:
    counts = right("wards")
    typed = counts["resolved_in_time"] * 10
    changed = {"resolved_in_time": typed, "resolved_total": typed + counts["resolved_overdue"]}
    found = statement(tmp_path, Injected(CauseKind.SLIP, counts | changed))
    assert {d.causes for d in found.differences} == {found.differences[0].causes}
    (cause,) = found.differences[0].causes
    assert cause.kind is CauseKind.SLIP and set(cause.measures) == {"resolved_in_time", "resolved_total"}


def test_time_and_overdue_swapped_are_named(tmp_path: Path) -> None:
    counts = right("wards")
    one, other = "resolved_in_time", "resolved_overdue"
    found = statement(tmp_path, Injected(None, counts | {one: counts[other], other: counts[one]}))
    for difference in found.differences:
        (cause,) = difference.causes
        assert cause.kind is CauseKind.COLUMNS_SWAPPED and cause.is_sure and "Giải quyết quá hạn" in cause.words_vi


def test_a_ward_missing_and_a_slip_beside_it_are_both_told(tmp_path: Path) -> None:
    injected = without(random.Random(3), example(), 1)
    counts = injected.printed | {"pending_total": injected.printed["pending_total"] * 10}
    found = {d.measure: d.causes for d in statement(tmp_path, replace(injected, printed=counts)).differences}
    assert found["received_total"][0].kind is CauseKind.WARDS_MISSING
    assert found["pending_total"][0].kind is CauseKind.SLIP


def test_one_small_difference_names_no_set_of_wards(tmp_path: Path) -> None:
    """Of 455 sets of three wards some make up nearly any number: that is no evidence."""
    stick = example()
    names = [unit.full_name for unit in WARDS]
    for size in (2, 3):
        lost = sum(figures(stick.dataset, name)["received_total"] for name in names[:size])
        counts = {"received_total": right("wards")["received_total"] - lost}
        for difference in statement(tmp_path, Injected(None, counts)).differences:
            assert all(cause.kind is not CauseKind.WARDS_MISSING for cause in difference.causes)


def test_a_wrong_cause_is_hardly_ever_sure(tmp_path: Path) -> None:
    found = sum((measure(inject, rows=10, folder=tmp_path) for inject in INJECTIONS.values()), Counter())
    assert found["wrong"] <= 1 and found["right"] > found.total() / 2, found


def test_missing_numbers_are_not_nought(tmp_path: Path) -> None:
    found = compared(
        write(tmp_path, [(NAMES["wards"], SPAN.key, {"received_total": right("wards")["received_total"]})])
    )
    assert found.agrees and found.compared == 1


# ---------------------------------------------------------------------------------------------------------
# Which row is about what


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("Bộ phận TN&TKQ thị xã", "desk"), ("Bộ phận một cửa thị xã", "desk"), ("269", "desk"),
        ("Bộ phận Tiếp nhận và Trả kết quả thị xã Sơn Tây", "desk"), ("Bộ phận một cửa UBND thị xã Sơn Tây", "desk"),
        ("Bộ phận TN&TKQ các xã, phường", "wards"), ("15 xã, phường", "wards"), ("cấp xã", "wards"),
        ("Các phường, xã", "wards"), ("Tổng 15 xã, phường", "wards"), ("UBND các xã, phường", "wards"),
        ("Bộ phận một cửa 15 xã, phường", "wards"), ("CÁC XÃ, PHƯỜNG THUỘC THỊ XÃ SƠN TÂY", "wards"),
        ("Toàn thị xã", "town"), ("Tổng cộng", "town"), ("Thị xã Sơn Tây", "town"), ("TOÀN THỊ XÃ SƠN TÂY", "town"),
        ("Địa bàn thị xã Sơn Tây", "town"), ("Sơn Tây town", "town"),
    ],
)  # fmt: skip
def test_names_of_sums(tmp_path: Path, text: str, scope: str) -> None:
    found = compared(write(tmp_path, [(text, SPAN.key, right(scope))]))
    assert found.compared == len(PRINTED) and found.agrees and not found.not_compared


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lê Lợi", "phường Lê Lợi"),
        ("P. Lê Lợi", "phường Lê Lợi"),
        ("9574", "phường Lê Lợi"),
        ("Sơn Đông", "xã Sơn Đông"),
    ],
)
def test_names_of_wards(tmp_path: Path, text: str, name: str) -> None:
    found = compared(write(tmp_path, [(text, SPAN.key, figures(example().dataset, name))]))
    assert found.agrees and found.compared == len(FORM.measure_names)


def test_a_ward_of_another_ward_s_figures_is_told(tmp_path: Path) -> None:
    found = compared(write(tmp_path, [("Lê Lợi", SPAN.key, figures(example().dataset, "xã Sơn Đông"))]))
    assert {c.kind for d in found.differences for c in d.causes} == {CauseKind.OTHER_LINE}
    assert "xã Sơn Đông" in found.differences[0].causes[0].words_vi


@pytest.mark.parametrize(
    ("unit", "period", "reason"),
    [
        ("Đông Lạ", SPAN.key, Reason.UNIT), ("phường Tùng Thiện", SPAN.key, Reason.UNIT),
        ("UBND thị xã", SPAN.key, Reason.UNIT), ("Phường", SPAN.key, Reason.UNIT),
        ("Toàn thị xã", "2021-12", Reason.PERIOD), ("Toàn thị xã", "2022", Reason.PERIOD),
        ("Toàn thị xã", "bữa nọ", Reason.PERIOD), ("Toàn thị xã", "2022-01-01/2022-01-31", Reason.PERIOD),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_said(tmp_path: Path, unit: str, period: str, reason: Reason) -> None:
    found = compared(write(tmp_path, [(unit, period, right("town"))]))
    assert not found.compared and [one.reason for one in found.not_compared] == [reason]
    for language in Language:
        assert render_comparison(found, REFERENCE, language)


def test_a_month_within_the_range_is_held_against_that_month(tmp_path: Path) -> None:
    march = example().months[2]
    stick = Yardstick(march, (march,), tuple(m for m in example().months if m is not march))
    file = write(tmp_path, [(NAMES["wards"], "Tháng 3 năm 2022", figures(march, "wards"))])
    assert compared(file, stick).agrees
    file = write(tmp_path, [(NAMES["wards"], "Tháng 3 năm 2022", figures(example().months[1], "wards"))])
    causes = {cause for difference in compared(file, stick).differences for cause in difference.causes}
    assert {cause.kind for cause in causes} == {CauseKind.OTHER_MONTHS} and "tháng 2/2022" in causes.pop().words_vi


def test_fields_and_measures_that_the_dataset_lacks(tmp_path: Path) -> None:
    head = "Đơn vị;Kỳ báo cáo;Lĩnh vực;Tổng số tiếp nhận\n"
    total = right("wards")["received_total"]
    rows = [f"15 xã, phường;{SPAN.key};{field};{total}\n" for field in ("Hộ tịch", "Bói toán", "Đất đai")]
    file = tmp_path / "fields.csv"
    file.write_text(head + "".join(rows), "utf-8")
    found = compared(file)
    assert found.compared == 1 and not found.differences
    assert [one.reason for one in found.not_compared] == [Reason.FIELD, Reason.LINE]
    without_online = replace(example().dataset, frame=example().dataset.frame.assign(received_online=None))
    file = write(tmp_path, [(NAMES["wards"], SPAN.key, {"received_online": 3, "received_total": total})])
    found = compared(file, replace(example(), dataset=without_online))
    assert found.compared == 1 and [(one.reason, one.measure) for one in found.not_compared] == [
        (Reason.MEASURE, "received_online")
    ]


def test_a_field_s_sum_over_its_systems_is_that_field_s(tmp_path: Path) -> None:
    head = "Đơn vị;Kỳ báo cáo;Lĩnh vực;Hệ thống;Tổng số tiếp nhận\n"
    total = right("wards")["received_total"]
    file = tmp_path / "systems.csv"
    rows = [f"cấp xã;{SPAN.key};Hộ tịch;{system};{total}\n" for system in ("", "Hệ thống thành phố")]
    file.write_text(head + "".join(rows), "utf-8")
    found = compared(file)
    assert found.compared == 1 and not found.differences
    assert [(one.reason, one.place.field, one.place.source_system) for one in found.not_compared] == [
        (Reason.LINE, "ho-tich", "city")
    ]


def test_a_ward_missing_from_the_dataset_may_be_the_whole_difference(tmp_path: Path) -> None:
    month = example().months[0]
    own = {unit.full_name: figures(month, unit.full_name) for unit in (*WARDS, DESK)}
    lacking: dict[str, Any] = {**own, "phường Lê Lợi": None}
    held = Yardstick(dataset((month.period,), lacking))
    found = compared(write(tmp_path, [(NAMES["wards"], "2022-01", figures(month, "wards"))]), held)
    assert not found.differences and {one.reason for one in found.not_compared} == {Reason.PARTIAL}
    assert all("phường Lê Lợi" in one.words_vi and "2022-01" in one.words_vi for one in found.not_compared)
    less = {m: max(0, count - 300) for m, count in figures(held.dataset, "wards").items()}
    assert compared(write(tmp_path, [(NAMES["wards"], "2022-01", less)]), held).differences


# ---------------------------------------------------------------------------------------------------------
# Rates


@pytest.mark.parametrize(
    ("printed", "is_fine", "is_cut_off"),
    [("{:.2f}%", True, False), ("{:.1f}", True, False), ("12,34 %", False, False), ("cut", False, True)],
)
def test_a_rate_is_the_quotient_of_its_own_numbers(
    tmp_path: Path, printed: str, is_fine: bool, is_cut_off: bool
) -> None:
    counts: dict[str, Any] = {"resolved_total": 7000, "resolved_in_time": 6957}  # 99.3857… %
    text = "99,38" if printed == "cut" else printed.format(Decimal(695700) / 7000)
    file = write(tmp_path, [(NAMES["wards"], SPAN.key, counts | {"Tỷ lệ đúng hạn": text})], extra=["Tỷ lệ đúng hạn"])
    found = compared(file)
    assert not found.findings and [rate.is_cut_off for rate in found.rates] == ([] if is_fine else [is_cut_off])
    assert all(rate.quotient == Decimal("99.39") and rate.cell == "E2" for rate in found.rates)


def test_a_rate_that_no_heading_explains_is_known_by_its_numbers(tmp_path: Path) -> None:
    name = "Tỷ lệ giải quyết (%)"
    rows: list[tuple[str, str, dict[str, Any]]] = []
    for scope, by in (("desk", 0), ("wards", 0), ("town", 2)):
        counts = right(scope)
        rate = Decimal(counts["resolved_total"] * 100) / counts["received_total"] + by
        rows.append((NAMES[scope], SPAN.key, counts | {name: f"{rate:.2f}"}))
    found = compared(write(tmp_path, rows, extra=[name]))
    (remark,) = found.rates
    assert remark.place.unit == NAMES["town"] and remark.printed == remark.quotient + 2
    alone = compared(write(tmp_path, rows[2:], extra=[name]))
    assert not alone.rates and [one.reason for one in alone.not_compared] == [Reason.RATE]


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        ("98,81 %", "98.81"), ("98.81%", "98.81"), ("100", "100"), (98.81, "98.81"), (0.9881, "98.81"), (1, "100"),
        (None, None), ("gần 99%", None), ("=1+1", None), (True, None), (-3, None), (1e9, None), ("9" * 50, None),
    ],
)  # fmt: skip
def test_rates_as_printed(value: Any, rate: str | None) -> None:
    assert parse_rate(value) == (None if rate is None else Decimal(rate))


# ---------------------------------------------------------------------------------------------------------
# Hostile files, and what is printed


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=20), st.text(max_size=12)), max_size=4))
def test_any_table_gets_an_answer(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]) -> None:
    lines = ["unit\tperiod\treceived_total\tTỷ lệ", *("\t".join(" ".join(c.split()) for c in row) for row in rows)]
    file = tmp_path_factory.mktemp("hostile") / "a.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8", errors="replace")
    try:
        found = compared(file)
    except SubmissionError as error:
        assert error.message_vi
        return
    assert render_comparison(found, REFERENCE, Language.VI) and list(compose_rows(found))


def test_no_control_character_of_a_file_reaches_the_terminal(tmp_path: Path) -> None:
    rows = [("\x1b[31m=cmd|x\u202eLê Lợi", SPAN.key, right("town")), (NAMES["town"], SPAN.key, right("wards"))]
    found = compared(write(tmp_path, rows))
    for language in Language:
        text = render_comparison(found, REFERENCE, language)
        assert "\x1b" not in text and "\u202e" not in text


def test_objects_for_programs(tmp_path: Path) -> None:
    injected = without(random.Random(1), example(), 1)
    *found, summary = compose_rows(statement(tmp_path, injected))
    assert summary["agrees"] is False and summary["differences"] == len(found) == len(found[0]["causes"][0]["measures"])
    assert {row["kind"] for row in found} == {"difference"}
    assert found[0]["by"] == found[0]["printed"] - found[0]["dataset"] and found[0]["cell"] == "C2"
    assert found[0]["causes"][0]["kind"] == "wards_missing" and found[0]["causes"][0]["is_sure"]
