"""The town's figures as text for the terminal: a line for each unit and sum, and below it all that is not in them."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from etl.forms import Form
from etl.model import Language
from etl.phrases import number_words, percent_words
from etl.publishing.adjustment_words import adjustment_lines, signed_words
from etl.publishing.published_tables import ALL, decision_lines, is_decided, name_field, name_system, pick, rates_of
from etl.publishing.release import Release
from etl.reference import Reference
from etl.status_table import STATUSES
from etl.text_table import lay_out
from etl.town_dataset import TownDataset
from expectations.breaches import find_balance_breaches

SCOPES = {
    "wards": ("Các xã, phường", "Wards together"),
    "desk": ("Bộ phận một cửa cấp trên", "The town's own desk"),
    "town": ("Toàn địa bàn", "The whole town"),
}


def compose_table(release: Release, language: Language) -> bytes:
    """Write the table of a release as text."""
    return (render_table(release.dataset, release.reference, language) + "\n").encode()


def render_table(dataset: TownDataset, reference: Reference, language: Language) -> str:
    """Write the units, their sum, the desk and the town as a table, and below it what is not in it.

    A dataset of chosen lines (see `etl.town.select_lines`) is shown line by line, each with its field and system.
    """
    lines = _shown(dataset)
    shown = [m for m in reference.form.measures if lines[m.name].notna().any()] or list(reference.form.measures)
    is_adjusted = bool(lines["adjustment"].fillna(0).ne(0).any())
    heads = [pick(language, m.label_vi, m.label_en) for m in shown]
    heads += [pick(language, "Điều chỉnh", "Adjustment")] if is_adjusted else []
    heads += [pick(language, rate.label_vi, rate.label_en) for rate in reference.form.rates]
    rows = []
    for row in lines.to_dict("records"):
        counts = [_number(row[m.name], language) for m in shown]
        counts += [signed_words(row["adjustment"], language)] if is_adjusted else []
        rates = [percent_words(rate, language) for rate in rates_of(row, reference)]
        rows.append([_line_name(row, dataset, reference, language), *counts, *rates])
    below = [
        *_absent(dataset, language),
        *_adjusted(dataset, language),
        *find_contradictions(dataset, reference.form, language),
        *_decided(dataset, language),
        *_outside(dataset, language),
        *_of_one_system(lines, language),
    ]
    return "\n".join([_title(dataset, reference, language), "", *lay_out(["", *heads], rows), "", *below])


def _shown(dataset: TownDataset) -> pd.DataFrame:
    """Choose the lines over all fields and systems; where none is left, all there are. The desk is no ward."""
    frame = dataset.frame
    whole = frame[(frame["field"] == ALL) & (frame["source_system"] == ALL)]
    lines = frame if whole.empty else whole
    desks = set(dataset.coverage.loc[dataset.coverage["is_desk"], "unit_code"])
    has_sums = bool(lines["scope"].eq("desk").any())
    return lines[~(lines["unit_code"].isin(desks) & has_sums)]


def _title(dataset: TownDataset, reference: Reference, language: Language) -> str:
    town, period = pick(language, reference.town.name_vi, reference.town.name_en), dataset.period
    title = f"{town}, {period.key} ({period.start:%d/%m/%Y} – {period.end:%d/%m/%Y})"
    if dataset.units_of:
        title += pick(language, ", theo đơn vị ngày ", ", on the units of ") + f"{dataset.units_of:%d/%m/%Y}"
    if dataset.as_of:
        moment = dataset.as_of.astimezone(reference.town.time_zone)
        title += pick(language, ", theo số liệu biết đến ", ", as known at ") + f"{moment:%d/%m/%Y %H:%M}"
    return title


def _line_name(row: Any, dataset: TownDataset, reference: Reference, language: Language) -> str:
    """Name a line; of one that lacks reports, say which months, or how many units are there for all of them."""
    is_sum = row["scope"] in SCOPES
    parts = [pick(language, *SCOPES[row["scope"]]) if is_sum else str(row["unit_name"])]
    parts += [name_field(row["field"], reference, language)] if row["field"] != ALL else []
    parts += [name_system(row["source_system"], reference, language)] if row["source_system"] != ALL else []
    name = ", ".join(parts) + (" †" if is_decided(row) else "")
    if row["unit_code"] in dataset.outside:
        name += " ‡"
    if not row["is_partial"]:
        return name
    if is_sum or row["units_expected"] > 1:
        return f"{name} * ({pick(language, 'đủ', 'whole')} {row['units_in']}/{row['units_expected']})"
    coverage = dataset.coverage[dataset.coverage["expected"]]
    own = coverage[(coverage["unit_code"] == row["unit_code"]) & (coverage["unit_name"] == row["unit_name"])]
    months = own.loc[~own["status"].str.startswith("accepted"), "period_key"].tolist()
    return f"{name} * ({pick(language, 'thiếu', 'without')} {', '.join(months)})"


def _absent(dataset: TownDataset, language: Language) -> list[str]:
    """Name the units that are not in the figures, and why; those that ended; how many reports came late."""
    coverage = dataset.coverage
    expected = coverage[coverage["expected"]]
    is_in = expected["status"].str.startswith("accepted")
    absent, late = expected[~is_in], expected[is_in & expected["is_late"].eq(True)]
    whole = len(expected[["unit_code", "unit_name"]].drop_duplicates())
    lines = [pick(language, f"Đủ báo cáo của {whole} đơn vị.", f"All {whole} units are in.")]
    if len(absent):
        lines = [pick(language, "CHƯA ĐỦ: số liệu trên không có", "PARTIAL: the figures above lack")]
        told = zip(absent["unit_name"], absent["period_key"], absent["status"], strict=True)
        lines += [f"  {name}, {period}: {pick(language, *STATUSES[status])}" for name, period, status in told]
    if len(late):
        lines.append(pick(language, f"Nộp muộn: {len(late)} báo cáo.", f"Late: {len(late)} reports."))
    if names := coverage.loc[coverage["is_closed"], "unit_name"].drop_duplicates().tolist():
        lines.append(pick(language, "Đã giải thể trong kỳ: ", "Ended within the period: ") + ", ".join(names))
    return lines


def _adjusted(dataset: TownDataset, language: Language) -> list[str]:
    """Name what the stocks at both ends and the flows between them do not explain."""
    lines = [f"  {where}: {amount}, {why}" for where, amount, why in adjustment_lines(dataset, language)]
    vi = "ĐIỀU CHỈNH (từ kỳ trước + tiếp nhận − giải quyết + điều chỉnh = đang giải quyết):"
    en = "ADJUSTMENTS (carried over + received − resolved + adjustment = pending):"
    return [pick(language, vi, en), *lines] if lines else []


def find_contradictions(dataset: TownDataset, form: Form, language: Language) -> list[str]:
    """Say which whole figures break a balance within the form; what breaks over time is an adjustment."""
    flow = form.stock_flow
    balances = tuple(b for b in form.balances if flow is None or b.name != flow.balance)
    whole = dataset.frame[(dataset.frame["field"] == ALL) & (dataset.frame["source_system"] == ALL)]
    whole = whole[~whole["is_partial"]].reset_index(drop=True)
    told = [
        f"  {_name(whole.iloc[position], language)}: " + " ≠ ".join(
            _side(whole.iloc[position], side, form, language)
            for side in (breach.constraint.larger, breach.constraint.smaller)
        )
        for breaches in find_balance_breaches(whole, balances).values()
        for breach in breaches
        for position in breach.positions.tolist()
    ]  # fmt: skip
    return [pick(language, "KHÔNG KHỚP:", "DOES NOT ADD UP:"), *told] if told else []


def _name(row: Any, language: Language) -> str:
    return pick(language, *SCOPES[row["scope"]]) if row["scope"] in SCOPES else str(row["unit_name"])


def _side(row: Any, side: Sequence[tuple[str, int]], form: Form, language: Language) -> str:
    measures = [(form.measure(name), times) for name, times in side]
    return " + ".join(
        f"{pick(language, m.label_vi, m.label_en)} {_number(times * row[m.name], language)}" for m, times in measures
    )


def _decided(dataset: TownDataset, language: Language) -> list[str]:
    """Say what was accepted or corrected in the figures."""
    lines = decision_lines(dataset, language)
    head = pick(language, "† Lỗi được chấp nhận, số liệu đã sửa:", "† Findings accepted, figures corrected:")
    return [head, *(f"  {line}" for line in lines)] if lines else []


def _outside(dataset: TownDataset, language: Language) -> Iterator[str]:
    """Say that a group's past is only a bound."""
    if set(dataset.outside) & set(dataset.frame["unit_code"]):
        yield pick(
            language,
            "‡ Một phần địa bàn nay thuộc nơi khác: trước ngày chia tách số liệu chỉ là mức tối đa.",
            "‡ A part of it lies outside the town now: before the split the figures are only an upper bound.",
        )


def _of_one_system(lines: pd.DataFrame, language: Language) -> Iterator[str]:
    """Say how many units name the source system that was chosen: the others are in the sums with 0."""
    if not lines["source_system"].eq(ALL).any():
        units = len(lines.loc[lines["unit_code"] != "", ["unit_code", "unit_name"]].drop_duplicates())
        yield pick(
            language,
            f"Chỉ gồm phần mà báo cáo ghi rõ nguồn này: {units} đơn vị có ghi; không gồm đơn vị không ghi nguồn.",
            f"Only what reports ascribe to this source: {units} units do; those that name no source are not in it.",
        )


def render_estimates(estimates: pd.DataFrame, reference: Reference, language: Language) -> str:
    """Write what partial figures would be with the missing reports: bounds and an estimate, marked as such."""
    if estimates.empty:
        return pick(language, "Không có gì phải ước tính.", "There is nothing to estimate.")
    heads = pick(language, "Đã biết|Thấp nhất|ƯỚC TÍNH|Cao nhất", "Known|Low|ESTIMATE|High").split("|")
    labels = {m.name: pick(language, m.label_vi, m.label_en) for m in reference.form.measures}
    rows = [
        [f"{_name(row, language)}: {labels[row['measure']]}"]
        + [_number(row[column], language) for column in ("known", "low", "estimate", "high")]
        for row in estimates.to_dict("records")
    ]
    bases = dict.fromkeys(estimates[f"basis_{language}"].dropna())
    title = pick(
        language,
        "ƯỚC TÍNH, KHÔNG PHẢI SỐ LIỆU BÁO CÁO: nếu có đủ báo cáo thì số liệu có thể là",
        "ESTIMATES, NOT REPORTED FIGURES: with all reports the figures might be",
    )
    return "\n".join([title, "", *lay_out(["", *heads], rows), "", *(f"  {basis}" for basis in bases if basis)])


def _number(value: Any, language: Language) -> str:
    return "·" if value is None or pd.isna(value) else number_words(value, language)
