"""Groups of units that went into one another: by day, connected, whole or split, inside or outside the town."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from etl.reference import read_reference
from etl.successions import Succession, find_groups

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
MERGED, SPLIT = date(2025, 1, 1), date(2025, 7, 1)


def test_the_groups_of_son_tay() -> None:
    groups = REFERENCE.succession_groups
    named = [(g.on_date, {u.name for u in g.predecessors}, {u.name for u in g.successors}) for g in groups]
    centre = {"Ngô Quyền", "Phú Thịnh", "Viên Sơn", "Đường Lâm", "Trung Hưng", "Sơn Lộc", "Thanh Mỹ", "Xuân Khanh"}
    assert named == [
        (MERGED, {"Lê Lợi", "Ngô Quyền", "Quang Trung"}, {"Ngô Quyền"}),
        (SPLIT, centre | {"Trung Sơn Trầm", "Xuân Sơn"}, {"Sơn Tây", "Tùng Thiện"}),
        (SPLIT, {"Kim Sơn", "Sơn Đông", "Cổ Đông"}, {"Đoài Phương"}),
    ]
    assert [(g.is_whole, g.goes_outside, g.comes_from_outside) for g in groups] == [
        (True, False, False),
        (False, False, False),
        (False, True, False),
    ]
    assert all(unit.valid_from == g.on_date for g in groups for unit in g.successors)


def test_the_unit_that_ended_is_not_the_one_that_took_its_name() -> None:
    whole, *_ = REFERENCE.succession_groups
    assert [(u.code, u.valid_to) for u in whole.predecessors if u.name == "Ngô Quyền"] == [
        ("09580", date(2024, 12, 31))
    ]
    assert [(u.code, u.valid_from) for u in whole.successors] == [("09574", MERGED)]


def test_a_part_from_outside_and_a_part_that_is_lost() -> None:
    from_outside = Succession(SPLIT, "1", "Nơi khác", "09616", "Đoài Phương", is_whole=True)
    kept = [s for s in REFERENCE.successions if not s.to_name.startswith("Hòa Lạc")]
    *_, last = find_groups([*kept, from_outside], REFERENCE.units)
    assert (last.goes_outside, last.comes_from_outside, last.is_whole) == (True, True, False)
    healed = [replace(s, is_whole=True) for s in kept if s.to_name == "Đoài Phương"]
    (mended,) = find_groups(healed, REFERENCE.units)
    assert mended.is_whole and not mended.has_outside


@given(st.permutations(REFERENCE.successions))
def test_the_order_of_the_list_makes_no_difference(shuffled: list[Succession]) -> None:
    def told(successions: object) -> set[tuple[object, ...]]:
        found = find_groups(successions, REFERENCE.units)  # type: ignore[arg-type]
        return {(g.on_date, frozenset(g.predecessors), frozenset(g.successors), g.goes_outside) for g in found}

    assert told(shuffled) == told(REFERENCE.successions)
