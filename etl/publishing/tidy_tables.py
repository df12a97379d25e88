"""All tidy tables of a release: the figures, who is in them, and what explains them."""

from typing import Any

from etl.publishing.changes import KINDS, FigureChange, ReportChange
from etl.publishing.release import Release
from etl.publishing.tidy_figures import figure_table
from etl.publishing.tidy_table import (
    DECIDED,
    FIELD,
    MONTH,
    SCOPES,
    UNIT,
    TidyColumn,
    TidyTable,
    field_words,
    local_moment,
    text_column,
)
from etl.town_dataset import ADJUSTMENT_COLUMNS, AdjustmentKind

STATUSES = ("accepted", "accepted with warnings", "rejected", "missing", "closed")
CHANGE_KINDS = ("figure", *KINDS)


def build_tables(release: Release) -> tuple[TidyTable, ...]:
    """Give all tables of a release; one with nothing in it has its columns and no rows."""
    return figure_table(release), coverage_table(release), adjustment_table(release), change_table(release)


# ---------------------------------------------------------------------------------------------------------
# Who is in


def coverage_table(release: Release) -> TidyTable:
    """Give who is in: a row per unit and month."""
    local = local_moment(release)
    return TidyTable(
        name="coverage",
        title_vi="Đơn vị báo cáo",
        title_en="who reported",
        columns=_COVERAGE,
        key=("unit_code", "unit_name", "period_key"),
        rows=[
            {
                **{str(name): value for name, value in row.items()},
                "received_at": local(row["received_at"]),
                **{f"newer_{name}": value for name, value in (row["newer"] or {}).items()},
                "newer_received_at": local((row["newer"] or {}).get("received_at")),
            }
            for row in release.dataset.coverage.to_dict("records")
        ],
    )


_COVERAGE = (
    *UNIT,
    text_column("unit_kind", "Loại đơn vị", "kind of unit"),
    TidyColumn("is_desk", "boolean", "Bộ phận của thị xã", "the town's own desk", is_required=True),
    MONTH,
    TidyColumn("expected", "boolean", "Phải báo cáo", "owes a report for the month", is_required=True),
    text_column("status", "Tình trạng", "what became of its report", enum=STATUSES, is_required=True),
    TidyColumn("received_at", "datetime", "Nhận lúc", "when the report came"),
    TidyColumn("is_late", "boolean", "Nộp muộn", "came late; blank: the period was never due"),
    TidyColumn("is_closed", "boolean", "Kết thúc hoạt động", "the unit ended within the month", is_required=True),
    text_column("submission", "Mã tệp", "sha256 of the file"),
    text_column("findings", "Lỗi", "rules that found something"),
    *DECIDED,
    text_column("newer_name", "Tệp mới hơn", "a file that came after the accepted one and does not count"),
    TidyColumn("newer_received_at", "datetime", "Tệp mới hơn, nhận lúc", "when that file came"),
    text_column("newer_why", "Vì sao chưa tính", "why it does not count", enum=("rejected", "waits")),
)


# ---------------------------------------------------------------------------------------------------------
# What explains the figures


def adjustment_table(release: Release) -> TidyTable:
    """Give what the adjustments consist of."""
    rows: list[dict[Any, Any]] = release.dataset.adjustments.to_dict("records")
    return TidyTable(
        name="adjustments",
        title_vi="Điều chỉnh",
        title_en="adjustments",
        columns=_ADJUSTMENTS,
        key=tuple(name for name in ADJUSTMENT_COLUMNS if name not in ("is_desk", "amount")),
        rows=[row | {"field_name": field_words(release, row["field"])} for row in rows],
    )


_ADJUSTMENTS = (
    *UNIT,
    TidyColumn("is_desk", "boolean", "Bộ phận của thị xã", "the town's own desk", is_required=True),
    text_column("period_key", "Đầu tháng", "month that opens with it", is_required=True),
    *FIELD,
    TidyColumn("amount", "integer", "Số hồ sơ", "dossiers to be added", is_required=True),
    text_column("kind", "Lý do", "why", enum=tuple(str(kind) for kind in AdjustmentKind), is_required=True),
)


def change_table(release: Release) -> TidyTable:
    """Give what changed since the publication before: figures, and what happened to reports."""
    changes, local = release.changes, local_moment(release)
    figures = [] if changes is None else [_figure_change(release, one) for one in changes.figures]
    reports = [] if changes is None else [_report_change(one) | {"at": local(one.at)} for one in changes.reports]
    rows = [{"no": number, **row} for number, row in enumerate([*figures, *reports], 1)]
    return TidyTable("changes", "Thay đổi so với lần công bố trước", "changes", _CHANGES, ("no",), rows)


def _figure_change(release: Release, one: FigureChange) -> dict[str, Any]:
    return {
        "kind": "figure",
        "scope": one.scope,
        "unit_code": one.unit_code,
        "unit_name": one.unit_name,
        "period_key": release.dataset.period.key,
        "field": one.field,
        "field_name": field_words(release, one.field),
        "source_system": one.source_system,
        "measure": one.measure,
        "before": one.before,
        "after": one.after,
        "difference": one.by,
    }


def _report_change(one: ReportChange) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "unit_code": one.unit_code,
        "unit_name": one.unit_name,
        "period_key": one.period_key,
        "who": one.who,
        "what_vi": one.what_vi,
        "what_en": one.what_en,
    }


_CHANGES = (
    TidyColumn("no", "integer", "Số thứ tự", "running number", is_required=True, minimum=1),
    text_column(
        "kind", "Loại thay đổi", "figure: a figure is another; else what happened", enum=CHANGE_KINDS, is_required=True
    ),
    text_column("scope", "Phạm vi", "what is added up", enum=SCOPES),
    *UNIT,
    MONTH,
    *FIELD,
    text_column("measure", "Chỉ tiêu", "measure"),
    TidyColumn("before", "integer", "Trước", "as published before; blank: not reported"),
    TidyColumn("after", "integer", "Nay", "as published now; blank: not reported"),
    TidyColumn("difference", "integer", "Chênh lệch", "now − before"),
    text_column("who", "Ai", "sender or operator"),
    TidyColumn("at", "datetime", "Lúc", "when"),
    text_column("what_vi", "Nội dung", "what, in Vietnamese"),
    text_column("what_en", "Nội dung, tiếng Anh", "what, in English"),
)
