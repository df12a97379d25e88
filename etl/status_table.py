"""Who is in, missing or rejected and why: as plain rows for programs, and as text for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from etl.model import Language
from etl.phrases import clean, moment_words
from etl.plain_values import plain
from etl.publishing.published_tables import pick
from etl.text_table import padded

SAID = ("status", "received_at", "is_late", "findings", "waived", "corrected", "newer", "expected", "is_closed")
STATUSES = {
    "accepted": ("đạt", "accepted"),
    "accepted with warnings": ("đạt, có lưu ý", "accepted with warnings"),
    "rejected": ("chưa đạt", "rejected"),
    "missing": ("chưa có", "missing"),
    "closed": ("đã giải thể, không phải báo cáo", "closed, owes no report"),
}


def compose_status(coverage: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the coverage as plain rows: unit_code, unit_name, period_key, and what is said of each in `SAID`."""
    columns = ["unit_code", "unit_name", "period_key", *SAID]
    return [{name: plain(row.get(name)) for name in columns} for row in coverage.to_dict("records")]


def render_status(
    rows: Sequence[Mapping[str, Any]], unreadable: Sequence[Mapping[str, Any]], language: Language
) -> str:
    """Write who is in, missing or rejected and why, and the files that nobody could read.

    Of one period every unit is listed; of several, those whose report has something to say.
    """
    periods = dict.fromkeys(row["period_key"] for row in rows)
    lines = [line for period in periods for line in _period_lines(period, rows, language, is_only=len(periods) == 1)]
    if not rows:
        lines.append(pick(language, "Chưa có báo cáo nào.", "No report has come yet."))
    if unreadable:
        lines += ["", pick(language, "Tệp không đọc được:", "Unreadable files:")]
        lines += [f"  {f['sent_by'] or '?'}  {f['name']}: {f[f'message_{language}']}" for f in unreadable]
    return "\n".join(lines)


def _period_lines(
    period: str, rows: Sequence[Mapping[str, Any]], language: Language, *, is_only: bool
) -> Iterator[str]:
    own = [row for row in rows if row["period_key"] == period]
    expected = [row for row in own if row["expected"]]
    good = sum(row["status"].startswith("accepted") for row in expected)
    yield f"{period}: {good}/{len(expected)} " + pick(language, "đơn vị đạt", "units in")
    for row in own:
        if not is_only and row["status"] == "accepted" and not row["newer"]:
            continue
        status = pick(language, *STATUSES[row["status"]])
        yield f"  {row['unit_code']:<6} {padded(row['unit_name'], 34)} {status}  {row['findings'] or ''}".rstrip()
        if row["newer"]:
            yield f"  {'':<6} {newer_words(row['newer'], language)}"


def newer_words(newer: Mapping[str, str], language: Language) -> str:
    """Say that a report came after the one that counts, and was sent back or waits for the operator."""
    moment = moment_words(datetime.fromisoformat(newer["received_at"]), language)
    name = clean(newer["name"], 80)
    if newer["why"] == "waits":
        return pick(
            language,
            f"bản sửa gửi lúc {moment} chờ người vận hành duyệt ({name}); số liệu vẫn là của báo cáo trước",
            f"the change sent at {moment} waits for the operator ({name}); the figures are still the earlier report's",
        )
    return pick(
        language,
        f"bản sửa gửi lúc {moment} chưa đạt ({name}); số liệu vẫn là của báo cáo trước",
        f"the correction sent at {moment} was not accepted ({name}); the figures are still the earlier report's",
    )
