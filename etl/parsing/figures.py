"""The figures of a row: counts, what the other cells say instead, and what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from etl.forms import Form
from etl.model import Finding, Statement
from etl.parsing.counts import Count, CountProblem, parse_count
from etl.parsing.remarks import NO_WORDS, Words, remark, show
from etl.reading.grid import Sheet, cell_name

_RULES = {
    CountProblem.DECIMALS: ("V.decimals", "decimal_point"),
    CountProblem.NEGATIVE: ("V.negative", "sign"),
    CountProblem.TOO_LARGE: ("V.too-large", ""),
    CountProblem.WORDS: ("V.not-a-count", "words"),
    CountProblem.DATE: ("V.not-a-count", "date_format"),
    CountProblem.BRACKETS: ("V.not-a-count", "brackets"),
    CountProblem.ERROR_VALUE: ("V.not-a-count", ""),
    CountProblem.TRUTH_VALUE: ("V.not-a-count", ""),
}
_NUMBERS = (CountProblem.DECIMALS, CountProblem.NEGATIVE, CountProblem.BRACKETS, CountProblem.ERROR_VALUE)
_NOTHING = (Statement.DASH, Statement.NONE_ARISEN)


@dataclass(slots=True)
class FigureReader:
    """Reads the measures of one sheet, row by row.

    `columns`: measure → column; `tells_blanks`: a blank cell is a finding, not just a measure left out. What the
    cells say beside numbers gathers in `statements` (cell → Statement), what is wrong with them in `findings`.
    """

    sheet: Sheet
    form: Form
    columns: Mapping[str, int]
    largest_count: int
    tells_blanks: bool = True
    statements: dict[str, Statement] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _read: dict[int, dict[str, Count]] = field(default_factory=dict)

    def has_figures(self, row: int) -> bool:
        """Tell whether any cell of the row says a number, or that there is none; loose words do not count."""
        for measure, count in self._counts(row).items():
            place = (row, self.columns[measure])
            if place in self.sheet.uncached:
                return True
            is_words = count.problem is CountProblem.WORDS and count.probable is None
            if not is_words and self.sheet.value(*place) is not None:
                return True
        return False

    def numbers(self, row: int) -> list[int]:
        """Give the columns of a row that hold a number, right or wrong; none where words stand between the numbers.

        "Ngày | 15 | tháng | 4" is a line of words, and a number too long for a count is a telephone's.
        """
        numbers, words = [], 0
        for measure, count in self._counts(row).items():
            column = self.columns[measure]
            is_number = count.statement is Statement.NUMBER or count.problem in _NUMBERS
            numbers += [column] if is_number or (row, column) in self.sheet.uncached else []
            words += count.problem is CountProblem.WORDS
        return sorted(numbers) if len(numbers) > 2 * words else []

    def read(self, row: int, name: Words, field_code: str | None) -> dict[str, int | None]:
        """Read the row's counts; a blank or unreadable cell is None.

        "Không phát sinh" or "-" in the first cell of an otherwise blank row speaks for the whole row.
        """
        counts = self._counts(row)
        first, *others = counts.values()
        if first.statement in _NOTHING and others and all(c.statement is Statement.BLANK for c in others):
            counts = dict.fromkeys(counts, first)
        silent: dict[str, list[str]] = {"V.blank": [], "V.formula-without-value": []}
        for measure, count in counts.items():
            rule = self._note(row, measure, count, name, field_code)
            if rule:
                silent[rule].append(measure)
        for rule, measures in silent.items():
            if measures:
                self._remark_silent(rule, row, measures, name, field_code)
        return {m: None if self._is_too_large(c) else c.value for m, c in counts.items()}

    def _counts(self, row: int) -> dict[str, Count]:
        """Read the cells of a row as counts, once."""
        if row not in self._read:
            cells = self.sheet.rows[row - 1]
            filled = len(cells)
            self._read[row] = {
                m: parse_count(cells[at - 1] if at <= filled else None) for m, at in self.columns.items()
            }
        return self._read[row]

    def _note(self, row: int, measure: str, count: Count, name: Words, field_code: str | None) -> str | None:
        """Note what a cell says beside a number; give the rule where it says nothing."""
        place = (row, self.columns[measure])
        is_uncached = place in self.sheet.uncached
        if count.statement is not Statement.NUMBER:
            self.statements[cell_name(*place)] = Statement.UNREADABLE if is_uncached else count.statement
        if is_uncached:
            return "V.formula-without-value"
        if count.problem is not None or self._is_too_large(count):
            self.findings.append(self._remark_problem(place, measure, count, name, field_code))
        return "V.blank" if self.tells_blanks and count.statement is Statement.BLANK else None

    def _is_too_large(self, count: Count) -> bool:
        return count.value is not None and count.value > self.largest_count

    def _remark_problem(
        self, place: tuple[int, int], measure: str, count: Count, name: Words, field_code: str | None
    ) -> Finding:
        rule, reason = _RULES[count.problem or CountProblem.TOO_LARGE]
        probable, expected, suggestion = count.probable, NO_WORDS, None
        if rule == "V.too-large":
            expected = (f"{self.largest_count:,}".replace(",", "."), f"{self.largest_count:,}")
        elif probable is not None:
            expected = (f"Có phải là {probable}?", f"Was it {probable}?")
            suggestion = {"measure": measure, "cell": cell_name(*place), "value": probable, "reason": reason}
        return remark(
            rule,
            self.sheet,
            place,
            about=self._about(measure, name),
            found=show(self.sheet.value(*place)),
            expected=expected,
            field=field_code,
            measure=measure,
            suggestion=suggestion,
        )

    def _remark_silent(self, rule: str, row: int, measures: list[str], name: Words, field_code: str | None) -> None:
        """Say once a row which cells are silent: a ward that writes no zeros would else be told a hundred times."""
        place = (row, self.columns[measures[0]])
        if len(measures) == 1:
            about = self._about(measures[0], name)
            finding = remark(rule, self.sheet, place, about=about, field=field_code, measure=measures[0])
        else:
            cells = ", ".join(cell_name(row, self.columns[measure]) for measure in measures)
            about = (f"{name[0]}: {cells}", f"{name[1]}: {cells}")
            finding = remark(rule, self.sheet, (row, None), about=about, field=field_code)
        self.findings.append(replace(finding, cell=cell_name(*place)))

    def _about(self, measure: str, name: Words) -> Words:
        labels = self.form.measure(measure)
        return f"{name[0]}, {labels.label_vi}", f"{name[1]}, {labels.label_en}"
