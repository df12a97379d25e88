"""What the leader's page says, once for HTML and PDF: state, paragraph, table, charts, open questions, changes."""

from collections.abc import Iterator
from dataclasses import dataclass

from etl.model import Language
from etl.phrases import clean, moment_words, number_words
from etl.publishing.chart_canvas import Chart
from etl.publishing.month_chart import draw_months
from etl.publishing.narrative import compose_narrative
from etl.publishing.page_sections import Table, build_sections
from etl.publishing.page_table import build_table
from etl.publishing.published_tables import pick, whole_rows
from etl.publishing.release import Release
from etl.publishing.spoken_period import say_period
from etl.publishing.ward_chart import draw_wards


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with the words above it."""

    title: str
    chart: Chart


@dataclass(frozen=True, slots=True)
class Page:
    """A page in one language. All texts are words of people: whoever sets them escapes them."""

    language: Language
    town: str
    title: str
    period: str
    state: str
    is_partial: bool
    publication: str
    sentences: tuple[str, ...]
    table: Table
    figures: tuple[Figure, ...]
    sections: tuple[Table, ...]
    footer: tuple[str, ...]


def build_page(release: Release, language: Language) -> Page:
    """Gather what the page shows of a release."""
    reference, period = release.reference, release.dataset.period
    said = say_period(period, language)
    span = f"{period.start:%d/%m/%Y} – {period.end:%d/%m/%Y}"
    town = clean(pick(language, reference.town.name_vi, reference.town.name_en), 80)
    is_partial, state = _state(release, language)
    return Page(
        language=language,
        town=town[:1].upper() + town[1:],
        title=clean(pick(language, reference.form.title_vi, reference.form.title_en), 160),
        period=f"{said[:1].upper()}{said[1:]} ({span})",
        state=state,
        is_partial=is_partial,
        publication=publication_words(release, language),
        sentences=compose_narrative(release, language).sentences,
        table=build_table(release, language),
        figures=tuple(_figures(release, language)),
        sections=tuple(build_sections(release, language)),
        footer=tuple(_footer(release, language)),
    )


def publication_words(release: Release, language: Language) -> str:
    """Say which publication it is, of when, and which it replaces."""
    moment = moment_words(release.published_at.astimezone(release.reference.town.time_zone), language)
    number = release.number
    if number == 0:
        return pick(language, f"Chưa công bố; lập lúc {moment}", f"Not published; made at {moment}")
    said = pick(language, f"Công bố lần {number}, {moment}", f"Publication no. {number}, {moment}")
    if number == 1:
        return said
    before = release.changes.number_before if release.changes else number - 1
    return said + pick(language, f"; thay cho lần {before}", f"; replaces no. {before}")


def _state(release: Release, language: Language) -> tuple[bool, str]:
    """Tell whether the figures are partial, and say so with how many units are in."""
    rows = whole_rows(release.dataset, "town")
    if rows.empty:
        return True, pick(language, "Chưa có số liệu", "No figures")
    row = rows.iloc[0]
    count = f"{int(row['units_in'])}/{int(row['units_expected'])}"
    if row["is_partial"]:
        return True, pick(language, f"SỐ LIỆU CHƯA ĐẦY ĐỦ: {count} đơn vị", f"PARTIAL FIGURES: {count} units")
    return False, pick(language, f"Số liệu đầy đủ: {count} đơn vị", f"Complete figures: {count} units")


def _figures(release: Release, language: Language) -> Iterator[Figure]:
    titles = (
        pick(language, "Diễn biến theo tháng", "Month by month"),
        pick(language, "Hồ sơ của từng đơn vị", "Dossiers by unit"),
    )
    charts = (draw_months(release, language), draw_wards(release, language))
    yield from (Figure(title, chart) for title, chart in zip(titles, charts, strict=True) if chart)


def _footer(release: Release, language: Language) -> Iterator[str]:
    """Say where the numbers come from and how they are to be read."""
    coverage = release.dataset.coverage
    inside = coverage[coverage["expected"] & coverage["status"].str.startswith("accepted")]
    count = number_words(len(inside), language)
    yield pick(
        language,
        f"Nguồn: {count} báo cáo đã được ghi nhận của các đơn vị; máy chỉ cộng, không tự sửa số của đơn vị.",
        f"Source: {count} accepted reports of the units, added up by a program that changes none of them by itself.",
    )
    yield pick(
        language,
        "Tỷ lệ tính từ số hồ sơ, làm tròn đến hai chữ số. “–”: chưa báo cáo, không phải 0. "
        "†: có lỗi được chấp nhận hoặc số liệu đã sửa, có ghi lý do.",
        "Rates are computed from the counts and rounded to two decimals. “–”: not reported, which is not 0. "
        "†: holds an accepted finding or a corrected figure, with its reason.",
    )
    fingerprint = clean(release.dataset.fingerprint, 80)[:12]
    yield pick(language, f"Trạng thái số liệu: {fingerprint}.", f"State of the figures: {fingerprint}.")
