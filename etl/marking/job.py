"""What the child is told to mark: notes at cells, and the list that goes on the first sheet."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

NOTE_HEAD = "Kiểm tra báo cáo"
LIST_NAME = "Kết quả kiểm tra"
LIST_HEADINGS = (
    "STT",
    "Mức",
    "Ô",
    "Lĩnh vực",
    "Trong tệp ghi",
    "Theo các ô khác",
    "Có lẽ đúng là",
    "Vì sao và phải làm gì",
)


class Mark(StrEnum):
    """How a cell is marked. The first one of several at a cell gives its colour."""

    ERROR = "error"
    PROPOSAL = "proposal"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """What is said at a cell."""

    sheet: str
    cell: str
    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A finding on the list. `texts` stand under `LIST_HEADINGS`; the place leads to a cell where there is one."""

    mark: Mark
    sheet: str | None
    cell: str | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The first sheet: its title, sentences below it, a legend, the findings, and how many more there are."""

    title: str
    sentences: tuple[str, ...]
    legend: tuple[tuple[Mark, str], ...]
    lines: tuple[Line, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """All that is to be marked in one workbook."""

    notes: tuple[Note, ...]
    listing: Listing

    def to_json(self) -> bytes:
        """Write the job as one line."""
        return json.dumps(asdict(self)).encode("ascii")

    @classmethod
    def from_json(cls, content: bytes) -> "Job":
        """Read what `to_json` wrote."""
        told = json.loads(content)
        listing = told["listing"]
        return cls(
            notes=tuple(Note(**(note | {"mark": Mark(note["mark"])})) for note in told["notes"]),
            listing=Listing(
                title=listing["title"],
                sentences=tuple(listing["sentences"]),
                legend=tuple((Mark(mark), text) for mark, text in listing["legend"]),
                lines=tuple(_line(line) for line in listing["lines"]),
                more=listing["more"],
            ),
        )


def _line(told: dict[str, Any]) -> Line:
    return Line(Mark(told["mark"]), told["sheet"], told["cell"], tuple(told["texts"]))


def is_list(title: str, rows: Sequence[Sequence[object]]) -> bool:
    """Tell whether a sheet is a list of ours that a ward sends back with its corrections."""
    return title.startswith(LIST_NAME) and any(tuple(row[: len(LIST_HEADINGS)]) == LIST_HEADINGS for row in rows)
