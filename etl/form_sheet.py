"""A form on a sheet, as values: what stands where, how it may be worded, which cells are sums of which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from openpyxl.utils import get_column_letter

from etl.forms import Column, Form

Row = Mapping[str, object]
"""field, source_system, kind ("field" | "group"), note, and any measures.

*Missing*: None or absent is a blank cell; texts such as "-" are printed as they are.
"""


class Totals(StrEnum):
    """How sums stand on the sheet."""

    TYPED = "typed"
    FORMULAS = "formulas"
    UNCALCULATED = "uncalculated"  # formulas without a value, as some programs save them
    ABSENT = "absent"  # typed, and no total row


class Numbers(StrEnum):
    """What stands under the headings."""

    PLAIN = "plain"  # (3)
    SUMS = "sums"  # (3)=(4)+(5)+(6)
    ABSENT = "absent"


class Part(StrEnum):
    """What a row of the sheet is for."""

    TITLE = "title"
    CODE = "code"
    HEADING = "heading"
    NUMBER = "number"
    SECTION = "section"
    GROUP = "group"
    FIELD = "field"
    SPARE = "spare"
    TOTAL = "total"
    SIGNATURE = "signature"


NOTHING = ""  # what a formula gives that has nothing to show


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula without its "="; `value` is what it last gave, None if it was never calculated."""

    text: str
    value: int | str | None


@dataclass(frozen=True, slots=True)
class Wording:
    """What the edition leaves to the writer. The defaults print the official sheet."""

    titles: tuple[str, ...] | None = None
    headings: frozenset[str] = frozenset()  # outermost headings to prefer over the official ones
    numbers: Numbers = Numbers.SUMS
    totals: Totals = Totals.FORMULAS
    total_label: str = "TỔNG CỘNG"
    total: Row | None = None  # figures of the total row, where they are not the sums
    sheet_name: str = "II.06a"
    field_names: Mapping[str, str] = field(default_factory=dict)
    section_names: Mapping[str, str] = field(default_factory=dict)
    has_notes: bool = False
    signature: tuple[tuple[str, str], ...] = (("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"), ("(Ký, ghi rõ họ tên)",) * 2)
    show: Callable[[int], object] = int
    is_template: bool = False  # handed out to be filled in: with its code, and rows for fields not listed


@dataclass(frozen=True, slots=True)
class FormSheet:
    """A sheet as rows of cells from A1 on. Rows and columns count from 1; merges are top, left, bottom, right."""

    name: str
    rows: tuple[tuple[object, ...], ...]
    parts: tuple[Part, ...]
    merges: tuple[tuple[int, int, int, int], ...]
    columns: tuple[Column, ...]
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # printed measures → their printed parts
    checks: tuple[tuple[str, tuple[str, ...]], ...] = ()  # balances besides `sums`: (total, parts)
    openings: frozenset[str] = frozenset()  # measures that stand there already when the form is handed out
    is_template: bool = False

    def numbers_of(self, part: Part) -> tuple[int, ...]:
        """Number the rows that are for `part`."""
        return tuple(number for number, found in enumerate(self.parts, 1) if found is part)

    @property
    def figure_rows(self) -> tuple[int, ...]:
        """Number the rows that figures of fields stand in, or may."""
        return tuple(number for number, part in enumerate(self.parts, 1) if part in (Part.FIELD, Part.SPARE))

    def letter(self, measure: str) -> str:
        return get_column_letter(next(i for i, c in enumerate(self.columns, 1) if c.measure == measure))

    def cell(self, measure: str, nth_field: int) -> str:
        """Name the cell of a measure in the nth field row, counted from 0."""
        return f"{self.letter(measure)}{self.numbers_of(Part.FIELD)[nth_field]}"


OFFICIAL = Wording()
TEMPLATE = Wording(
    signature=(
        ("", "……………, ngày …… tháng …… năm ………"),
        ("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"),
        ("(Ký, ghi rõ họ tên)",) * 2,
        *(("", ""),) * 3,
    ),
    is_template=True,
)


def sums_of(form: Form, columns: Sequence[Column]) -> dict[str, tuple[str, ...]]:
    """Find which printed measures are sums of other printed ones, by the form's balances."""
    printed: set[str] = {c.measure for c in columns if c.measure}
    made_of = _definitions(form)

    def expand(measure: str) -> tuple[str, ...]:
        if measure in printed or measure not in made_of:
            return (measure,)
        return tuple(leaf for part in made_of[measure] for leaf in expand(part))

    found = {m: tuple(leaf for part in made_of[m] for leaf in expand(part)) for m in sorted(printed & made_of.keys())}
    return {m: parts for m, parts in found.items() if printed.issuperset(parts)}


def checks_of(form: Form, columns: Sequence[Column]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Find the balances among printed measures that do not define their total: figures must fit them by themselves."""
    printed, made_of = {c.measure for c in columns if c.measure}, _definitions(form)
    others = (b for b in form.balances if made_of[b.total] != b.parts)
    return tuple((b.total, b.parts) for b in others if printed.issuperset(b.coefficients))


def _definitions(form: Form) -> dict[str, tuple[str, ...]]:
    """Give the parts of each total: those of the first balance that names it."""
    return {balance.total: balance.parts for balance in reversed(form.balances)}
