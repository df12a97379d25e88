"""The town's dataset and the state of its reports as text, CSV or JSON, for the terminal and for programs."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from etl.disk import put_file
from etl.forms import Form
from etl.model import Language
from etl.phrases import clean, moment_words
from etl.publishing.published_tables import compose_csv, decision_lines, is_decided
from etl.reference import Reference
from etl.town_dataset import TownDataset
from expectations.breaches import find_balance_breaches

SCOPES = {
    "wards": ("Các xã, phường", "Wards together"),
    "desk": ("Bộ phận một cửa cấp trên", "The town's own desk"),
    "town": ("Toàn địa bàn", "The whole town"),
}
STATUSES_VI = {
    "accepted": "đạt",
    "accepted with warnings": "đạt, có lưu ý",
    "rejected": "chưa đạt",
    "missing": "chưa có",
}


def compose_status(coverage: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the coverage as plain rows: unit, name, period, status, received_at, is_late, findings and the rest."""
    said = ["status", "received_at", "is_late", "findings", "waived", "corrected", "newer"]
    columns = ["unit_code", "unit_name", "period_key", *said]
    return [{name: _plain(row.get(name)) for name in columns} for row in coverage.to_dict("records")]


def compose_records(dataset: TownDataset, form: Form) -> dict[str, Any]:
    """Give the dataset as plain values. *Missing*: None; a figure that lacks a unit says so by `is_partial`."""
    figures = [{str(k): _plain(v) for k, v in row.items()} for row in dataset.frame.to_dict("records")]
    return {
        "period": dataset.period.key,
        "start": str(dataset.period.start),
        "end": str(dataset.period.end),
        "months": [period.key for period in dataset.periods],
        "is_partial": bool(dataset.frame["is_partial"].any()),
        "contradictions": find_contradictions(dataset, form, Language.EN)[1:],
        "measures": list(form.measure_names),
        "figures": figures,
        "decisions": [asdict(decision) for decision in dataset.decisions],
        "coverage": compose_status(dataset.coverage),
    }


def write_town(
    dataset: TownDataset, reference: Reference, *, form: str, language: Language, output: Path | None
) -> str | None:
    """Give the dataset as text, or write it to a file aside and rename it. *Missing*: None once it is in a file."""
    if form == "xlsx":
        from etl.publishing.workbook import compose_workbook

        content = compose_workbook(dataset, reference, 0, datetime.now(UTC))
    elif form == "parquet":
        content = dataset.frame.to_parquet(index=False)
    else:
        text = _render(dataset, reference, form, language)
        if output is None:
            return text
        content = (text + "\n").encode("utf-8-sig" if form == "csv" else "utf-8")
    assert output is not None
    put_file(output, content)
    return None


def _render(dataset: TownDataset, reference: Reference, form: str, language: Language) -> str:
    if form == "table":
        return render_table(dataset, reference, language)
    return render_csv(dataset, reference) if form == "csv" else render_json(dataset, reference.form)


def render_json(dataset: TownDataset, form: Form) -> str:
    """Write the dataset as one JSON object."""
    return json.dumps(compose_records(dataset, form), ensure_ascii=False, indent=1)


def render_csv(dataset: TownDataset, reference: Reference) -> str:
    """Write the figures as the published CSV does: what looks like a formula is made harmless."""
    return compose_csv(dataset, reference, 0, datetime.now(UTC)).decode("utf-8-sig").rstrip("\r\n")


def render_table(dataset: TownDataset, reference: Reference, language: Language) -> str:
    """Write the wards, their sum, the desk and the town as a table, and below it what is not in it."""
    form, at = reference.form, 0 if language == "vi" else 1
    whole = dataset.frame[(dataset.frame["field"] == "all") & (dataset.frame["source_system"] == "all")]
    town = whole[whole["scope"] == "town"]
    shown = [m for m in form.measures if town[m.name].notna().any()] or list(form.measures)
    labels = [(m.label_vi, m.label_en)[at] for m in shown]
    rows = [
        [_line_name(row, dataset, at), *(_number(row[m.name], at) for m in shown)]
        for row in whole.to_dict("records")
        if not (row["scope"] == "ward" and _is_desk(row, dataset))
    ]
    span = f"{dataset.period.start:%d/%m/%Y} – {dataset.period.end:%d/%m/%Y}"
    title = f"{(reference.town.name_vi, reference.town.name_en)[at]}, {dataset.period.key} ({span})"
    below = [*_absent(dataset, language), *find_contradictions(dataset, form, language), *_decided(dataset, language)]
    return "\n".join([title, "", *_aligned(["", *labels], rows), "", *below])


def find_contradictions(dataset: TownDataset, form: Form, language: Language) -> list[str]:
    """Say which whole figures break a balance: over several periods, where a stock does not continue the last one."""
    whole = dataset.frame[(dataset.frame["field"] == "all") & ~dataset.frame["is_partial"]].reset_index(drop=True)
    at, told = (0 if language == Language.VI else 1), []
    for breaches in find_balance_breaches(whole, form.balances).values():
        for breach in breaches:
            for row in (whole.iloc[position] for position in breach.positions.tolist()):
                name = SCOPES[row["scope"]][at] if row["scope"] in SCOPES else row["unit_name"]
                sides = (breach.constraint.larger, breach.constraint.smaller)
                left, right = (_side(row, side, form, at) for side in sides)
                told.append(f"  {name}: {left} ≠ {right}")
    if not told:
        return []
    heads = ("KHÔNG KHỚP (tồn đầu kỳ khác tồn cuối kỳ trước):", "DOES NOT ADD UP (a stock does not continue):")
    return [heads[at], *told]


def _side(row: Any, side: Sequence[tuple[str, int]], form: Form, at: int) -> str:
    measures = [(form.measure(name), times) for name, times in side]
    return " + ".join(f"{(m.label_vi, m.label_en)[at]} {_number(times * row[m.name], at)}" for m, times in measures)


def render_status(
    rows: Sequence[Mapping[str, Any]], unreadable: Sequence[Mapping[str, Any]], language: Language
) -> str:
    """Write who is in, missing or rejected and why, and the files that nobody could read.

    Of one period every unit is listed; of several, those whose report has something to say.
    """
    lines, periods = [], dict.fromkeys(row["period_key"] for row in rows)
    for period in periods:
        of_period = [row for row in rows if row["period_key"] == period]
        good = sum(row["status"].startswith("accepted") for row in of_period)
        lines.append(f"{period}: {good}/{len(of_period)} " + ("đơn vị đạt" if language == "vi" else "units in"))
        for row in of_period:
            if len(periods) > 1 and row["status"] == "accepted" and not row["newer"]:
                continue
            status = STATUSES_VI[row["status"]] if language == "vi" else row["status"]
            lines.append(
                f"  {row['unit_code']:<6} {_padded(row['unit_name'], 34)} {status}  {row['findings'] or ''}".rstrip()
            )
            if row["newer"]:
                lines.append(f"  {'':<6} {newer_words(row['newer'], language)}")
    if not rows:
        lines.append("Chưa có báo cáo nào." if language == "vi" else "No report has come yet.")
    if unreadable:
        lines += ["", "Tệp không đọc được:" if language == "vi" else "Unreadable files:"]
        lines += [f"  {f['sent_by'] or '?'}  {f['name']}: {f[f'message_{language}']}" for f in unreadable]
    return "\n".join(lines)


def newer_words(newer: Mapping[str, str], language: Language) -> str:
    """Say that a report came after the one that counts, and was sent back or waits for the operator."""
    moment = moment_words(datetime.fromisoformat(newer["received_at"]), language)
    name = clean(newer["name"], 80)
    if newer["why"] == "waits":
        if language is Language.VI:
            return f"bản sửa gửi lúc {moment} chờ người vận hành duyệt ({name}); số liệu vẫn là của báo cáo trước"
        return (
            f"the change sent at {moment} waits for the operator ({name}); the figures are still the earlier report's"
        )
    if language is Language.VI:
        return f"bản sửa gửi lúc {moment} chưa đạt ({name}); số liệu vẫn là của báo cáo trước"
    return f"the correction sent at {moment} was not accepted ({name}); the figures are still the earlier report's"


def _decided(dataset: TownDataset, language: Language) -> list[str]:
    """Say what was accepted or corrected in the figures."""
    lines = decision_lines(dataset, language)
    head = "† Lỗi được chấp nhận, số liệu đã sửa:" if language == "vi" else "† Findings accepted, figures corrected:"
    return [head, *(f"  {line}" for line in lines)] if lines else []


def _absent(dataset: TownDataset, language: Language) -> list[str]:
    """Name the units that are not in the figures, and why."""
    expected = dataset.coverage[dataset.coverage["expected"]]
    absent = expected[~expected["status"].str.startswith("accepted")]
    if absent.empty:
        whole = len(expected[["unit_code", "unit_name"]].drop_duplicates())
        return [f"Đủ báo cáo của {whole} đơn vị." if language == "vi" else f"All {whole} units are in."]
    head = "CHƯA ĐỦ: số liệu trên không có" if language == "vi" else "PARTIAL: the figures above lack"
    why = STATUSES_VI if language == "vi" else {}
    told = zip(absent["unit_name"], absent["period_key"], absent["status"], strict=True)
    return [head, *(f"  {name}, {period}: {why.get(status, status)}" for name, period, status in told)]


def _line_name(row: Mapping[Any, Any], dataset: TownDataset, at: int) -> str:
    """Name a line; of one that lacks reports, say which months, or how many units are there for all of them."""
    name = str(SCOPES[row["scope"]][at] if row["scope"] in SCOPES else row["unit_name"])
    name += " †" if is_decided(row) else ""
    if not row["is_partial"]:
        return name
    if row["scope"] in SCOPES:
        return f"{name} * ({('đủ', 'whole')[at]} {row['units_in']}/{row['units_expected']})"
    coverage = dataset.coverage
    own = coverage[(coverage["unit_code"] == row["unit_code"]) & (coverage["unit_name"] == row["unit_name"])]
    months = own.loc[~own["status"].str.startswith("accepted"), "period_key"].tolist()
    return f"{name} * ({('thiếu', 'without')[at]} {', '.join(months)})"


def _is_desk(row: Mapping[Any, Any], dataset: TownDataset) -> bool:
    desks = dataset.coverage.loc[dataset.coverage["is_desk"], "unit_code"]
    return row["unit_code"] in set(desks)


def _number(value: Any, at: int) -> str:
    return "·" if pd.isna(value) else f"{int(value):,}".replace(",", "." if at == 0 else ",")


def _aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay a table out in columns, long headings broken into words below each other."""
    words = [_broken(head, 11) for head in heads]
    height = max(map(len, words))
    columns = [[""] * (height - len(broken)) + broken for broken in words]
    table = [*zip(*columns, strict=True), *rows]
    widths = [max(_width(line[i]) for line in table) for i in range(len(heads))]
    laid = [
        [_padded(cell, width, left=i == 0) for i, (cell, width) in enumerate(zip(line, widths, strict=True))]
        for line in table
    ]
    rule = "─" * (sum(widths) + 2 * len(widths) - 2)
    return [*("  ".join(line) for line in laid[:height]), rule, *("  ".join(line) for line in laid[height:])]


def _broken(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and _width(f"{lines[-1]} {word}") > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _padded(text: str, width: int, *, left: bool = True) -> str:
    space = " " * max(0, width - _width(text))
    return text + space if left else space + text


def _width(text: str) -> int:
    return sum(not unicodedata.combining(c) for c in text)


def _plain(value: Any) -> Any:
    """Give a cell of a frame as a plain value. *Missing*: None."""
    if isinstance(value, (list, dict, tuple)):
        return value
    if value is None or pd.isna(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
