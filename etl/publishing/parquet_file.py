"""The figures of a release as one Parquet file that says itself what they are of."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq

from etl.publishing.absences import find_absences
from etl.publishing.release import Release


def compose_parquet(release: Release) -> bytes:
    """Write the figures as Parquet; the schema's metadata says period, publication, and who is missing.

    *Units*: all values of the metadata are text; `units_missing` is a JSON list of code, name, status and months.
    """
    table = pa.Table.from_pandas(release.dataset.frame, preserve_index=False)
    stream = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **_metadata(release)}), stream)
    return stream.getvalue()


def _metadata(release: Release) -> dict[str, str]:
    dataset = release.dataset
    absent = [
        {"unit_code": one.unit_code, "unit_name": one.unit_name, "status": one.status, "months": list(one.months)}
        for one in find_absences(dataset)
    ]
    return {
        "period": dataset.period.key,
        "period_start": str(dataset.period.start),
        "period_end": str(dataset.period.end),
        "number": str(release.number),
        "published_at": release.published_at.astimezone(release.reference.town.time_zone).isoformat(),
        "is_partial": str(bool(dataset.frame["is_partial"].any())).lower(),
        "units_missing": json.dumps(absent, ensure_ascii=False),
    }
