"""Write the samples: `python -m samples.make`. Running it again writes the same files."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from etl.form_sheet import Part, Row
from etl.model import Unit
from etl.periods import Period
from etl.reference import Reference, read_reference
from samples.figures import MONTHS, Figures, build_figures, sum_of
from samples.senders import build_sample, compose_sample, file_name_of
from samples.year_figures import build_years, compose_tables

HERE = Path(__file__).resolve().parent
FIRST, LATER = "1-first", "2-later"
WRONG_FIRST = ("09574", "2022-04")
LATE = ("09616", "2022-03")
UNREADABLE_FIRST = ("09595", "2022-02")
STATEMENT = "statement-2022-04.csv"


def build_samples(reference: Reference) -> dict[PurePosixPath, bytes]:
    """Build all sample files: path below this folder → content."""
    figures = build_figures()
    calendar = reference.town.calendar
    files = {PurePosixPath(STATEMENT): _statement(), **compose_tables(build_years(reference, figures), reference)}
    for year, month in MONTHS:
        period = calendar.month(year, month)
        for unit in reference.expected_units(period):
            folder = PurePosixPath(period.key)
            for wave, name, content in _files_of(reference, unit, period, figures):
                files[folder / wave / unit.code / name] = content
    return files


def _files_of(reference: Reference, unit: Unit, period: Period, figures: Figures) -> Iterator[tuple[str, str, bytes]]:
    """Give what a unit sends for a month, and in which wave."""
    rows, name, key = figures[unit.code, period.key], file_name_of(unit, period), (unit.code, period.key)
    good = _build(reference, unit, period, rows, days_until_signed=3 if key == WRONG_FIRST else 1)
    if key == WRONG_FIRST:
        total = {m: sum_of(rows, m) for m in reference.form.measure_names}
        yield FIRST, name, _build(reference, unit, period, with_slip(rows), total=total)
        yield LATER, name.replace(".xlsx", " (sửa).xlsx"), good
    elif key == UNREADABLE_FIRST:
        yield FIRST, name, good[: len(good) * 3 // 5]
        yield LATER, name.replace(".ods", " gửi lại.ods"), good
    else:
        yield LATER if key == LATE else FIRST, name, good


def with_slip(rows: Sequence[Row]) -> list[Row]:
    """Swap two neighbouring digits in one cell of the first row, as fingers do."""
    digits = str(rows[0]["resolved_on_time"])
    return [{**rows[0], "resolved_on_time": int(digits[1] + digits[0] + digits[2:])}, *rows[1:]]


def _build(
    reference: Reference,
    unit: Unit,
    period: Period,
    rows: Sequence[Row],
    *,
    total: Row | None = None,
    days_until_signed: int = 1,
) -> bytes:
    sheet = compose_sample(reference, unit, period, rows, total=total, days_until_signed=days_until_signed)
    assert sheet.numbers_of(Part.FIELD)
    return build_sample(sheet, unit, largest_count=reference.town.largest_count)


def _statement() -> bytes:
    """Write what the town published, as it was published: the second row cannot be right."""
    lines = (
        "Đơn vị;Kỳ báo cáo;Tổng số tiếp nhận;Từ kỳ trước chuyển qua;Tổng số đã giải quyết;"
        "Giải quyết trước hạn và đúng hạn;Giải quyết quá hạn",
        "Bộ phận TN&TKQ thị xã;4 tháng đầu năm 2022;1.297;15;1.197;1.197;0",
        "Bộ phận TN&TKQ các xã, phường;4 tháng đầu năm 2022;6.977;;6.975;6.975;18",
    )
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def write_samples(files: Mapping[PurePosixPath, bytes], folder: Path) -> None:
    """Write the files, and remove what an earlier run left in the folders of months and years."""
    kept = {folder / path for path in files}
    folders = (*folder.glob("2022-*"), folder / "years")
    stale = [old for one in folders for old in one.rglob("*") if old.is_file() and old not in kept]
    for old in stale:
        old.unlink()
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def main() -> None:
    write_samples(build_samples(read_reference(HERE.parent / "reference" / "son-tay")), HERE)


if __name__ == "__main__":
    main()
