"""Which report counts: by what the reports say of themselves, never by the order of loading."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.model import OwnDate
from etl.standing import Cause, Contender, Ruling, Stand, Standing, stand_reports

DAWN = datetime(2026, 4, 15, 8, tzinfo=UTC)
CLOSES = DAWN + timedelta(days=4)
SILENT = OwnDate()
SIGNED_15, SIGNED_16 = OwnDate(signed_on=date(2026, 4, 15)), OwnDate(signed_on=date(2026, 4, 16))
COUNTS, REPLACED, OLDER = Standing(Stand.COUNTS), Standing(Stand.REPLACED), Standing(Stand.OLDER)
WAITS_CLOSED, WAITS_UNDATED = Standing(Stand.WAITS, Cause.CLOSED), Standing(Stand.WAITS, Cause.UNDATED)


def at(hours: float) -> datetime:
    return DAWN + timedelta(hours=hours)


def contender(
    name: str,
    hours: float,
    own: OwnDate = SILENT,
    *,
    modified: float | None = None,
    accepted: bool = True,
    says: str = "",
) -> Contender:
    """Make a report that arrives some hours after dawn; another name means other figures, unless `says` is given."""
    return Contender(name, at(hours), accepted, says or name, own, None if modified is None else at(modified))


def stands(*contenders: Contender, rulings: tuple[Ruling, ...] = ()) -> dict[str, Standing]:
    return stand_reports(contenders, rulings, CLOSES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (SIGNED_15, SIGNED_16),
        (OwnDate(revision=1), OwnDate(revision=2)),
        (OwnDate(saved_at=at(0)), OwnDate(saved_at=at(1))),
        (OwnDate(signed_on=date(2026, 4, 15), saved_at=at(0)), OwnDate(signed_on=date(2026, 4, 15), saved_at=at(1))),
    ],
)
def test_the_newer_by_its_own_date_counts_whichever_arrives_last(old: OwnDate, new: OwnDate) -> None:
    assert stands(contender("old", 0, old), contender("new", 1, new)) == {"old": REPLACED, "new": COUNTS}
    assert stands(contender("old", 1, old), contender("new", 0, new)) == {"old": OLDER, "new": COUNTS}


def test_what_stands_in_a_report_goes_before_the_date_of_its_file() -> None:
    told = stands(contender("old", 1, SIGNED_15, modified=1), contender("new", 0, SIGNED_16, modified=0))
    assert told == {"old": OLDER, "new": COUNTS}


def test_the_date_of_the_file_tells_where_the_reports_do_not() -> None:
    assert stands(contender("a", 0, modified=0), contender("b", 1, modified=-1)) == {"a": COUNTS, "b": OLDER}
    assert stands(contender("a", 0, modified=0), contender("b", 1, modified=1)) == {"a": REPLACED, "b": COUNTS}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (OwnDate(), OwnDate()),
        (OwnDate(signed_on=date(2026, 4, 15), saved_at=at(5)), OwnDate(signed_on=date(2026, 4, 16), saved_at=at(1))),
    ],
)
def test_where_it_cannot_be_told_the_operator_decides(first: OwnDate, second: OwnDate) -> None:
    both = (contender("first", 0, first), contender("second", 1, second))
    assert stands(*both) == {"first": COUNTS, "second": WAITS_UNDATED}
    yes = Ruling("second", is_counted=True, made_at=at(2))
    assert stands(*both, rulings=(yes,)) == {"first": REPLACED, "second": COUNTS}
    no = Ruling("second", is_counted=False, made_at=at(3))
    assert stands(*both, rulings=(yes, no)) == {"first": COUNTS, "second": Standing(Stand.SET_ASIDE)}


def test_a_change_after_the_closing_waits_but_a_first_report_does_not() -> None:
    late = contender("late", 100, SIGNED_16)
    assert stands(late) == {"late": COUNTS}
    assert stands(contender("first", 0, SIGNED_15), late) == {"first": COUNTS, "late": WAITS_CLOSED}
    assert stands(contender("first", 0, SIGNED_16), contender("late", 100, SIGNED_15))["late"] == OLDER
    same = contender("same", 100, SIGNED_16, says="first")
    assert stands(contender("first", 0, SIGNED_15), same) == {"first": REPLACED, "same": COUNTS}


def test_the_same_figures_sent_again_without_a_date_do_not_make_them_older() -> None:
    first, second = OwnDate(revision=1), OwnDate(revision=2)
    told = stands(
        contender("a", 0, first),
        contender("b", 1, second),
        contender("c", 2, says="b"),
        contender("d", 3, first),
    )
    assert told == {"a": REPLACED, "b": REPLACED, "c": COUNTS, "d": OLDER}


def test_a_change_of_a_closed_period_waits_even_when_what_counted_is_gone() -> None:
    late = contender("b", 100, SIGNED_16)
    set_aside = Ruling("a", is_counted=False, made_at=at(101))
    assert stands(contender("a", 0, SIGNED_15), late, rulings=(set_aside,))["b"] == WAITS_CLOSED
    refused_now = replace(contender("a", 0, SIGNED_15, accepted=False), has_stood=True)
    assert stands(refused_now, late)["b"] == WAITS_CLOSED
    assert stands(contender("a", 0, SIGNED_15, accepted=False), late)["b"] == COUNTS


def test_a_ruling_made_by_a_slow_clock_still_comes_after_the_report() -> None:
    both = (contender("a", 5, SIGNED_16), contender("b", 6, SIGNED_15))
    early = Ruling("b", is_counted=True, made_at=at(1))
    assert stands(*both, rulings=(early,)) == {"a": REPLACED, "b": COUNTS}


def test_a_report_that_was_set_aside_gives_way_to_the_one_before() -> None:
    both = (contender("a", 0, SIGNED_15), contender("b", 1, SIGNED_16))
    set_aside = Ruling("b", is_counted=False, made_at=at(2))
    assert stands(*both, rulings=(set_aside,)) == {"a": COUNTS, "b": Standing(Stand.SET_ASIDE)}


def test_after_a_ruling_a_newer_report_counts_again() -> None:
    three = (
        contender("a", 0, SIGNED_16),
        contender("b", 1, SIGNED_15),
        contender("c", 3, OwnDate(signed_on=date(2026, 4, 17))),
    )
    ruling = Ruling("b", is_counted=True, made_at=at(2))
    assert stands(*three, rulings=(ruling,)) == {"a": REPLACED, "b": REPLACED, "c": COUNTS}


def test_a_report_that_is_not_accepted_is_no_contender() -> None:
    told = stands(contender("good", 0, SIGNED_15), contender("bad", 1, SIGNED_16, accepted=False))
    assert told == {"good": COUNTS, "bad": Standing(Stand.REFUSED)}


own_dates = st.builds(
    OwnDate,
    revision=st.none() | st.integers(1, 3),
    signed_on=st.none() | st.dates(date(2026, 4, 15), date(2026, 4, 17)),
    saved_at=st.none() | st.integers(0, 3).map(at),
)
contenders = st.lists(
    st.builds(
        Contender,
        submission=st.sampled_from("abcde"),
        received_at=st.integers(0, 150).map(at),
        is_accepted=st.booleans(),
        content_sha256=st.sampled_from("xyz"),
        own_date=own_dates,
        modified_at=st.none() | st.integers(0, 3).map(at),
    ),
    max_size=4,
    unique_by=lambda one: one.submission,
)
rulings = st.lists(st.builds(Ruling, st.sampled_from("abcde"), st.booleans(), st.integers(0, 200).map(at)), max_size=3)


@given(contenders, rulings)
def test_one_at_most_counts_and_the_order_of_loading_makes_no_difference(
    known: list[Contender], ruled: list[Ruling]
) -> None:
    told = stand_reports(known, ruled, CLOSES)
    counting = [name for name, standing in told.items() if standing.stand is Stand.COUNTS]
    accepted = {one.submission for one in known if one.is_accepted}
    set_aside = {name for name, standing in told.items() if standing.stand is Stand.SET_ASIDE}
    waiting = {name for name, standing in told.items() if standing.stand is Stand.WAITS}
    assert len(counting) == 1 or (not counting and accepted == set_aside | waiting)
    assert set(counting) <= accepted
    assert all(stand_reports(order, ruled, CLOSES) == told for order in permutations(known))
