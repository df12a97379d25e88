"""The tidy table of figures: a row per scope, unit, field and source system."""

from collections.abc import Iterator
from typing import Any

from etl.publishing.published_tables import rates_of
from etl.publishing.release import Release
from etl.publishing.tidy_table import (
    DECIDED,
    FIELD,
    SCOPES,
    UNIT,
    TidyColumn,
    TidyTable,
    compose_table_csv,
    count_column,
    field_words,
    local_moment,
    text_column,
)

_COUNTED = (
    ("units_expected", "Số đơn vị phải báo cáo", "units that should be in the figure"),
    ("units_in", "Số đơn vị có đủ báo cáo", "units that are in it, in all months"),
    ("units_rejected", "Số đơn vị bị trả lại báo cáo", "units whose report was sent back"),
    ("units_missing", "Số đơn vị chưa có báo cáo", "units without a report"),
    ("units_late", "Số đơn vị nộp muộn", "units in it that were late"),
    ("units_waived", "Số đơn vị có lỗi được chấp nhận", "units in it with an accepted finding"),
    ("units_closed", "Số đơn vị kết thúc hoạt động trong kỳ", "units that ended within the period"),
)


def compose_csv(release: Release) -> bytes:
    """Write the figures as CSV; no text is a formula."""
    return compose_table_csv(figure_table(release))


def figure_table(release: Release) -> TidyTable:
    """Give the figures: a row per scope, unit, field and source system."""
    return TidyTable(
        name="figures",
        title_vi="Số liệu",
        title_en="figures",
        columns=tuple(_figure_columns(release)),
        key=("scope", "unit_code", "unit_name", "field", "source_system"),
        rows=list(_figure_rows(release)),
    )


def _figure_columns(release: Release) -> Iterator[TidyColumn]:
    form = release.reference.form
    yield text_column("period", "Kỳ", "period", is_required=True)
    yield TidyColumn("period_start", "date", "Ngày đầu kỳ", "first day of the period", is_required=True)
    yield TidyColumn("period_end", "date", "Ngày cuối kỳ", "last day of the period", is_required=True)
    yield text_column("scope", "Phạm vi", "what is added up", enum=SCOPES, is_required=True)
    yield from (*UNIT, *FIELD)
    yield from (count_column(m.name, m.label_vi, m.label_en) for m in form.measures)
    yield from (TidyColumn(r.name, "number", f"{r.label_vi} (%)", f"{r.label_en} (%)", minimum=0) for r in form.rates)
    yield TidyColumn(
        "adjustment",
        "integer",
        "Điều chỉnh",
        "opening + received − resolved + adjustment = closing, to the last dossier",
    )
    yield from (count_column(*names, is_required=True) for names in _COUNTED)
    yield TidyColumn("is_partial", "boolean", "Chưa đầy đủ", "a unit is not in the figure", is_required=True)
    yield from DECIDED
    yield count_column("publication", "Lần công bố", "number of the publication; 0: not published", is_required=True)
    yield TidyColumn("published_at", "datetime", "Công bố lúc", "moment of the publication", is_required=True)


def _figure_rows(release: Release) -> Iterator[dict[str, Any]]:
    dataset, reference = release.dataset, release.reference
    period = {"period": dataset.period.key, "period_start": dataset.period.start, "period_end": dataset.period.end}
    published_at = local_moment(release)(release.published_at)
    publication = {"publication": release.number, "published_at": published_at}
    for row in dataset.frame.to_dict("records"):
        rates = zip((rate.name for rate in reference.form.rates), rates_of(row, reference), strict=True)
        names = {"field_name": field_words(release, row["field"])}
        yield {**{str(name): value for name, value in row.items()}, **period, **names, **dict(rates), **publication}
