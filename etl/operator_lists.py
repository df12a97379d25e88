"""What an operator asks for: what to look at first in a period, and the chain of stocks of a unit."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from etl.errors import ConfigError
from etl.installation import Installation, open_installation
from etl.periods import Period
from etl.reference import Reference
from etl.review import compose_review
from etl.settings import Settings
from etl.tell_chain import compose_break_findings
from etl.warehouse.chain import find_chain
from etl.warehouse.history import find_town_history, usual_sizes, weigh_questions
from etl.warehouse.town_inputs import find_findings, read_coverage


def review(settings: Settings, period: str) -> list[dict[str, Any]]:
    """List what is open in a period, the heaviest first. *Shape*: see `etl.review.compose_review`.

    *Raises*: ConfigError where the period's name is none.
    """
    here = open_installation(settings)
    with here.engine.connect() as conn:
        return build_review(conn, here, here.period(period))


def build_review(conn: Connection, here: Installation, period: Period) -> list[dict[str, Any]]:
    """Read what was found in the reports of a period and what follows from the others, and order it."""
    coverage = read_coverage(conn, here.reference, [period], datetime.now(UTC), is_now=True)
    return build_town_review(conn, here.reference, coverage, periods=[period])


def build_town_review(
    conn: Connection, reference: Reference, coverage: pd.DataFrame, *, periods: Sequence[Period]
) -> list[dict[str, Any]]:
    """Order what was found in the reports that a coverage of these periods speaks of, and what follows from the others.

    The past is read and judged once for all periods. *Shape*: see `etl.review.compose_review`; `coverage` as in
    `etl.town_dataset.TownDataset`.
    """
    history = find_town_history(conn, reference, periods)
    questions = weigh_questions(history, reference, periods)
    links = find_chain(conn, period=periods[0].key if len(periods) == 1 else None, breaks_only=True)
    breaks = compose_break_findings(links, reference)
    rows = []
    for period in periods:
        reports = coverage.loc[coverage["period_key"] == period.key, "submission"].dropna().tolist()
        rows += compose_review(
            find_findings(conn, reports, [period]),
            questions=[question for question in questions if question.finding.period == period.key],
            breaks=[broken for broken in breaks if broken.period == period.key],
            sizes=usual_sizes(history, reference, period),
        )
    return sorted(rows, key=lambda row: -int(row["weight"]))


def chain(settings: Settings, unit: str | None = None) -> list[dict[str, Any]]:
    """List the chain of stocks of a unit (code or name) and of all it was made from, or only the breaks of all units.

    *Shape*: the columns of the view `chain`. *Raises*: ConfigError where there never was such a unit.
    """
    here = open_installation(settings)
    codes = {u.code for u in here.reference.units if unit in (u.code, u.name, u.full_name)}
    if unit is not None and len(codes) != 1:
        found = ", ".join(sorted(codes)) or "none"
        raise ConfigError(f"{unit!r} must name one unit of units.csv by its code or name; found: {found}")
    with here.engine.connect() as conn:
        return find_chain(conn, unit=codes.pop() if codes else None, breaks_only=unit is None)
