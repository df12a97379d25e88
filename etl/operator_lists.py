"""What an operator asks for: what to look at first in a period, and the chain of stocks of a unit."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from etl.errors import ConfigError
from etl.installation import Installation, open_installation
from etl.periods import Period
from etl.review import compose_review
from etl.settings import Settings
from etl.tell_chain import compose_break_findings
from etl.warehouse.chain import find_chain
from etl.warehouse.history import find_history, usual_sizes, weigh_questions
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
    reference = here.reference
    coverage = read_coverage(conn, reference, [period], datetime.now(UTC), is_now=True)
    past = find_history(conn, [(unit.code, period) for unit in reference.expected_units(period)], reference.form)
    return compose_review(
        find_findings(conn, coverage["submission"].dropna().tolist(), [period]),
        questions=weigh_questions(past, reference, period),
        breaks=compose_break_findings(find_chain(conn, period=period.key, breaks_only=True), reference),
        sizes=usual_sizes(past, reference, period),
    )


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
