"""The lines of text above a table, and the labels they begin with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from etl.model import Finding
from etl.parsing.names import plain_key
from etl.parsing.remarks import Words, remark
from etl.reading.grid import Sheet, as_text

UNIT_LABEL = re.compile(
    r"(?:ten )?(?:don vi|co quan|xa phuong|xa phuong thi tran|noi)(?: (?:gui|lap|thuc hien))*(?: bao cao)?(?: gui)?"
)
_MOST_LETTERS = 600
PERIOD_LABEL = re.compile(r"(?:ky|thoi gian|thoi ky|giai doan)(?: bao cao)?(?: so lieu)?")
_OTHER_LABEL = re.compile(
    r"(?:don vi (?:nhan|tinh)|ma (?:so )?bieu|noi nhan|kinh gui|mau so|bieu so|ban hanh|thong tu|can cu)\b"
    r"|.*\bban hanh kem\b"
)


@dataclass(frozen=True, slots=True)
class Title:
    """A text above the table. `row` and `column` are those of its cell."""

    row: int
    column: int
    text: str

    @property
    def key(self) -> str:
        return plain_key(self.text)

    def after(self, label: re.Pattern[str]) -> str | None:
        """Give what follows a label such as "Đơn vị báo cáo:"; None where the text begins with no such label."""
        head, colon, rest = self.text.partition(":")
        return rest.strip(" .…") if colon and label.fullmatch(plain_key(head)) else None

    def remark(self, rule: str, sheet: Sheet, *, found: str, expected: Words) -> Finding:
        """Report what is wrong with the title."""
        return remark(rule, sheet, (self.row, self.column), found=found, expected=expected)


def find_titles(sheet: Sheet, top: int) -> Iterator[Title]:
    """Give each line above row `top` that may name the unit or the period.

    A label with nothing behind it takes its right neighbour along. Lines that name the form, its legal ground or
    whoever receives the report are left out.
    """
    return (title for title in find_lines(sheet, top) if not _OTHER_LABEL.match(title.key))


def find_lines(sheet: Sheet, top: int) -> Iterator[Title]:
    """Give each line of text above row `top`, and the cells of a row as one line where they are several."""
    for row in range(1, top):
        cells = enumerate(sheet.rows[row - 1], 1)
        texts = [(at, as_text(value)) for at, value in cells if value is not None]
        for i, (at, text) in enumerate(texts):
            label = plain_key(text)
            is_label = UNIT_LABEL.fullmatch(label) or PERIOD_LABEL.fullmatch(label) or text.endswith(":")
            whole = f"{text.rstrip(':')}: {texts[i + 1][1]}" if is_label and i + 1 < len(texts) else text
            lines = whole[:_MOST_LETTERS].splitlines()
            yield from (Title(row, at, " ".join(line.split())) for line in lines if line.strip())
        if len(texts) > 2:  # "Tháng" | 4 | "năm" | 2022
            yield Title(row, texts[0][0], " ".join(text for _, text in texts)[:_MOST_LETTERS])
