"""How each unit writes its file: the habits that real files show, one or two to a sender."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from etl.form_layout import compose_form
from etl.form_sheet import TEMPLATE, FormSheet, Numbers, Row, Totals, Wording
from etl.model import Unit
from etl.periods import Period, fold
from etl.reference import Reference
from etl.template import build_workbook
from samples.files import build_csv, build_ods, build_xls

SHORT = frozenset({"TT", "Lĩnh vực", "Tiếp nhận", "Đã giải quyết", "Đang giải quyết"})
_TYPED = Wording(totals=Totals.TYPED, numbers=Numbers.PLAIN)


@dataclass(frozen=True, slots=True)
class Sender:
    """A unit's habits. In texts, {T} is the month's number, {unit} the unit's name, {days} the days in words."""

    file_name: str
    kind: str = "xlsx"  # xlsx, xls, ods, or the encoding of a CSV
    edition: str = "2020"
    titles: tuple[str, ...] | None = None
    sheet_name: str = "Sheet1"
    wording: Wording = _TYPED
    rows: Callable[[Sequence[Row]], list[Row]] = list
    separator: str = ";"
    rows_month: int | None = None  # the one month in which `rows` applies, if not in all
    letters: Callable[[str], str] = field(default=str)


def _point(count: int) -> object:
    """Type thousands with a point: the cell holds a text."""
    return f"{count:,}".replace(",", ".") if count >= 1000 else count


def _space(count: int) -> object:
    return f"{count:,}".replace(",", " ") if count >= 1000 else str(count)


def _dash(count: int) -> object:
    return _point(count) or "-"


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _nothing_arose(rows: Sequence[Row]) -> list[Row]:
    """Say of a field without dossiers that nothing arose, as many wards do."""
    return [_nothing(row) if row["received_total"] == 0 else row for row in rows]


def _nothing(row: Row) -> Row:
    figures = {name: "-" for name, value in row.items() if isinstance(value, int)}
    return {**row, **figures, "received_total": "Không phát sinh"}


def _blank_parts(rows: Sequence[Row]) -> list[Row]:
    """Leave the parts of a stock of nothing blank: the balance says what they are."""
    return [
        {**row, "pending_in_time": None, "pending_overdue": None} if row["pending_total"] == 0 else row for row in rows
    ]


def _grouped(rows: Sequence[Row]) -> list[Row]:
    """Put headings between the rows, and a remark beside some."""
    noted: list[Row] = [{**row, "note": "Chờ bổ sung hồ sơ"} if row["pending_total"] else row for row in rows]
    first: Row = {"kind": "group", "field": "Thủ tục thuộc thẩm quyền cấp xã"}
    second: Row = {"kind": "group", "field": "Thủ tục tiếp nhận, chuyển cấp huyện"}
    return [first, *noted[:3], second, *noted[3:]]


_PARENT = "UBND THỊ XÃ SƠN TÂY"
_TITLE = "BÁO CÁO TÌNH HÌNH GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"
_MONTH = "Tháng {T} năm 2022"

SENDERS: Mapping[str, Sender] = {
    "09574": Sender(
        "BC TTHC P. Lê Lợi T{T}-2022.xlsx",
        sheet_name="BC T{T}",
        titles=("UBND PHƯỜNG LÊ LỢI", _TITLE, _MONTH, "({days})"),
    ),
    "09577": Sender(
        "bao cao tthc phu thinh thang {T}.2022.xlsx",
        titles=("UBND PHUONG PHU THINH", "BAO CAO KET QUA GIAI QUYET TTHC", "Thang {T} nam 2022"),
        wording=replace(_TYPED, headings=SHORT),
    ),
    "09580": Sender(
        "NGÔ QUYỀN - II.06a - tháng {T}.xlsx",
        titles=(_PARENT, "UBND PHƯỜNG NGÔ QUYỀN", _TITLE, "Kỳ báo cáo: Tháng {T}/2022", "({days})"),
        sheet_name="Biểu 06a",
        wording=replace(_TYPED, numbers=Numbers.SUMS, show=_dash),
    ),
    "09583": Sender(
        "Quang Trung T{T}.xls", kind="xls", titles=("UBND phường Quang Trung", _TITLE, "Tháng {T}/2022", "{days}")
    ),
    "09586": Sender(
        "BC 1 cửa phường Sơn Lộc tháng {T} năm 2022.xlsx",
        sheet_name="T{T}",
        titles=("UBND PHƯỜNG SƠN LỘC", _TITLE, _MONTH + " ({days})"),
        wording=replace(
            _TYPED,
            section_names={"ministries": "Trên Hệ thống các Bộ", "city": "Trên Hệ thống thành phố"},
            total_label="Tổng cộng (I+II)",
        ),
    ),
    "09589": Sender(
        "Báo cáo TTHC Xuân Khanh T{T}.xlsx",
        titles=("UBND PHƯỜNG XUÂN KHANH", _TITLE, _MONTH),
        letters=_decomposed,
    ),
    "09592": Sender(
        "Xã Đường Lâm - Biểu 06a tháng {T}.xlsx",
        edition="2017",
        sheet_name="06a",
        titles=("UBND XÃ ĐƯỜNG LÂM", "Biểu số 06a/VPCP/KSTT", _TITLE, _MONTH, "{days}"),
    ),
    "09595": Sender("Viên Sơn tháng {T}-2022.ods", kind="ods", titles=("UBND phường Viên Sơn", _TITLE, _MONTH)),
    "09598": Sender(
        "Xuan Son T{T}.csv",
        kind="utf-8-sig",
        titles=("UBND XÃ XUÂN SƠN", _TITLE, _MONTH + " ({days})"),
        rows=_nothing_arose,
    ),
    "09601": Sender(
        "P. Trung Hưng - TTHC tháng {T}.xlsx",
        sheet_name="Trang_tính1",
        titles=("P. Trung Hưng", "Báo cáo TTHC tháng {T} năm 2022"),
        wording=Wording(headings=SHORT, numbers=Numbers.ABSENT, total_label="Tổng số"),
    ),
    "09604": Sender(
        "BAO CAO THANG {T} THANH MY.xls",
        kind="xls",
        edition="2017",
        titles=("UBND XÃ THANH MỸ", _TITLE, _MONTH, "{days}"),
    ),
    "09607": Sender("trung_son_tram_2022-0{T}.csv", kind="utf-16-le", edition="plain", separator="\t"),
    "09610": Sender(
        "Kim Son T{T}.csv",
        kind="cp1258",
        titles=("UBND XÃ KIM SƠN", _TITLE, _MONTH),
        wording=replace(_TYPED, show=_space),
    ),
    "09613": Sender(
        "Sơn Đông BC tháng {T}.xlsx",
        titles=("UBND XÃ SƠN ĐÔNG", _TITLE, _MONTH, "{days}"),
        wording=replace(_TYPED, has_notes=True, total_label="CỘNG"),
        rows=_grouped,
    ),
    "09616": Sender(
        "Cổ Đông - TTHC - T{T}.2022.xlsx",
        titles=("Đơn vị báo cáo: UBND xã Cổ Đông", "Đơn vị nhận: UBND thị xã Sơn Tây", _TITLE, _MONTH),
        wording=replace(_TYPED, show=_space),
        rows=_blank_parts,
        rows_month=1,
    ),
    "269": Sender("269 Bộ phận một cửa thị xã Sơn Tây 2022-0{T}.xlsx", wording=TEMPLATE, sheet_name="II.06a"),
}


def compose_sample(
    reference: Reference,
    unit: Unit,
    period: Period,
    rows: Sequence[Row],
    *,
    total: Row | None = None,
    days_until_signed: int = 1,
) -> FormSheet:
    """Lay out what a unit sends for a month, in its own way. `total` is the total row it types, if not the sums."""
    sender = SENDERS[unit.code]
    edition = reference.form.edition(sender.edition)
    is_usual = sender.rows_month in (None, period.end.month)
    shown = sender.rows(rows) if is_usual else list(rows)
    if edition.layout == "plain":
        return compose_form(reference, edition, unit=unit, period=period, rows=shown, wording=sender.wording)
    wording = replace(
        sender.wording,
        titles=sender.titles and tuple(sender.letters(_filled(title, period)) for title in sender.titles),
        sheet_name=sender.letters(_filled(sender.sheet_name, period)),
        field_names={
            field.code: sender.letters(_field_name(unit, field.code, field.name)) for field in reference.fields
        },
        signature=_signature(unit, period.end + timedelta(days=days_until_signed)),
        total=total,
    )
    return compose_form(reference, edition, unit=unit, period=period, rows=shown, wording=wording)


def build_sample(sheet: FormSheet, unit: Unit, *, largest_count: int) -> bytes:
    """Give the bytes of the file in the kind that the unit uses."""
    sender = SENDERS[unit.code]
    if sender.kind == "xlsx":
        return build_workbook(sheet, largest_count=largest_count)
    if sender.kind == "xls":
        return build_xls(sheet)
    if sender.kind == "ods":
        return build_ods(sheet)
    return build_csv(sheet, encoding=sender.kind, separator=sender.separator)


def file_name_of(unit: Unit, period: Period) -> str:
    return _filled(SENDERS[unit.code].file_name, period)


def _filled(text: str, period: Period) -> str:
    start, end = (f"{day.day}/{day.month}/{day.year}" for day in (period.start, period.end))
    return text.format(T=period.end.month, days=f"Từ ngày {start} đến ngày {end}")


def _field_name(unit: Unit, code: str, name: str) -> str:
    """Use the name that is usual in the place."""
    usual = {
        "09577": {code: fold(name).capitalize()},
        "09583": {"ho-tich": "Tư pháp - Hộ tịch", "dat-dai": "Địa chính", "bao-tro-xa-hoi": "BTXH"},
        "09595": {"dang-ky-kinh-doanh": "Thành lập và hoạt động hộ kinh doanh"},
    }
    return usual.get(unit.code, {}).get(code, name)


def _signature(unit: Unit, day: date) -> tuple[tuple[str, str], ...]:
    """Sign below the table. The names are the ones Vietnamese examples use for nobody."""
    place = f"Sơn Tây, ngày {day.day} tháng {day.month} năm {day.year}"
    right = "TRƯỞNG BỘ PHẬN" if unit.code == "269" else "CHỦ TỊCH"
    return (("", place), ("NGƯỜI LẬP BIỂU", right), ("", ""), ("Nguyễn Văn A", "Trần Thị B"))
