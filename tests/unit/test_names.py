import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.model import Unit
from etl.parsing.legacy_fonts import decode_tcvn3, decode_vni, find_readings
from etl.parsing.names import Match, NameIndex, index_units

LE_LOI = Unit("09574", "Lê Lợi", "phường")
KIM_SON = Unit("09610", "Kim Sơn", "xã")
DESK = Unit("269", "Bộ phận một cửa thị xã Sơn Tây", "town desk")
UNITS = index_units((LE_LOI, KIM_SON, DESK, Unit("1", "Hòa Lạc", "xã")))


@pytest.mark.parametrize(
    "text",
    [
        "Lê Lợi",
        "LÊ LỢI",
        "le loi",
        "phường Lê Lợi",
        "P. Lê Lợi",
        "P.Lê Lợi",
        "UBND PHƯỜNG LÊ LỢI",
        "09574",
        "9574",
        "Ủy ban nhân dân phường Lê Lợi",
        "UBND phường Lê Lợi, thị xã Sơn Tây",
        "Phường Lê Lợi - TX Sơn Tây",
        unicodedata.normalize("NFD", "Phường Lê Lợi"),
        "Ph\xadêng Lª Lîi",
        "Phöôøng Leâ Lôïi",
    ],
)
def test_a_unit_is_known_however_its_name_is_written(text):
    assert UNITS.find(text) == Match(LE_LOI)


def test_the_place_of_the_tone_does_not_matter():
    assert UNITS.find("xã Hoà Lạc").known == UNITS.find("xã Hòa Lạc").known is not None


def test_the_desk_goes_by_its_official_name_too():
    assert UNITS.find("Bộ phận Tiếp nhận và Trả kết quả thị xã Sơn Tây").known is DESK
    assert UNITS.find("Bộ phận TN&TKQ thị xã Sơn Tây").known is DESK


@pytest.mark.parametrize("text", ["Lê Lọii", "Le Loy", "Lê Lợ"])
def test_a_near_miss_is_proposed_and_never_taken(text):
    assert UNITS.find(text) == Match(None, (LE_LOI,))


@pytest.mark.parametrize("text", ["", "UBND", "thị xã Sơn Tây", "Hà Đông"])
def test_what_is_no_unit_is_no_unit(text):
    assert UNITS.find(text).known is None


def test_diacritics_decide_between_names_that_differ_by_nothing_else():
    index = NameIndex([("west", ["Sơn Tây"]), ("other", ["Sơn Tày"])])
    assert index.find("phường SƠN TÀY").known == "other"
    assert index.find("phường Sơn Tây").known == "west"
    assert index.find("Son Tay") == Match(None, ("west", "other"))


def test_at_most_three_are_proposed():
    index = NameIndex((number, [f"Xuân Khanh {number}"]) for number in range(9))
    assert len(index.find("Xuân Khanh x").proposed) == 3


def test_legacy_fonts_are_read():
    assert decode_tcvn3("§\u00adêng L©m") == "Đường Lâm"
    assert decode_vni("Ñöôøng Laâm, Chöùng thöïc, Hoä tòch") == "Đường Lâm, Chứng thực, Hộ tịch"
    assert list(find_readings("Ho tich")) == ["Ho tich"]


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text):
    match = UNITS.find(text)
    assert match.known is None or not match.proposed
