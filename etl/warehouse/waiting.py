"""The reports that wait for the operator's word, put so that the word can be given."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from etl.db import query
from etl.forms import Form
from etl.model import WARD_KINDS, Language
from etl.phrases import clean, label_measure, moment_words, name_period, number_words
from etl.reference import Reference
from etl.standing import Cause
from etl.warehouse.former import total_rows

WHY = {
    Cause.CLOSED: "Kỳ này đã khóa số: thay đổi phải được duyệt.",
    Cause.UNDATED: "Không xác định được tệp nào mới hơn: ngày ký, ngày lưu của hai tệp không cho biết hoặc mâu thuẫn.",
}


def read_waiting(conn: Connection, reference: Reference) -> list[dict[str, str]]:
    """List the reports that wait, the oldest first.

    *Shape*: key (names the report, for good), submission, unit (code), unit_name, period, cause ("closed" | "undated"),
    file, received_at, subject (a line), body (Markdown: what changes, what each answer does).
    """
    found = conn.execute(query("find_report_waiting")).mappings().all()
    numbers = [row[name] for row in found for name in ("report_no", "counting_no") if row[name] is not None]
    rows: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in conn.execute(query("find_row_of_report"), {"report_nos": numbers}).mappings():
        rows[row["report_no"]].append(dict(row))
    return [_waiting(dict(row), rows, reference) for row in found]


def _waiting(
    row: Mapping[str, Any], rows: Mapping[int, list[Mapping[str, Any]]], reference: Reference
) -> dict[str, str]:
    kind, period = row["unit_kind"], name_period(row["period_key"], Language.VI)
    unit_name = f"{kind} {row['unit_name']}" if kind in WARD_KINDS else row["unit_name"]
    received_at, counting_since = (
        moment_words(row[name].astimezone(reference.town.time_zone), Language.VI) if row[name] else ""
        for name in ("received_at", "counting_received_at")
    )
    changes = list(_changes(rows.get(row["counting_no"], []), rows.get(row["report_no"], []), reference.form))
    body = [
        WHY[Cause(row["cause"])],
        f"- Tệp mới: {_code(row['name'])}, nhận lúc {received_at}",
        f"- Đang được tính: {_code(row['counting_name'] or '–')}, nhận lúc {counting_since}",
        "\n".join(["| Chỉ tiêu | Đang tính | Tệp mới |", "| --- | ---: | ---: |", *changes])
        if changes
        else "Các tổng không đổi; chỉ số liệu từng lĩnh vực khác nhau.",
        "**Duyệt**: tệp mới được tính, số liệu của thị xã được công bố lại. "
        "**Không duyệt**: số liệu đang tính giữ nguyên. Đơn vị được báo bằng thư.",
    ]
    return {
        "key": f"{row['period_key']}:{row['unit_code']}:{row['submission'][:12]}",
        "submission": row["submission"],
        "unit": row["unit_code"],
        "unit_name": unit_name,
        "period": row["period_key"],
        "cause": row["cause"],
        "file": clean(row["name"], 120),
        "received_at": received_at,
        "subject": f"{unit_name}, {period}: báo cáo thay đổi chờ duyệt",
        "body": "\n\n".join(body),
    }


def _changes(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]], form: Form) -> Iterator[str]:
    """Give a line of the table for each total that differs."""
    before, after = total_rows(old, form), total_rows(new, form)
    for measure in form.measure_names:
        if before[measure] != after[measure]:
            was, is_now = (number_words(total[measure], Language.VI) for total in (before, after))
            yield f"| {label_measure(form, measure, Language.VI)} | {was} | {is_now} |"


def _code(name: str) -> str:
    """Show a file's name as it is, whatever Markdown would make of it."""
    return f"`{clean(name, 120).replace('`', ' ')}`"
