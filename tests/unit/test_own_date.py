"""When a report says it was made: the day of its signature, the sending it calls itself, its last saving."""

import io
import struct
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from etl.form_layout import compose_form, compose_titles
from etl.form_sheet import FormSheet, Numbers, Part, Totals, Wording
from etl.model import OwnDate, Submission
from etl.parse import parse
from etl.reading.saved_moment import find_saved_moment
from etl.reference import read_reference
from etl.template import build_workbook
from samples.files import build_csv, build_ods, build_xls

REFERENCE = read_reference(Path(__file__).parents[2] / "reference" / "son-tay")
FORM = REFERENCE.form
APRIL = REFERENCE.town.calendar.month(2022, 4)
WARD = next(unit for unit in REFERENCE.units if unit.name == "Lê Lợi")
RECEIVED = datetime(2022, 4, 19, 3, 0, tzinfo=UTC)
ROW = {
    "field": "ho-tich",
    **dict.fromkeys(("received_total", "received_online", "received_in_period"), 3),
    **dict.fromkeys(("received_direct", "carried_over", "resolved_overdue", "resolved_early"), 0),
    **dict.fromkeys(("resolved_total", "resolved_on_time", "resolved_in_time"), 2),
    **dict.fromkeys(("pending_total", "pending_in_time"), 1),
    "pending_overdue": 0,
}
SIGNED = "Sơn Tây, ngày 18 tháng 4 năm 2022"


def form(*below: str, above: tuple[str, ...] = (), edition: str = "2020") -> FormSheet:
    chosen = FORM.edition(edition)
    wording = Wording(
        totals=Totals.TYPED,
        numbers=Numbers.PLAIN,
        titles=(*compose_titles(REFERENCE, chosen, WARD, APRIL), *above),
        signature=tuple(("", line) for line in below),
    )
    return compose_form(REFERENCE, chosen, unit=WARD, period=APRIL, rows=[ROW], wording=wording)


def xlsx(sheet: FormSheet) -> bytes:
    return build_workbook(sheet, largest_count=REFERENCE.town.largest_count)


def own_date(folder: Path, content: bytes, name: str = "BC.xlsx") -> OwnDate:
    path = folder / "input"
    path.write_bytes(content)
    (report,) = parse(Submission("", name, len(content), RECEIVED, path), REFERENCE)
    return report.own_date


# ---------------------------------------------------------------------------------------------------------
# signed_on


@pytest.mark.parametrize("edition", ["2020", "2017"])
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "utf-8-sig", "cp1258", "utf-16-le"])
def test_the_day_of_the_signature_is_read_from_every_layout(tmp_path: Path, kind: str, edition: str) -> None:
    sheet = form(SIGNED, "CHỦ TỊCH", edition=edition)
    builders = {"xlsx": xlsx, "xls": build_xls, "ods": build_ods}
    content = builders[kind](sheet) if kind in builders else build_csv(sheet, encoding=kind, separator=";")
    assert own_date(tmp_path, content).signed_on == date(2022, 4, 18)


@pytest.mark.parametrize(
    "line",
    [
        "Sơn Tây, ngày 18/4/2022",
        "SON TAY, NGAY 18 THANG 04 NAM 2022",
        "thị xã Sơn Tây, ngày 18-04-2022.",
        "Sơn Tây ngày 18.4.2022",
        "Ngày 18 tháng 4 năm 2022",
        "Ngày lập: 18/4/2022",
        "(Sơn Tây, ngày 18 tháng 4 năm 2022)",
        "ỦY BAN NHÂN DÂN\nSơn Tây, ngày 18 tháng 4 năm 2022",
    ],
)
def test_a_day_of_signing_is_understood(tmp_path: Path, line: str) -> None:
    assert own_date(tmp_path, xlsx(form(line))).signed_on == date(2022, 4, 18)


def test_a_day_in_cells_of_its_own_is_understood(tmp_path: Path) -> None:
    sheet = form("")
    for cells in (
        ("Sơn Tây,", "ngày 18 tháng 4 năm 2022"),
        ("Người lập: Trần Thị B", "Sơn Tây, ngày 18 tháng 4 năm 2022"),
    ):
        line = (None, *cells, *[None] * (len(sheet.columns) - len(cells) - 1))
        signed = replace(sheet, rows=(*sheet.rows, line), parts=(*sheet.parts, Part.SIGNATURE))
        assert own_date(tmp_path, xlsx(signed)).signed_on == date(2022, 4, 18)


@pytest.mark.parametrize(
    "line",
    [
        "Sơn Tây, ngày … tháng … năm 2022",
        "Sơn Tây, ngày     tháng 4 năm 2022",
        "Từ ngày 15/3/2022 đến ngày 14/4/2022",
        "Số liệu tính đến ngày 14/4/2022",
        "đến ngày 14/4/2022",
        "Thông tư 01/2020/TT-VPCP ngày 23/10/2020",
        "Theo Quyết định ngày 18/4/2022",
        "Hồ sơ còn lại sẽ giải quyết xong hoàn toàn ngày 18/4/2022",
        "Sơn Tây, ngày 31 tháng 4 năm 2022",
        "Sơn Tây, ngày 18 tháng 3 năm 2021",  # of last year's form
        "Sơn Tây, ngày 18 tháng 4 năm 2023",  # not yet, when it arrived
        "Sơn Tây, ngày 18/4/22",
    ],
)
@pytest.mark.parametrize("is_above", [True, False])
def test_other_days_sign_nothing(tmp_path: Path, line: str, *, is_above: bool) -> None:
    sheet = form(above=(line,)) if is_above else form(line)
    assert own_date(tmp_path, xlsx(sheet)).signed_on is None


def test_a_day_beside_a_place_may_stand_above_the_table(tmp_path: Path) -> None:
    assert own_date(tmp_path, xlsx(form(above=(SIGNED,)))).signed_on == date(2022, 4, 18)
    assert own_date(tmp_path, xlsx(form(above=("Ngày 18/4/2022",)))).signed_on is None
    differing = form(above=(SIGNED, "Sơn Tây, ngày 17/4/2022"))
    assert own_date(tmp_path, xlsx(differing)).signed_on is None


def test_of_several_days_the_last_one_below_the_table_counts(tmp_path: Path) -> None:
    sheet = form("Ngày 17/4/2022", SIGNED, above=("Sơn Tây, ngày 16/4/2022",))
    assert own_date(tmp_path, xlsx(sheet)).signed_on == date(2022, 4, 18)


def test_a_plain_table_is_signed_by_nobody(tmp_path: Path) -> None:
    sheet = compose_form(REFERENCE, FORM.edition("plain"), unit=WARD, period=APRIL, rows=[ROW])
    content = build_csv(sheet, encoding="utf-8", separator=";")
    assert own_date(tmp_path, content, "le loi v2.csv") == OwnDate(revision=2)


# ---------------------------------------------------------------------------------------------------------
# revision


@pytest.mark.parametrize(
    ("name", "revision"),
    [
        ("BC T4-2022 lần 2.xlsx", 2),
        ("BC_T4_2022_lan2.xlsx", 2),
        ("BC T4 (lần thứ 3).xlsx", 3),
        ("BC T4 lần thứ hai.xlsx", 2),
        ("BC T4 (sửa lần 2).xlsx", 2),
        ("BC_T4_V2.xlsx", 2),
        ("BC T4 v.12 final.xlsx", 12),
        ("bc t4 lâ\u0300n 2.xlsx", 2),
        ("BC T4 (2).xlsx", None),
        ("BC T4 (sửa).xlsx", None),
        ("BC T4 bổ sung.xlsx", None),
        ("BC lần 1 năm 2022.xlsx", None),
        ("BC lần 1, năm 2022.xlsx", None),
        ("BC lần 2/2022.xlsx", None),
        ("BC lần 2.2022.xlsx", None),
        ("IV2.xlsx", None),
        ("CV2022.xlsx", None),
        ("v2 lần 3.xlsx", None),
        ("lần 0.xlsx", None),
        ("BC T4.xlsx", None),
    ],
)
def test_the_file_name_may_say_which_sending_it_is(tmp_path: Path, name: str, revision: int | None) -> None:
    assert own_date(tmp_path, xlsx(form()), name).revision == revision


def test_the_titles_may_say_which_sending_it_is(tmp_path: Path) -> None:
    assert own_date(tmp_path, xlsx(form(above=("(Báo cáo lần 2)",)))).revision == 2
    assert own_date(tmp_path, xlsx(form(above=("(Báo cáo lần 2)",))), "BC T4 v2.xlsx").revision == 2
    assert own_date(tmp_path, xlsx(form(above=("(Báo cáo lần 2)",))), "BC T4 v3.xlsx").revision is None
    assert own_date(tmp_path, xlsx(form("Nhắc lần 2"))).revision is None


# ---------------------------------------------------------------------------------------------------------
# saved_at


def xlsx_saved(moment: datetime) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(form())))
    book.properties.modified = moment
    with_moment = io.BytesIO()
    book.save(with_moment)
    return replaced(with_moment.getvalue(), "docProps/core.xml", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def replaced(content: bytes, part: str, moment: str) -> bytes:
    """Write a moment into the part of a zip, where openpyxl would put the one of now."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode() if name == part else ""
            head, tag, rest = text.partition('W3CDTF">') if "modified" not in text else text.rpartition('W3CDTF">')
            new.writestr(name, head + tag + moment + rest[rest.index("<") :] if text else old.read(name))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("moment", "is_sane"),
    [
        (datetime(2022, 4, 18, 8, 30), True),
        (datetime(2022, 4, 19, 23, 0), True),  # a clock that is ahead
        (datetime(2022, 4, 21), False),
        (datetime(2004, 12, 31), False),
        (datetime(2000, 1, 1), False),
    ],
)
def test_an_xlsx_says_when_it_was_saved(tmp_path: Path, moment: datetime, *, is_sane: bool) -> None:
    found = own_date(tmp_path, xlsx_saved(moment)).saved_at
    assert found == (moment.replace(tzinfo=UTC) if is_sane else None)


def test_our_own_files_say_nothing_of_their_saving(tmp_path: Path) -> None:
    assert own_date(tmp_path, xlsx(form())).saved_at is None
    assert own_date(tmp_path, build_ods(form())).saved_at is None
    assert own_date(tmp_path, build_xls(form())).saved_at is None


def test_an_ods_says_it_by_the_clock_on_the_wall(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(build_ods(form()))) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            if name != "meta.xml":
                new.writestr(name, old.read(name))
        new.writestr("meta.xml", "<office:meta><dc:date>2022-04-18T08:30:00.123456789</dc:date></office:meta>")
    saved_at = own_date(tmp_path, stream.getvalue()).saved_at
    assert saved_at == datetime(2022, 4, 18, 1, 30, 0, 123456, tzinfo=UTC)
    assert saved_at.utcoffset() == UTC.utcoffset(None)


def test_properties_that_are_broken_refuse_nothing(tmp_path: Path) -> None:
    for text in ("2022-13-45T99:00:00Z", "2022-04-18", "soon"):
        assert own_date(tmp_path, replaced(xlsx_saved(RECEIVED), "docProps/core.xml", text)).saved_at is None
    for kind in ("xlsx", "ods", "xls"):
        assert find_saved_moment(b"nothing of the kind" * 100, kind) is None


def test_entities_in_the_properties_expand_to_nothing() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        bomb = '<!DOCTYPE x [<!ENTITY a "2022">]><dcterms:modified>&a;-04-18T08:30:00Z</dcterms:modified>'
        book.writestr("docProps/core.xml", bomb + " " * 50_000_000)
    assert find_saved_moment(stream.getvalue(), "xlsx") is None


def test_an_xls_says_it_in_its_summary() -> None:
    ticks = int((datetime(2022, 4, 18, 1, 30, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
    section = struct.pack("<IIII", 0, 1, 0x0D, 16) + struct.pack("<IQ", 0x40, ticks)
    summary = bytes(28) + bytes(16) + struct.pack("<I", 48) + section
    content = _compound_file("\x05SummaryInformation", summary.ljust(4096, b"\0"))
    assert find_saved_moment(content, "xls") == "2022-04-18T01:30:00+00:00"
    assert find_saved_moment(content[:600], "xls") is None


def _compound_file(name: str, stream: bytes) -> bytes:
    """Make a compound file of one stream, in sectors of 512 bytes: its table, its directory, the stream."""
    count = len(stream) // 512
    last = 0xFFFFFFFE
    table = [0xFFFFFFFD, last, *range(3, 2 + count), last]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, last, 0, last, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    sectors = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    entries = _entry("Root Entry", last, 0) + _entry(name, 2, len(stream))
    return head + sectors + entries.ljust(512, b"\0") + stream


def _entry(name: str, first: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0") + struct.pack("<H", len(encoded) + 2) + bytes(50) + struct.pack("<III", first, size, 0)
    )
