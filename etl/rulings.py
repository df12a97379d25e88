"""Which report counts, where the operator says so: what waits for a word, and the word."""

from collections.abc import Mapping
from typing import Any

from etl.errors import ConfigError
from etl.installation import open_installation
from etl.judging import ask_operator
from etl.letters.approvals import compose_ruling
from etl.load import ask_for_next, lock_reports
from etl.outbox import queue_mail
from etl.settings import Settings
from etl.standing import Stand
from etl.warehouse.decisions import add_ruling
from etl.warehouse.standings import Restood, Rivals, name_counting, read_rivals, restand
from etl.warehouse.waiting import read_waiting


def find_waiting(settings: Settings) -> list[dict[str, str]]:
    """List the reports that wait for the operator, the oldest first. *Shape*: see `read_waiting`."""
    here = open_installation(settings)
    with here.engine.begin() as conn:
        return read_waiting(conn, here.reference)


def rule_on(
    settings: Settings,
    submission: str,
    unit: str,
    period: str,
    *,
    is_counted: bool,
    author: str,
    reason: str,
    only_waiting: bool = True,
) -> dict[str, str]:
    """Say whether a report counts; tell the ward. `submission`: its sha256, or the first letters of it.

    A report that does not wait (any more) stays as it stands, unless `only_waiting` is False.
    *Raises*: ConfigError where there is no such report.
    """
    here = open_installation(settings)
    of_period = here.period(period)
    of_unit = here.unit(unit, of_period)
    key = (of_unit.code, of_unit.valid_from, of_period.key)
    with here.engine.begin() as conn:
        lock_reports(conn, [key])
        rivals = read_rivals(conn, [key]).get(key, [])
        ruled = _find_rival(rivals, submission)
        if ruled["stand"] != Stand.WAITS and (only_waiting or _is_so(ruled, is_counted=is_counted)):
            return {"outcome": "unchanged", "stand": str(ruled["stand"] or "rejected"), "file": str(ruled["name"])}
        named = {"submission": ruled["submission"], "unit_no": ruled["unit_no"], "period_key": of_period.key}
        made_at = add_ruling(conn, **named, is_counted=is_counted, reason=reason, author=author)
        (restood,) = restand(conn, [key], here.reference, at=made_at)
        ask_for_next(conn, [restood], {key: name_counting(rivals)})
        ask_operator(conn, here)
        queue_mail(
            conn,
            compose_ruling(
                here.reference,
                unit=of_unit,
                period=of_period,
                file_name=ruled["name"],
                submission=ruled["submission"],
                is_counted=is_counted,
                reason=reason,
                author=author,
                ruled_at=made_at,
                had_waited=ruled["stand"] == Stand.WAITS,
                counting=next(((r["name"], r["received_at"]) for r in rivals if _counts(r, restood)), None),
            ),
        )
    return {"outcome": "ruled", "stand": str(restood.stands[ruled["submission"]].stand), "file": str(ruled["name"])}


def _counts(rival: Mapping[str, Any], restood: Restood) -> bool:
    return restood.stands[rival["submission"]].stand is Stand.COUNTS


def _is_so(ruled: Mapping[str, Any], *, is_counted: bool) -> bool:
    return bool(ruled["stand"] == (Stand.COUNTS if is_counted else Stand.SET_ASIDE)) or not ruled["is_accepted"]


def _find_rival(rivals: Rivals, submission: str) -> Mapping[str, Any]:
    found = [rival for rival in rivals if rival["submission"].startswith(submission)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{r['submission'][:12]} {r['name']} ({r['stand'] or 'rejected'})" for r in rivals) or "none"
    raise ConfigError(f"{submission!r} names {len(found)} of the files that report of this unit and period: {listed}")
