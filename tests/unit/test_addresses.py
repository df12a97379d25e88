"""To whom a letter about a file goes, where its sender is in a folder of folders, or stands for several units."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.letters.addresses import addresses_of, sender_code, sender_name
from etl.model import Submission
from etl.reference import Reference
from etl.senders import join_codes, list_names, split_sender
from tests.unit.town_example import REFERENCE

SHARED, OWN = "van-thu@sontay.example", "09580@phuong.sontay.example"


def sent(sent_by: str | None) -> Submission:
    return Submission("ab" * 32, "a.xlsx", 1, datetime(2022, 4, 16, 3, 30, tzinfo=UTC), Path("x"), sent_by)


def sharing(**registered: tuple[str, ...]) -> Reference:
    """Give a town where some units' addresses are others."""
    known = {**REFERENCE.town.ward_recipients, **{name.removeprefix("u"): to for name, to in registered.items()}}
    return replace(REFERENCE, town=replace(REFERENCE.town, ward_recipients=known))


def recipients(sent_by: str | None, reference: Reference = REFERENCE) -> tuple[str, ...]:
    code = sender_code(sent(sent_by), reference)
    return addresses_of([code] if code else [], reference)


def test_what_is_joined_is_split_again_and_the_order_does_not_matter() -> None:
    joined = join_codes(("09577", "09574"))
    assert joined == join_codes(("09574", "09577")) == "09574+09577"
    assert split_sender(joined) == [["09574", "09577"]]
    assert split_sender("09574/2022/a+b") == [["09574"], ["2022"], ["a", "b"]]
    assert list_names("09574/a + b") == ["09574", "a", "b"]
    assert (join_codes(()), list_names(None), list_names("/+ +/")) == (None, [], [])


@pytest.mark.parametrize(
    ("sent_by", "code", "name"),
    [
        (None, None, ""),
        ("nobody", None, ""),
        ("09577", "09577", "phường Phú Thịnh"),
        ("09577/2022", "09577", "phường Phú Thịnh"),
        ("2022/phu thinh", "09577", "phường Phú Thịnh"),
        ("09577/09580", "09577", "phường Phú Thịnh"),
        ("09580+09577", "09577+09580", "phường Phú Thịnh, phường Ngô Quyền"),
        ("09577+nobody", "09577", "phường Phú Thịnh"),
    ],
)
def test_the_sender_is_the_outermost_folder_that_names_anybody(
    sent_by: str | None, code: str | None, name: str
) -> None:
    assert (sender_code(sent(sent_by), REFERENCE), sender_name(sent(sent_by), REFERENCE)) == (code, name)


def test_a_letter_goes_to_the_address_that_the_units_share_and_not_to_what_each_has_beside() -> None:
    reference = sharing(u09577=(SHARED,), u09580=(OWN, SHARED))
    assert recipients("09577+09580", reference) == (SHARED,)
    assert recipients("09580", reference) == (OWN, SHARED)
    assert set(addresses_of(["09577+09580", "09580"], reference)) == {SHARED, OWN}


def test_an_address_is_the_same_however_it_is_written() -> None:
    reference = sharing(u09577=(SHARED.upper(),), u09580=(OWN, SHARED))
    assert {one.lower() for one in recipients("09577+09580", reference)} == {SHARED}


def test_a_letter_goes_to_each_of_the_units_that_share_no_address_any_more() -> None:
    assert recipients("09577+09580") == ("09577@phuong.sontay.example", OWN)
    assert recipients("09577+09580", sharing(u09577=())) == (OWN,)
    assert recipients("09577+09580", sharing(u09577=(), u09580=())) == ()
