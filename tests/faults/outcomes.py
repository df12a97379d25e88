"""All that an installation gave, as values that can be compared with those of a quiet run; and what is not whole.

Moments and running numbers differ between two runs that gave the same, so they are left out or masked.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from etl.errors import ConfigError
from etl.figures import Wanted, build_release
from etl.publishing.data_package import file_key
from tests.faults.places import Place

Outcome = Mapping[str, Counter[str]]

TABLES = {
    "submission": "SELECT sha256, name, size_bytes, sent_by, modified_at FROM submission",
    "reading": "SELECT submission, revision, outcome, fingerprint FROM reading",
    "report": """
        SELECT submission, revision, unit.code, unit.valid_from, period_key, edition, verdict, content_sha256
        FROM report JOIN unit USING (unit_no)""",
    "report_row": """
        SELECT report.submission, report.revision, unit.code, report.period_key,
            to_jsonb(report_row) - CAST('report_no' AS text) AS figures
        FROM report_row JOIN report USING (report_no) JOIN unit USING (unit_no)""",
    "finding": "SELECT to_jsonb(finding) - CAST('report_no' AS text) AS finding FROM finding",
    "standing": """
        SELECT DISTINCT ON (unit_no, period_key, submission) unit.code, period_key, submission, stand, cause
        FROM standing JOIN unit USING (unit_no)
        ORDER BY unit_no, period_key, submission, standing_no DESC""",
    "still to be judged again": "SELECT submission, cause FROM rejudgement WHERE done_at IS NULL",
    "publication": "SELECT period_key, number, content, coverage, adjustments, causes, rules, program FROM publication",
    "publication_file": "SELECT period_key, number, name FROM publication_file",
    "mail": """
        SELECT state_key, kind, recipients, copies, subject, body_text, body_html,
            (sent_at IS NOT NULL) AS is_sent, (refused_at IS NOT NULL) AS is_refused
        FROM mail""",
    "mail_attachment": "SELECT state_key, name, media_type FROM mail_attachment JOIN mail USING (mail_no)",
    "mail_message": "SELECT sha256, revision, outcome, doubt, sender_address, unit_code, attachments FROM mail_message",
    "mail_place": "SELECT uid_validity, uid, sha256 FROM mail_place",
}
TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?")
CLOCK = re.compile(r"\b\d\d:\d\d\b")


def read_outcome(place: Place, periods: Sequence[str]) -> Outcome:
    """Read all that an installation holds, told and published; of these periods the dataset itself."""
    with place.engine().connect() as conn:
        outcome = {name: Counter(_rows(conn, statement)) for name, statement in TABLES.items()}
    outcome["inbox"] = Counter(_names(place.inbox))
    outcome["archive"] = Counter(_names(place.settings.archive))
    outcome["published"] = Counter(_names(place.settings.published))
    outcome["delivered"] = Counter({one.message_id for one in place.smtp.delivered})
    outcome["dataset"] = Counter(line for period in periods for line in _dataset(place, period))
    return outcome


def find_differences(quiet: Outcome, other: Outcome) -> list[str]:
    """Name what is lost or doubled beside a quiet run."""
    found = []
    for name, expected in quiet.items():
        found += [f"{name}: lost {line[:600]}" for line in (expected - other[name]).elements()]
        found += [f"{name}: more than quietly {line[:600]}" for line in (other[name] - expected).elements()]
    return found


def find_damage(place: Place) -> list[str]:
    """Name what is half done or contradicts itself in archive, published files and ledgers."""
    with place.engine().connect() as conn:
        return [*_damaged_archive(conn, place.settings.archive), *_damaged_publications(conn, place.settings.published)]


def _damaged_archive(conn: Connection, archive: Path) -> list[str]:
    damaged = [
        f"archive: {path.relative_to(archive)} is not what its name says"
        for path in archive.rglob("*")
        if path.is_file() and (path.name != _sha256(path) or path.parent != archive / path.name[:2])
    ]
    known = conn.execute(text("SELECT archived_as FROM submission UNION SELECT archived_as FROM mail_message"))
    return damaged + [f"archive: lacks {name}" for (name,) in known if not Path(name).is_file()]


def _damaged_publications(conn: Connection, published: Path) -> list[str]:
    ledger = conn.execute(text("SELECT period_key, number, files FROM publication ORDER BY period_key, number")).all()
    kept = conn.execute(text("SELECT period_key, number, name, sha256(content) AS digest FROM publication_file")).all()
    wanted: dict[Path, str] = {}
    for period_key, number, files in ledger:
        folder = published / file_key(period_key)
        for name, digest in files.items():
            wanted[folder / f"no{number}" / name] = digest
            wanted[folder / name] = digest
        for gone in [path for path in wanted if path.parent == folder and path.name not in files]:
            del wanted[gone]
    lying = {path: _sha256(path) for path in published.rglob("*") if path.is_file()}
    named = {(key, number, name, digest) for key, number, files in ledger for name, digest in files.items()}
    held = {(key, number, name, bytes(digest).hex()) for key, number, name, digest in kept}
    return [
        *(f"published: {path.relative_to(published)} differs" for path in wanted if lying.get(path) != wanted[path]),
        *(f"published: {path.relative_to(published)} is in no ledger" for path in lying.keys() - wanted.keys()),
        *(f"ledger: {one} is not among both the names and the bytes" for one in named ^ held),
    ]


def _rows(conn: Connection, statement: str) -> list[str]:
    return [_masked(json.dumps(list(row), ensure_ascii=False, default=str)) for row in conn.execute(text(statement))]


def _dataset(place: Place, period: str) -> list[str]:
    try:
        frame = build_release(place.settings, Wanted(period, period)).dataset.frame
    except ConfigError as error:
        return [f"{period}: {error}"]
    return [f"{period}: {_masked(line)}" for line in frame.to_json(orient="records", lines=True).splitlines()]


def _masked(words: str) -> str:
    """Leave out of a text at what moment it was written."""
    today = datetime.now(UTC).astimezone(TIME_ZONE)
    for day in (today, today - timedelta(days=1), today.astimezone(UTC)):
        words = words.replace(f"{day:%d/%m/%Y}", "today").replace(f"{day:%d/%m}", "today")
    return CLOCK.sub("00:00", MOMENT.sub("then", words))


def _names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
